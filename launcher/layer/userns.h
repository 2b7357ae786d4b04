/* A user namespace in which the user's own id and 65535 subordinate ones mean something: what a package manager needs. */
#pragma once

#include <glib.h>

/* Makes this process root of a new one, and of new namespaces of the kinds in flags (CLONE_NEW*). The ids of /etc/subuid and
 * /etc/subgid are mapped around the user's own, which stay what they are. FALSE with an error that says what is missing. */
gboolean userns_enter(int flags, GError **error);
