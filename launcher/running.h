/* Whether a project's container runs, found out without its help. */
#pragma once

#include <glib.h>

/* TRUE when a session listens on the project's control socket. */
gboolean running_now(const char *project);

/* The names of all projects that run, sorted; free it with g_ptr_array_unref(). */
GPtrArray *running_all(void);

/* Keeps any session of this project from starting, until the descriptor is closed. -1 with an error when one runs, or when
 * the lock cannot be had. */
int running_prevent(const char *project, GError **error);

/* Closes it, if it is one, and removes what running_prevent() made. */
void running_allow(const char *project, int lock);
