/* Defaults, system, traits, project: what wins, what is added, who is named as having said so. */
#include "fixture.h"

#include <string.h>

static void assert_values(const struct project *project, enum config_key key, const char *values)
{
	g_autofree char *got = fixture_values(project, key);
	g_assert_cmpstr(got, ==, values);
}

static void test_defaults(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "user/projects/first.conf", "# nothing\n\n");
	autoproject struct project *project = fixture_load(&fixture);
	g_assert_cmpstr(project->name, ==, "first");
	for (int i = 0; i < CONFIG_N_KEYS; i++) {
		g_assert_cmpstr(project_origin(project, (enum config_key)i), ==, "default");
		if (config_row((enum config_key)i)->type == CONFIG_CHOICE)
			project_choice(project, (enum config_key)i);
	}
	g_assert_cmpstr(project_text(project, CONFIG_CLIPBOARD), ==, "guarded");
	g_assert_cmpstr(project_text(project, CONFIG_NETWORK_MODE), ==, "internet");
	g_assert_cmpstr(project_text(project, CONFIG_GPU), ==, "none");
	g_assert_cmpint(project_duration(project, CONFIG_LINGER), ==, 30000);
	g_assert_true(project_flag(project, CONFIG_WAYLAND));
	g_assert_cmpint(project_choice(project, CONFIG_GATE), ==, 0);
	assert_values(project, CONFIG_SHARE, "");
	fixture_finish(&fixture);
}

static void test_order(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(
		&fixture, "system/projects/first.conf", "[Files]\nShare=/s\n[Display]\nClipboard=deny\nPrimary=deny\n");
	fixture_write(
		&fixture, "user/traits/a.conf", "[Files]\nShare=/a\n[Display]\nClipboard=deny\nFullscreen=deny\n");
	fixture_write(&fixture, "system/traits/b.conf",
		"[Project]\nTraits=c\n[Files]\nShare=/b\n[Display]\nClipboard=allow\n");
	fixture_write(
		&fixture, "data/traits/c.conf", "[Files]\nShare=/c\n[Display]\nClipboard=private\nPrimary=allow\n");
	fixture_write(&fixture, "user/projects/first.conf",
		"[Files]\nShare = /p ; ~/q/ ;\n[Project]\nTraits=a;b\n[Display]\nFullscreen=allow\n");
	autoproject struct project *project = fixture_load(&fixture);
	assert_values(project, CONFIG_SHARE, "/s /a /c /b /p /home/me/q");
	assert_values(project, CONFIG_TRAITS, "c a b");
	g_assert_cmpstr(project_text(project, CONFIG_CLIPBOARD), ==, "allow");
	g_assert_cmpstr(project_text(project, CONFIG_PRIMARY), ==, "allow");
	g_assert_cmpstr(project_text(project, CONFIG_FULLSCREEN), ==, "allow");
	g_autofree char *origin = g_strconcat(fixture.dirs->system, "/traits/b.conf:6: [Display] Clipboard", NULL);
	g_assert_cmpstr(project_origin(project, CONFIG_CLIPBOARD), ==, origin);
	g_assert_cmpuint(project->files->len, ==, 5);
	fixture_finish(&fixture);
}

static void test_trait_of_user_wins_and_counts_once(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "user/traits/a.conf", "[Files]\nShare=/user\n");
	fixture_write(&fixture, "system/traits/a.conf", "[Files]\nShare=/system\n");
	fixture_write(&fixture, "user/traits/b.conf", "[Project]\nTraits=a\n");
	fixture_write(&fixture, "user/projects/first.conf", "[Project]\nTraits=a;b;a\n");
	autoproject struct project *project = fixture_load(&fixture);
	assert_values(project, CONFIG_SHARE, "/user");
	fixture_finish(&fixture);
}

