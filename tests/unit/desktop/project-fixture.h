/* A home of its own for a test, and projects read from text. */
#pragma once

#include "host-app.h"
#include "project.h"

#include <glib.h>
#include <glib/gstdio.h>

static char *home;

static void home_make(void)
{
	home = g_dir_make_tmp("isolate-desktop-XXXXXX", NULL);
	g_assert_nonnull(home);
	g_autofree char *data = g_build_filename(home, "data", NULL), *state = g_build_filename(home, "state", NULL);
	g_autofree char *system = g_build_filename(home, "system", NULL),
			*config = g_build_filename(home, "config", NULL);
	g_setenv("HOME", home, TRUE);
	g_setenv("XDG_DATA_HOME", data, TRUE);
	g_setenv("XDG_STATE_HOME", state, TRUE);
	g_setenv("XDG_CONFIG_HOME", config, TRUE);
	g_setenv("XDG_DATA_DIRS", system, TRUE);
}

static void home_remove(void)
{
	const char *remove[] = {"rm", "-rf", home, NULL};
	g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(home);
}

static void put_text(const char *relative, const char *text)
{
	g_autofree char *path = g_build_filename(home, relative, NULL), *parent = g_path_get_dirname(path);
	g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static struct project *project_of(const char *name, const char *text)
{
	g_autofree char *relative = g_strdup_printf("config/isolate/projects/%s.conf", name);
	put_text(relative, text);
	g_autoptr(GError) error = NULL;
	autodirs struct config_dirs *dirs = config_dirs_new(&error);
	g_assert_no_error(error);
	struct project *project = project_open(name, dirs, &error);
	g_assert_no_error(error);
	return project;
}
