/* Fonts, icons and themes of the user's home. */
#include "plan-fixture.h"

static void test_shown(void)
{
	autohost struct host *host = host_debian();
	host_add_dir(host, "/home/me/.local/share/fonts");
	host_add_path(host, "/home/me/.icons", HOST_DIR, "/data/icons", "/data/icons", TRUE);
	autoplan struct plan *plan = plan_of("", host);
	const struct plan_op *fonts = plan_op_at(plan, PLAN_LOOK_DIR "/share/fonts");
	g_assert_cmpstr(fonts->source, ==, "/home/me/.local/share/fonts");
	g_assert_cmpuint(fonts->flags, ==, PLAN_READ_ONLY | PLAN_OPTIONAL);
	g_assert_cmpstr(plan_op_at(plan, PLAN_LOOK_DIR "/dot/icons")->source, ==, "/data/icons");
	g_assert_null(plan_op_at(plan, PLAN_LOOK_DIR "/share/icons"));
	g_assert_true(plan_has(plan->env, "XDG_DATA_DIRS=/run/isolate/share:" PLAN_LOOK_DIR "/share:" PLAN_LOOK_DIR
					  "/dot:/usr/local/share:/usr/share"));
	autoplan struct plan *plain = plan_of("[Bus]\nPortals=no\n", host);
	g_assert_true(plan_has(
		plain->env, "XDG_DATA_DIRS=" PLAN_LOOK_DIR "/share:" PLAN_LOOK_DIR "/dot:/usr/local/share:/usr/share"));
}

/* What leads to isolate's own folders or to sockets is left out, and nothing fails of it. */
static void test_left_out(void)
{
	autohost struct host *host = host_debian();
	host_add_path(host, "/home/me/.fonts", HOST_DIR, "/home/me", "/home/me", TRUE);
	host_add_path(host, "/home/me/.icons", HOST_DIR, "/run", "/run", TRUE);
	host_add_path(host, "/home/me/.themes", HOST_FILE, NULL, "/home/me/.themes", TRUE);
	autoplan struct plan *plan = plan_of("", host);
	g_assert_null(plan_op_at(plan, PLAN_LOOK_DIR "/dot/fonts"));
	g_assert_null(plan_op_at(plan, PLAN_LOOK_DIR "/dot/icons"));
	g_assert_null(plan_op_at(plan, PLAN_LOOK_DIR "/dot/themes"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/look/shown", test_shown);
	g_test_add_func("/plan/look/left-out", test_left_out);
	return g_test_run();
}
