#include "cmd.h"

#include "copy.h"
#include "error.h"
#include "fd.h"
#include "menu-entries.h"
#include "place.h"
#include "running.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>

/* Into a folder that does not count as a home until it is whole. */
static gboolean copy_home(const struct place *from, const struct place *to, GError **error)
{
	autofd source = open(from->data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (source < 0 && errno == ENOENT)
		return TRUE; // it was never started
	if (g_mkdir_with_parents(to->data, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", to->data);
	autofd dest = open(to->data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (source < 0 || dest < 0)
		return error_set_errno(error, errno, "cannot open %s", source < 0 ? from->data : to->data);
	if (faccessat(source, "home", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return TRUE;
	struct copy copy;
	copy_init(&copy);
	gboolean good = copy_entry(&copy, source, "home", dest, "home", FALSE, error);
	if (good)
		copy_report(&copy);
	else
		g_prefix_error(error, "cannot copy the home of %s: ", from->name);
	copy_finish(&copy);
	return good;
}

static gboolean copy_locked(const struct place *from, const struct place *to, GError **error)
{
	int lock = running_prevent(from->name, error);
	if (lock < 0)
		g_prefix_error(error, "its home cannot be copied while something writes in it: ");
	gboolean good = lock >= 0 && copy_home(from, to, error);
	running_allow(from->name, lock);
	return good;
}

/* The configuration comes last: without it, there is no project. */
static gboolean make_clone(const struct place *from, const struct place *to, gboolean home, GError **error)
{
	g_autofree char *content = NULL, *folder = g_path_get_dirname(to->config);
	g_autoptr(GError) cause = NULL;
	gsize length;
	if (!g_file_get_contents(from->config, &content, &length, &cause))
		return error_set(error, "cannot read the configuration of %s: %s", from->name, cause->message);
	if (g_mkdir_with_parents(folder, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", folder);
	int lock = running_prevent(to->name, error);
	gboolean good =
		lock >= 0 && (!home || copy_locked(from, to, error)) && place_write(to->config, content, length, error);
	if (lock >= 0 && !good)
		tree_remove(to->data, NULL);
	running_allow(to->name, lock);
	return good;
}

static int run(int argc, char **argv, GError **error)
{
	gboolean home = FALSE;
	const GOptionEntry options[] = {
		{"home", 0, 0, G_OPTION_ARG_NONE, &home, "copy what is in its home too", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 2, 2, error);
	if (!words || !cmd_check_project(words[1], error))
		return 0;
	autoplace from = {0}, to = {0};
	// A project that is wrong is copied as little as one that is not there.
	if (!place_init(&from, words[0], error) || !place_init(&to, words[1], error) ||
		!place_needs_config(&from, "clone", error) || !place_needs_free(&to, error) ||
		!place_check(words[0], NULL, error) || !make_clone(&from, &to, home, error))
		return 0;
	menu_entries_update(to.name);
	g_print("%s\n", to.config);
	return 0;
}

const struct cmd cmd_clone = {
	.name = "clone",
	.arguments = "NAME NEW [--home]",
	.summary = "Make a project with the configuration of another",
	.details =
		"The new project has a home of its own, empty or, with --home, a copy: for that, NAME must not run.\n"
		"What was approved for NAME is not approved for it: its first start asks.\n"
		"  isolate clone first second --home\n",
	.flags = CMD_PROJECT,
	.run = run,
};
