#include "cmd.h"

#include "copy.h"
#include "error.h"
#include "fd.h"
#include "layer-files.h"
#include "log.h"
#include "menu-entries.h"
#include "place.h"
#include "plan.h"
#include "running.h"
#include "tree.h"
#include "usage.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>

/* What is copied beside the configuration. */
struct parts {
	gboolean home, layer;
};

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

static char *layer_of(const struct place *place)
{
	g_autofree char *path = g_build_filename(place->data, PLAN_LAYER_DIR, NULL);
	return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

static gboolean copy_layer(const struct place *from, const struct place *to, GError **error)
{
	g_autofree char *layer = layer_of(from), *away = g_build_filename(to->data, LAYER_AWAY, NULL);
	g_autofree char *copy = g_build_filename(to->data, PLAN_LAYER_DIR, NULL);
	struct usage usage;
	if (!layer) {
		g_printerr("isolate: %s has no layer yet\n", from->name);
		return TRUE;
	}
	if (cmd_interactive() && usage_count(layer, &usage)) {
		g_autofree char *size = g_format_size_full(usage.bytes, G_FORMAT_SIZE_IEC_UNITS);
		log_info("copying the layer of %s, %s%s", from->name, usage.whole ? "" : "over ", size);
	}
	if (g_mkdir_with_parents(to->data, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", to->data);
	if (!layer_copy(layer, away, error))
		return FALSE;
	return rename(away, copy) == 0 || error_set_errno(error, errno, "cannot move %s", away);
}

static gboolean copy_locked(const struct place *from, const struct place *to, struct parts parts, GError **error)
{
	int lock = running_prevent(from->name, error);
	if (lock < 0)
		g_prefix_error(
			error, "its %s cannot be copied while something writes in it: ", parts.home ? "home" : "layer");
	gboolean good = lock >= 0 && (!parts.home || copy_home(from, to, error)) &&
			(!parts.layer || copy_layer(from, to, error));
	running_allow(from->name, lock);
	return good;
}

/* The configuration comes last: without it, there is no project. */
static gboolean make_clone(const struct place *from, const struct place *to, struct parts parts, GError **error)
{
	g_autofree char *content = NULL, *folder = g_path_get_dirname(to->config);
	g_autoptr(GError) cause = NULL;
	gsize length;
	if (!g_file_get_contents(from->config, &content, &length, &cause))
		return error_set(error, "cannot read the configuration of %s: %s", from->name, cause->message);
	if (g_mkdir_with_parents(folder, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", folder);
	int lock = running_prevent(to->name, error);
	gboolean good = lock >= 0 && ((!parts.home && !parts.layer) || copy_locked(from, to, parts, error)) &&
			place_write(to->config, content, length, error);
	if (lock >= 0 && !good && layer_remove_all(to->data, NULL))
		tree_remove(to->data, NULL);
	running_allow(to->name, lock);
	return good;
}

static int run(int argc, char **argv, GError **error)
{
	struct parts parts = {FALSE, FALSE};
	const GOptionEntry options[] = {
		{"home",	 0, 0, G_OPTION_ARG_NONE, &parts.home, "copy what is in its home too", NULL},
		{"layer",		  0, 0, G_OPTION_ARG_NONE, &parts.layer, "copy what was changed of its system too", NULL},
		{NULL},
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 2, 2, error);
	if (!words || !cmd_check_project(words[1], error))
		return 0;
	autoplace from = {0}, to = {0};
	// A project that is wrong is copied as little as one that is not there.
	if (!place_init(&from, words[0], error) || !place_init(&to, words[1], error) ||
		!place_needs_config(&from, "clone", error) || !place_needs_free(&to, error) ||
		!place_check(words[0], NULL, error) || !make_clone(&from, &to, parts, error))
		return 0;
	g_autofree char *layer = parts.layer ? NULL : layer_of(&from);
	if (layer)
		g_printerr("isolate: what was installed in %s is not in %s: isolate clone --layer copies it\n",
			from.name, to.name);
	menu_entries_update(to.name);
	g_print("%s\n", to.config);
	return 0;
}

const struct cmd cmd_clone = {
	.name = "clone",
	.arguments = "NAME NEW [--home] [--layer]",
	.summary = "Make a project with the configuration of another",
	.details = "The new project has a home of its own, empty or, with --home, a copy; with --layer, also what was "
		   "installed\n"
		   "in NAME, under Layer=persistent, is copied. For either, NAME must not run.\n"
		   "What was approved for NAME is not approved for it: its first start asks.\n"
		   "  isolate clone first second --home\n",
	.flags = CMD_PROJECT,
	.run = run,
};