static void test_reset(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "user/traits/a.conf",
		"[Files]\nShare=/a\n[Display]\nClipboard=deny\n[Environment]\nA=1\nB=2\nPass=X\n[App x]\nExec=y "
		"z\nName=N\n");
	fixture_write(&fixture, "user/projects/first.conf",
		"[Project]\nTraits=a\n[Files]\nShare=\n[Display]\nClipboard=\n[Environment]\nA=\nPass=\n[App "
		"x]\nExec=\nName=\n");
	autoproject struct project *project = fixture_load(&fixture);
	assert_values(project, CONFIG_SHARE, "");
	assert_values(project, CONFIG_PASS, "");
	g_assert_cmpstr(project_text(project, CONFIG_CLIPBOARD), ==, "guarded");
	g_assert_cmpuint(project->environment->len, ==, 1);
	g_assert_cmpstr(((struct config_variable *)project->environment->pdata[0])->name, ==, "B");
	const struct config_app *app = project_app(project, "x");
	g_assert_cmpstr(app->exec[0], ==, "x");
	g_assert_null(app->exec[1]);
	g_assert_null(app->title);
	fixture_finish(&fixture);
}

static void test_apps_and_environment(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(
		&fixture, "user/traits/a.conf", "[App idea]\nExec=idea.sh 'a b' %F\nIcon=i\n[App b]\nTerminal=yes\n");
	fixture_write(&fixture, "user/projects/first.conf",
		"[Project]\nTraits=a\n[Environment]\nZ=last\nJ=-Xmx2g; \\\\x=y%\n[App "
		"idea]\nWindowClass=jetbrains-idea\nName=IDEA\n");
	autoproject struct project *project = fixture_load(&fixture);
	g_assert_cmpuint(project->apps->len, ==, 2);
	const struct config_app *idea = project_app(project, "idea");
	g_assert_cmpstr(idea->exec[0], ==, "idea.sh");
	g_assert_cmpstr(idea->exec[1], ==, "a b");
	g_assert_null(idea->exec[2]);
	g_assert_cmpstr(idea->files, ==, "%F");
	g_assert_cmpstr(idea->icon, ==, "i");
	g_assert_cmpstr(idea->window_class, ==, "jetbrains-idea");
	g_assert_cmpstr(idea->title, ==, "IDEA");
	g_assert_false(idea->terminal);
	g_assert_true(project_app(project, "b")->terminal);
	const struct config_variable *first = project->environment->pdata[0];
	g_assert_cmpstr(first->name, ==, "J");
	g_assert_cmpstr(first->value, ==, "-Xmx2g; \\x=y%");
	fixture_finish(&fixture);
}

static void test_names(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_autoptr(GPtrArray) none = project_names(fixture.dirs, NULL);
	g_assert_cmpuint(none->len, ==, 0);
	const char *const files[] = {"user/projects/b.conf", "user/projects/a.conf", "system/projects/c.conf",
		"system/projects/a.conf", "user/projects/Bad.conf", "user/projects/x.conf~", "user/projects/y"};
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		fixture_write(&fixture, files[i], "");
	g_autoptr(GPtrArray) names = project_names(fixture.dirs, NULL);
	g_ptr_array_add(names, NULL);
	g_autofree char *joined = g_strjoinv(" ", (char **)names->pdata);
	g_assert_cmpstr(joined, ==, "a b c");
	g_assert_true(project_exists("c", fixture.dirs));
	g_assert_false(project_exists("d", fixture.dirs));
	g_assert_false(project_exists("../projects/a", fixture.dirs));
	fixture_finish(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/layers/defaults", test_defaults);
	g_test_add_func("/config/layers/order", test_order);
	g_test_add_func("/config/layers/once", test_trait_of_user_wins_and_counts_once);
	g_test_add_func("/config/layers/reset", test_reset);
	g_test_add_func("/config/layers/apps", test_apps_and_environment);
	g_test_add_func("/config/layers/names", test_names);
	return g_test_run();
}
