/* Git=guard: the private git directory that a container writes in place of the host's. The host's git never runs on it; it is
 * made from the host's before any container can write there, and read back over a pipe by cmd-git.c. */
#pragma once

#include "plan.h"

#include <glib.h>

/* Makes the folder of an operation with PLAN_GIT_GUARD, whole or not at all, where there is none yet: the references, index
 * and harmless settings of the git directory that data names, and its objects by reference to PLAN_GIT_DIR. */
gboolean guard_make(const struct plan_op *op, GError **error);

/* The path of the host's git directory; free it. */
char *guard_original(const struct plan_op *op);

/* Runs the host's git so that no hook, monitor or setting of the user's is obeyed. words end with NULL. out: what it printed,
 * or NULL. FALSE with an error that has the end of what it said, made safe. */
gboolean guard_run_git(const char *const *words, char **env, char **out, GError **error);

/* PATH and the rest of an environment in which git finds no settings but a repository's own; env is what else it has, or
 * NULL. Free it with g_strfreev(). */
char **guard_environment(char **env);
