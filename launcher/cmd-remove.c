#include "cmd.h"

#include "base-prepare.h"
#include "documents.h"
#include "error.h"
#include "layer-files.h"
#include "menu-entries.h"
#include "place.h"
#include "project.h"
#include "running.h"
#include "tree.h"

#include <errno.h>
#include <glib/gstdio.h>

struct removal {
	struct place place;
	gboolean keep_home;
};

static gboolean find(const struct place *place, GError **error)
{
	const char *const kept[] = {place->config, place->data, place->state};
	for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_file_test(kept[i], G_FILE_TEST_EXISTS))
			return TRUE;
	if (g_file_test(place->system, G_FILE_TEST_EXISTS))
		return error_set(error, "%s is the system's: %s has it, and there is nothing of yours to remove",
			place->name, place->system);
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	return dirs && project_unknown(place->name, dirs, error);
}

static gboolean consent(const struct removal *removal, GError **error)
{
	g_autofree char *home = g_build_filename(removal->place.data, "home", NULL);
	gboolean has_home = !removal->keep_home && g_file_test(home, G_FILE_TEST_EXISTS);
	if (!cmd_interactive())
		return error_set(error, "nobody can be asked here: isolate remove %s --yes", removal->place.name);
	if (has_home ? cmd_ask("Remove the project %s and its home with everything in it, %s?", removal->place.name,
			       home)
		     : cmd_ask("Remove the project %s?", removal->place.name))
		return TRUE;
	return error_set(error, "nothing was removed");
}

/* The configuration goes last: what fails in between can be done again. */
static gboolean remove_all(const struct removal *removal, GError **error)
{
	if (!layer_remove_all(removal->place.data, error) || !base_forget(removal->place.name, error) ||
		(!removal->keep_home && !tree_remove(removal->place.data, error)) ||
		!tree_remove(removal->place.state, error))
		return FALSE;
	if (g_unlink(removal->place.config) < 0 && errno != ENOENT)
		return error_set_errno(error, errno, "cannot remove %s", removal->place.config);
	menu_entries_update(removal->place.name);
	documents_forget(removal->place.name);
	return tree_remove(removal->place.runtime, error);
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
	struct removal removal = {.keep_home = keep_home};
	if (place_init(&removal.place, words[0], error) && find(&removal.place, error)) {
		int lock = running_prevent(words[0], error);
		if (lock >= 0 && (yes || consent(&removal, error)))
			remove_all(&removal, error);
		running_allow(words[0], lock);
	}
	place_finish(&removal.place);
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
