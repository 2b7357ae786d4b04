/* A plan that mounts what its permissions do not name is not started, whatever was approved. */
#include "approval.h"
#include "gate.h"

#include <string.h>

static char *state;

static void assert_verdict(const char *permission, const char *source, guint flags, const char *reason, gboolean good)
{
	g_autoptr(GPtrArray) permissions = g_ptr_array_new(), ops = g_ptr_array_new();
	g_ptr_array_add(permissions, (char *)permission);
	struct plan_op op = {.type = PLAN_OP_BIND,
		.flags = flags,
		.source = (char *)source,
		.dest = (char *)source,
		.reason = (char *)reason};
	g_ptr_array_add(ops, &op);
	const struct plan plan = {.project = (char *)"first", .permissions = permissions, .ops = ops};
	g_autoptr(GError) error = NULL;
	g_assert_true(approval_store("first", permissions, NULL));
	if (gate_check(&plan, (enum gate_flags)0, &error) != good)
		g_error("%s with \"%s\": %s", source, permission, error ? error->message : "let through");
	if (!good)
		g_assert_nonnull(strstr(error->message, "without naming it"));
}

static void test_complete(void)
{
	assert_verdict("files rw /p", "/p", 0, "x", TRUE);
	assert_verdict("files rw /p", "/p/.git", PLAN_READ_ONLY, "x", TRUE);
	assert_verdict("files rw /p but hidden /p/x", "/p/y", 0, "x", TRUE);
	assert_verdict("files rw /", "/etc", 0, "x", TRUE);
	assert_verdict("files ro /p", "/p/y", PLAN_READ_ONLY, "x", TRUE);
	assert_verdict("wayland", "/usr", PLAN_READ_ONLY, "default", TRUE);
	assert_verdict("wayland", "/home/me/.local/share/isolate/first/home", PLAN_OWN, "default", TRUE);

	assert_verdict("files ro /p", "/p", 0, "x", FALSE);
	assert_verdict("files rw /p", "/px", 0, "x", FALSE);
	assert_verdict("files rw /p/q", "/p", 0, "x", FALSE);
	assert_verdict("files ro /p/q", "/p", PLAN_READ_ONLY, "x", FALSE);
	assert_verdict("wayland", "/home/me", PLAN_READ_ONLY, "x", FALSE);
	assert_verdict("wayland", "/usr", 0, "default", FALSE);
}

static void assert_rule(const char *permission, const char *rule, gboolean good)
{
	g_autoptr(GPtrArray) permissions = g_ptr_array_new(), ops = g_ptr_array_new(), bus = g_ptr_array_new();
	g_ptr_array_add(permissions, (char *)permission);
	g_ptr_array_add(bus, (char *)rule);
	const struct plan plan = {.project = (char *)"first", .permissions = permissions, .ops = ops, .bus = bus};
	g_autoptr(GError) error = NULL;
	g_assert_true(approval_store("first", permissions, NULL));
	if (gate_check(&plan, (enum gate_flags)0, &error) != good)
		g_error("%s with \"%s\": %s", rule, permission, error ? error->message : "let through");
}

static void test_bus(void)
{
	assert_rule("wayland", "--own=isolate.first.*", TRUE);
	assert_rule("bus portals", "--call=org.freedesktop.portal.Desktop=org.freedesktop.portal.Settings.*@/x", TRUE);
	assert_rule("bus talk org.a.B", "--talk=org.a.B", TRUE);
	assert_rule("bus own org.a.B", "--own=org.a.B", TRUE);
	assert_rule("bus call org.a.B=org.a.X.Y@/z", "--call=org.a.B=org.a.X.Y@/z", TRUE);

	assert_rule("wayland", "--own=isolate.second.*", FALSE);
	assert_rule("wayland", "--call=org.freedesktop.portal.Desktop=org.freedesktop.portal.Settings.*@/x", FALSE);
	assert_rule("bus portals", "--talk=org.freedesktop.portal.Desktop", FALSE);
	assert_rule("bus portals", "--call=org.freedesktop.Flatpak=*", FALSE);
	assert_rule("bus portals", "--talk=org.a.B", FALSE);
	assert_rule("bus talk org.a.B", "--own=org.a.B", FALSE);
	assert_rule("bus talk org.a.B", "--talk=org.a.Bc", FALSE);
	assert_rule("bus portals", "--no-filter", FALSE);
}

static void test_documents(void)
{
	assert_verdict("bus portals", "/run/user/1/doc/by-app/isolate.first", 0, "default", TRUE);
	assert_verdict("wayland", "/run/user/1/doc/by-app/isolate.first", 0, "default", FALSE);
	assert_verdict("bus portals", "/run/user/1/doc/by-app/isolate.second", 0, "default", FALSE);
	assert_verdict("bus portals", "/run/user/1/doc", 0, "default", FALSE);
}

int main(int argc, char **argv)
{
	state = g_dir_make_tmp("isolate-complete-XXXXXX", NULL);
	g_setenv("XDG_STATE_HOME", state, TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/gate/complete", test_complete);
	g_test_add_func("/gate/complete/bus", test_bus);
	g_test_add_func("/gate/complete/documents", test_documents);
	int status = g_test_run();
	const char *remove[] = {"rm", "-rf", state, NULL};
	g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(state);
	return status;
}
