#include "fixture.h"

#include <glib/gstdio.h>
#include <string.h>

void fixture_init(struct fixture *fixture)
{
	fixture->root = g_dir_make_tmp("isolate-config-XXXXXX", NULL);
	g_assert_nonnull(fixture->root);
	fixture->dirs = g_new0(struct config_dirs, 1);
	fixture->dirs->home = g_strdup("/home/me");
	fixture->dirs->user = g_build_filename(fixture->root, "user", NULL);
	fixture->dirs->system = g_build_filename(fixture->root, "system", NULL);
	fixture->dirs->system_data = g_build_filename(fixture->root, "data", NULL);
}

static void remove_tree(const char *path)
{
	GDir *dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
	const char *name;
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *child = g_build_filename(path, name, NULL);
		remove_tree(child);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

void fixture_finish(struct fixture *fixture)
{
	remove_tree(fixture->root);
	g_free(fixture->root);
	config_dirs_free(fixture->dirs);
}

void fixture_write(const struct fixture *fixture, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(fixture->root, name, NULL);
	g_autofree char *folder = g_path_get_dirname(path);
	g_assert_no_errno(g_mkdir_with_parents(folder, 0700));
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

struct project *fixture_load(const struct fixture *fixture)
{
	GError *error = NULL;
	struct project *project = project_load("first", fixture->dirs, &error);
	g_assert_no_error(error);
	return project;
}

char *fixture_error(const struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	struct project *project = project_load("first", fixture->dirs, &error);
	g_assert_null(project);
	g_assert_nonnull(error);
	g_auto(GStrv) parts = g_strsplit(error->message, fixture->root, -1);
	return g_strjoinv("@", parts);
}

char *fixture_values(const struct project *project, enum config_key key)
{
	GString *out = g_string_new(NULL);
	const GPtrArray *items = project_items(project, key);
	for (guint i = 0; i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		g_string_append_printf(out, "%s%s", i > 0 ? " " : "", item->value);
	}
	return g_string_free(out, FALSE);
}
