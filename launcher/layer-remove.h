/* A project's layer, whose files belong to subordinate ids of the user: only a namespace with the same ones can remove them. */
#pragma once

#include <glib.h>

/* Removes the layer of a project, which must not run; there need not be one. Follows no link. */
gboolean layer_remove(const char *project, GError **error);
