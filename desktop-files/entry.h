/* The menu entry of one application of a project, as text. Nothing in it comes from inside a container, and what a menu
 * runs is isolate with names that were checked. */
#pragma once

#include "project.h"

#include <glib.h>

/* "isolate.<project>.<app>", which is the application's app_id on the compositor too. */
char *desktop_entry_id(const char *project, const char *app);

/* The name of its file. */
char *desktop_entry_file(const char *project, const char *app);

/* The sealed content. command is isolate's absolute path. NULL with an error when that cannot stand in an Exec key. */
char *desktop_entry(const struct project *project, const struct config_app *app, const char *command, GError **error);
