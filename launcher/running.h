/* Whether a project's container runs, found out without its help. */
#pragma once

#include <glib.h>

/* TRUE when a session listens on the project's control socket. */
gboolean running_now(const char *project);

/* Keeps any session of this project from starting, until the descriptor is closed. -1 with an error when one runs, or when
 * the lock cannot be had. */
int running_prevent(const char *project, GError **error);
