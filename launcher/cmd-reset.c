#include "cmd.h"

#include "error.h"
#include "layer-files.h"
#include "place.h"
#include "plan.h"
#include "project.h"
#include "running.h"
#include "text.h"
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Moved away first: interrupted, what is left is no half of a home, but rubbish that the next reset takes along. */
static gboolean reset(const struct place *place, const char *part, gboolean *was_there, GError **error)
{
	g_autofree char *path = g_build_filename(place->data, part, NULL);
	gboolean layer = strcmp(part, PLAN_LAYER_DIR) == 0;
	gboolean (*remove_all)(const char *, GError **) = layer ? layer_remove : tree_remove;
	g_autofree char *away = layer ? g_build_filename(place->data, LAYER_AWAY, NULL)
				      : g_strdup_printf("%s/.%s.reset", place->data, part);
	if (!remove_all(away, error))
		return FALSE;
	*was_there = rename(path, away) == 0;
	if (!*was_there)
		return errno == ENOENT || error_set_errno(error, errno, "cannot move %s", path);
	return remove_all(away, error);
}

static gboolean consent(const struct place *place, const char *part, GError **error)
{
	g_autofree char *path = g_build_filename(place->data, part, NULL);
	if (!cmd_interactive())
		return error_set(error, "nobody can be asked here: isolate reset %s %s --yes", place->name, part);
	if (cmd_ask("Remove everything in the %s of %s, %s?", part, place->name, path))
		return TRUE;
	return error_set(error, "nothing was removed");
}

static int run(int argc, char **argv, GError **error)
{
	gboolean yes = FALSE, was_there = FALSE;
	const GOptionEntry options[] = {
		{"yes", 'y', 0, G_OPTION_ARG_NONE, &yes, "do not ask", NULL},
		{NULL   },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 2, 2, error);
	if (!words)
		return 0;
	if (strcmp(words[1], "home") != 0 && strcmp(words[1], "layer") != 0 && strcmp(words[1], "git") != 0) {
		g_autofree char *shown = text_dup_sanitized(words[1], 64);
		error_set(error, "\"%s\" cannot be reset: isolate reset %s home|layer|git", shown, words[0]);
		return 0;
	}
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	autoplace place = {0};
	if (!dirs || !place_init(&place, words[0], error) ||
		(!project_exists(words[0], dirs) && !project_unknown(words[0], dirs, error)))
		return 0;
	int lock = running_prevent(words[0], error);
	if (lock >= 0 && (yes || consent(&place, words[1], error)) && reset(&place, words[1], &was_there, error) &&
		!was_there)
		g_printerr("isolate: %s has no %s yet\n", words[0], words[1]);
	running_allow(words[0], lock);
	return 0;
}

const struct cmd cmd_reset = {
	.name = "reset",
	.arguments = "NAME home|layer|git [--yes]",
	.summary = "Empty the home of a project, or take back what it changed of its system or of git",
	.details = "Asks first. The next start makes a new one. git is what it committed under Git=guard: fetch first "
		   "what you "
		   "want\n"
		   "of it. Configuration, approvals and shared folders stay.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
