#include "cmd.h"

#include "error.h"
#include "fd.h"
#include "menu-entries.h"
#include "project.h"
#include "running.h"
#include "tree.h"
#include "xdg.h"

#include <errno.h>
#include <glib/gstdio.h>

struct removal {
	const char *name;
	char *config, *data, *state, *runtime;
	gboolean keep_home;
};

static gboolean find(struct removal *removal, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	if (!dirs)
		return FALSE;
	g_autofree char *file = g_strconcat(removal->name, ".conf", NULL);
	g_autofree char *system = g_build_filename(dirs->system, "projects", file, NULL);
	removal->config = g_build_filename(dirs->user, "projects", file, NULL);
	removal->data = xdg_path(XDG_DATA, NULL, removal->name, NULL);
	removal->state = xdg_path(XDG_STATE, NULL, removal->name, NULL);
	removal->runtime = xdg_path(XDG_RUNTIME, error, removal->name, NULL);
	if (!removal->runtime)
		return FALSE;
	if (g_file_test(removal->config, G_FILE_TEST_EXISTS) || g_file_test(removal->data, G_FILE_TEST_EXISTS) ||
		g_file_test(removal->state, G_FILE_TEST_EXISTS))
		return TRUE;
	if (g_file_test(system, G_FILE_TEST_EXISTS))
		return error_set(error, "%s is the system's: %s has it, and there is nothing of yours to remove",
			removal->name, system);
	return project_unknown(removal->name, dirs, error);
}

static void finish(struct removal *removal)
{
	g_free(removal->config);
	g_free(removal->data);
	g_free(removal->state);
	g_free(removal->runtime);
}

static gboolean consent(const struct removal *removal, GError **error)
{
	g_autofree char *home = g_build_filename(removal->data, "home", NULL);
	gboolean has_home = !removal->keep_home && g_file_test(home, G_FILE_TEST_EXISTS);
	if (!cmd_interactive())
		return error_set(error, "nobody can be asked here: isolate remove %s --yes", removal->name);
	if (has_home ? cmd_ask("Remove the project %s and its home with everything in it, %s?", removal->name, home)
		     : cmd_ask("Remove the project %s?", removal->name))
		return TRUE;
	return error_set(error, "nothing was removed");
}

/* The configuration goes last: what fails in between can be done again. */
static gboolean remove_all(const struct removal *removal, GError **error)
{
	if ((!removal->keep_home && !tree_remove(removal->data, error)) || !tree_remove(removal->state, error))
		return FALSE;
	if (g_unlink(removal->config) < 0 && errno != ENOENT)
		return error_set_errno(error, errno, "cannot remove %s", removal->config);
	menu_entries_update(removal->name);
	return tree_remove(removal->runtime, error);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean yes = FALSE, keep_home = FALSE;
	const GOptionEntry options[] = {
		{"keep-home", 0, 0, G_OPTION_ARG_NONE, &keep_home, "leave the home for a project of this name later",
			NULL},
		{"yes",		'y', 0, G_OPTION_ARG_NONE, &yes, "do not ask", NULL},
		{NULL},
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	if (!words)
		return 0;
	struct removal removal = {.name = words[0], .keep_home = keep_home};
	if (find(&removal, error)) {
		autofd lock = running_prevent(removal.name, error);
		if (lock >= 0 && (yes || consent(&removal, error)))
			remove_all(&removal, error);
	}
	finish(&removal);
	return 0;
}

const struct cmd cmd_remove = {
	.name = "remove",
	.arguments = "NAME [--keep-home] [--yes]",
	.summary = "Remove a project: its configuration, approvals and home",
	.details = "Folders that it shared are yours and stay as they are.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
