/* lock.conf is the last word. */
#include "fixture.h"

#include <string.h>

static void test_wins(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "system/lock.conf",
		"[Display]\nClipboard=private\n[Files]\nShare=/allowed\n[Environment]\nLOCKED=system\n[App "
		"x]\nExec=safe\n");
	fixture_write(&fixture, "user/traits/a.conf", "[Display]\nClipboard=allow\n");
	fixture_write(&fixture, "user/projects/first.conf",
		"[Project]\nTraits=a\n[Display]\nClipboard=allow\nPrimary=deny\n[Files]\nShare=/mine\n"
		"[Environment]\nLOCKED=mine\nOTHER=mine\n[App x]\nExec=evil\nName=Mine\n");
	autoproject struct project *project = fixture_load(&fixture);
	g_assert_cmpstr(project_text(project, CONFIG_CLIPBOARD), ==, "private");
	g_autofree char *origin = g_strconcat(fixture.dirs->system, "/lock.conf:2: [Display] Clipboard", NULL);
	g_assert_cmpstr(project_origin(project, CONFIG_CLIPBOARD), ==, origin);
	g_assert_cmpstr(project_text(project, CONFIG_PRIMARY), ==, "deny");
	g_autofree char *shares = fixture_values(project, CONFIG_SHARE);
	g_assert_cmpstr(shares, ==, "/allowed");
	g_assert_cmpuint(project->environment->len, ==, 2);
	g_assert_cmpstr(((struct config_variable *)project->environment->pdata[0])->value, ==, "system");
	g_assert_cmpstr(project_app(project, "x")->exec[0], ==, "safe");
	g_assert_cmpstr(project_app(project, "x")->title, ==, "Mine");
	fixture_finish(&fixture);
}

static void test_empty_list(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "system/lock.conf", "[Environment]\nPass=\n[Files]\nShare=\n");
	fixture_write(&fixture, "user/projects/first.conf", "[Environment]\nPass=SECRET\n[Files]\nShare=/x\n");
	autoproject struct project *project = fixture_load(&fixture);
	g_assert_cmpuint(project_items(project, CONFIG_PASS)->len, ==, 0);
	g_assert_cmpuint(project_items(project, CONFIG_SHARE)->len, ==, 0);
	fixture_finish(&fixture);
}

static void test_gate(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "system/lock.conf", "[Project]\nGate=changed\n");
	fixture_write(&fixture, "user/projects/first.conf", "[Project]\nGate=never\n");
	g_autofree char *said = fixture_error(&fixture);
	g_assert_cmpstr(said, ==,
		"@/user/projects/first.conf:2: [Project] Gate=never: forbidden by @/system/lock.conf:2: [Project] "
		"Gate=changed");
	fixture_write(&fixture, "user/projects/first.conf", "[Project]\nGate=always\n");
	autoproject struct project *project = fixture_load(&fixture);
	g_assert_cmpstr(project_text(project, CONFIG_GATE), ==, "changed");
	fixture_finish(&fixture);
}

static void test_wrong_lock_fails_closed(void)
{
	static const struct {
		const char *lock, *said;
	} cases[] = {
		{"[Project]\nTraits=a\n",  "@/system/lock.conf:2: [Project] Traits=a: a lock holds keys, not traits"	   },
		{"[Project]\nGate=nevr\n", "@/system/lock.conf:2: [Project] Gate=nevr: unknown value \"nevr\": did you "
					   "mean \"never\"? It is one of: "
					   "changed, always, never"		   },
		{"nonsense\n",	       "@/system/lock.conf:1: \"nonsense\" is neither [Group], Key=value nor a # comment"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fixture fixture;
		fixture_init(&fixture);
		fixture_write(&fixture, "system/lock.conf", cases[i].lock);
		fixture_write(&fixture, "user/projects/first.conf", "");
		g_autofree char *said = fixture_error(&fixture);
		g_assert_cmpstr(said, ==, cases[i].said);
		fixture_finish(&fixture);
	}
}

/* What is changed while a container runs is locked by the same file. */
static void test_unlocked(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_assert_true(project_unlocked(fixture.dirs, CONFIG_FULLSCREEN, NULL));
	fixture_write(&fixture, "system/lock.conf", "[Display]\nFullscreen=deny\nAllowGlobals=\n");
	g_assert_true(project_unlocked(fixture.dirs, CONFIG_POINTER_LOCK, NULL));
	g_autoptr(GError) locked = NULL, wrong = NULL;
	g_assert_false(project_unlocked(fixture.dirs, CONFIG_FULLSCREEN, &locked));
	g_assert_nonnull(strstr(locked->message, "system/lock.conf:2: [Display] Fullscreen: "));
	g_assert_false(project_unlocked(fixture.dirs, CONFIG_ALLOW_GLOBALS, NULL));
	fixture_write(&fixture, "system/lock.conf", "nonsense\n");
	g_assert_false(project_unlocked(fixture.dirs, CONFIG_POINTER_LOCK, &wrong));
	g_assert_nonnull(wrong);
	fixture_finish(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/lock/wins", test_wins);
	g_test_add_func("/config/lock/empty", test_empty_list);
	g_test_add_func("/config/lock/gate", test_gate);
	g_test_add_func("/config/lock/unlocked", test_unlocked);
	g_test_add_func("/config/lock/wrong", test_wrong_lock_fails_closed);
	return g_test_run();
}
