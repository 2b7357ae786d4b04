/* Base directories: an absolute one is taken, a relative or empty one is ignored. */
#include "xdg.h"

#include <string.h>

static void test_places(void)
{
	static const struct {
		enum xdg_place place;
		const char *expected;
	} rows[] = {
		{XDG_CONFIG, "/base/config/isolate/projects"	    },
		{XDG_DATA,   "/home/me/.local/share/isolate/projects"},
		{XDG_STATE,  "/home/me/.local/state/isolate/projects"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = xdg_path(rows[i].place, NULL, "projects", NULL);
		g_assert_cmpstr(path, ==, rows[i].expected);
	}
}

static void test_runtime(void)
{
	static const char *const wrong[] = {NULL, "", "run", "./run"};
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		if (wrong[i])
			g_setenv("XDG_RUNTIME_DIR", wrong[i], TRUE);
		else
			g_unsetenv("XDG_RUNTIME_DIR");
		g_assert_null(xdg_path(XDG_RUNTIME, &error, NULL));
		g_assert_nonnull(error);
	}
	g_setenv("XDG_RUNTIME_DIR", "/run/user/1000", TRUE);
	g_autofree char *path = xdg_path(XDG_RUNTIME, NULL, "first", "control", NULL);
	g_assert_cmpstr(path, ==, "/run/user/1000/isolate/first/control");
}

int main(int argc, char **argv)
{
	g_setenv("HOME", "/home/me", TRUE);
	g_setenv("XDG_CONFIG_HOME", "/base/config", TRUE);
	g_setenv("XDG_DATA_HOME", "relative", TRUE);
	g_setenv("XDG_STATE_HOME", "", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/xdg/places", test_places);
	g_test_add_func("/xdg/runtime", test_runtime);
	return g_test_run();
}
