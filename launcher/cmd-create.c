#include "cmd.h"

#include "error.h"
#include "fd.h"
#include "menu-entries.h"
#include "place.h"
#include "project.h"
#include "text.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

/* A folder of the command line as the configuration has it: absolute, below ~ where it is in the home. */
static char *share_value(const char *dir, const char *home, GError **error)
{
	g_autofree char *path = g_canonicalize_filename(dir, NULL);
	g_autofree char *shown = text_dup_sanitized(dir, 200);
	if (!g_utf8_validate(path, -1, NULL)) {
		error_set(error, "--share %s: its name is not UTF-8", shown);
		return NULL;
	}
	if (strstr(path, ":/") || strstr(path, ":~")) {
		error_set(error, "--share %s: a path with \":/\" in it would be read as PATH:DEST", shown);
		return NULL;
	}
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		error_set(error, "--share %s: there is no such file or folder; mkdir -p %s makes one", shown, shown);
		return NULL;
	}
	size_t length = strlen(home);
	if (strncmp(path, home, length) == 0 && path[length] == '/')
		return g_strconcat("~", path + length, NULL);
	return g_steal_pointer(&path);
}

/* What create was asked for; texts are NULL where it was not. */
struct wishes {
	char **shares, **traits;
	char *base, *layer;
};

static void wishes_finish(struct wishes *wishes)
{
	g_strfreev(wishes->shares);
	g_strfreev(wishes->traits);
	g_free(wishes->base);
	g_free(wishes->layer);
}

static char *make_content(const struct wishes *wishes, const char *home, GError **error)
{
	char **traits = wishes->traits;
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	for (char **share = wishes->shares; share && *share; share++) {
		char *value = share_value(*share, home, error);
		if (!value)
			return NULL;
		g_ptr_array_add(values, value);
	}
	if (traits)
		g_key_file_set_string_list(
			file, "Project", "Traits", (const char *const *)traits, g_strv_length(traits));
	if (wishes->base)
		g_key_file_set_string(file, "Root", "Base", wishes->base);
	if (wishes->layer)
		g_key_file_set_string(file, "Root", "Layer", wishes->layer);
	if (values->len > 0)
		g_key_file_set_string_list(file, "Files", "Share", (const char *const *)values->pdata, values->len);
	g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
	return g_strconcat("# isolate.conf(5) lists the keys; isolate explain says what they allow.\n", text, NULL);
}

static gboolean write_new(const char *path, const char *content, GError **error)
{
	autofd fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return error_set(error, "there is a project in %s already", path);
	if (fd < 0 || fd_write_all(fd, content, strlen(content)) < 0) {
		error_set_errno(error, errno, "cannot write %s", path);
		if (fd >= 0)
			g_unlink(path);
		return FALSE;
	}
	return TRUE;
}

static int create(const char *name, const struct wishes *wishes, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	if (!dirs)
		return 0;
	if (project_exists(name, dirs)) {
		error_set(error, "there is a project %s already: isolate explain %s", name, name);
		return 0;
	}
	g_autofree char *content = make_content(wishes, dirs->home, error);
	g_autofree char *folder = content ? xdg_make_dir(XDG_CONFIG, error, "projects", NULL) : NULL;
	if (!folder)
		return 0;
	g_autofree char *file = g_strconcat(name, ".conf", NULL);
	g_autofree char *path = g_build_filename(folder, file, NULL);
	if (!write_new(path, content, error))
		return 0;
	if (!place_check(name, NULL, error)) {
		g_prefix_error(error, "%s was not made: ", name);
		g_unlink(path);
		return 0;
	}
	g_autofree char *home = xdg_path(XDG_DATA, NULL, name, "home", NULL);
	if (g_file_test(home, G_FILE_TEST_IS_DIR))
		g_printerr("isolate: it has the home that an earlier project %s left in %s\n", name, home);
	menu_entries_update(name);
	g_print("%s\n", path);
	if (cmd_interactive())
		g_printerr("isolate: to use it: isolate APP --project %s; what it may reach: isolate explain %s\n",
			name, name);
	return 0;
}

static int run(int argc, char **argv, GError **error)
{
	__attribute__((cleanup(wishes_finish))) struct wishes wishes = {0};
	const GOptionEntry options[] = {
		{"share",	  0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wishes.shares, "a folder that it may read and change",
			"DIR"},
		{"trait",		  0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wishes.traits, "a reusable piece of configuration",
			"TRAIT"},
		{"base", 0, 0, G_OPTION_ARG_FILENAME, &wishes.base,
			"the system that it is made of: [Root] Base=", "BASE"},
		{"layer",		  0, 0, G_OPTION_ARG_FILENAME, &wishes.layer,
			"whether that can be changed: [Root] Layer=", "LAYER"},
		{NULL	     },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	return words ? create(words[0], &wishes, error) : 0;
}

const struct cmd cmd_create = {
	.name = "create",
	.arguments = "NAME [--share DIR]... [--trait TRAIT]... [--base BASE] [--layer LAYER]",
	.summary = "Make a project",
	.details = "Writes ~/.config/isolate/projects/NAME.conf and prints its path. Nothing is started; the home is "
		   "made when the\n"
		   "container first is.\n"
		   "Traits that come with isolate: dev, jvm, go, node, rust, python, agent, browser, electron.\n"
		   "  isolate create first --share ~/Projects/first --trait dev --trait node\n",
	.flags = CMD_PROJECT,
	.run = run,
};
