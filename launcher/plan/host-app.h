/* Apps=: applications that the host's menu has become applications of a project, as if it had an [App] for each. What they
 * run is found in the container, which on Base=host sees the same programs. */
#pragma once

#include "project.h"

#include <glib.h>

/* project_load(), and what Apps= names. An [App] of the same name goes first; an entry that this host has not is left out,
 * since the same list serves several machines: host_app_missing() tells. */
struct project *project_open(const char *name, const struct config_dirs *dirs, GError **error);

/* The ids in Apps= that are no applications of the project; the strings stay its own. */
GPtrArray *host_app_missing(const struct project *project);

/* The value of an Exec key as argv, without field codes; *files is the one that stands for files or addresses, static, or
 * NULL. name is what %c stands for. NULL when nothing is left or it is malformed. */
char **host_app_argv(const char *exec, const char *name, const char **files);
