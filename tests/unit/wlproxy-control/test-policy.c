/* policy-parse: what is accepted, and that what is wrong names the nearest thing that is right. */
#include "globals.h"
#include "policy-parse.h"

#include <glib/gstdio.h>
#include <string.h>

static struct policy *parse_text(const char *text, GError **error)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("policy-XXXXXX.conf", &path, NULL);
	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	struct policy *policy = policy_from_file(path, error);
	g_unlink(path);
	return policy;
}

static void expect_error(const char *text, const char *part)
{
	g_autoptr(GError) error = NULL;
	struct policy *policy = parse_text(text, &error);
	g_assert_null(policy);
	g_assert_nonnull(error);
	if (!strstr(error->message, part))
		g_error("“%s” does not contain “%s”", error->message, part);
	g_assert_null(strchr(error->message, '\n'));
}

static struct policy *expect_policy(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct policy *policy = parse_text(text, &error);
	g_assert_no_error(error);
	return policy;
}

static void test_defaults(void)
{
	struct policy *policy = expect_policy("");
	g_assert_cmpint(policy->answers[POLICY_CLIPBOARD], ==, POLICY_GUARDED);
	g_assert_cmpint(policy->answers[POLICY_STEAL_FOCUS], ==, POLICY_ASK);
	g_assert_cmpint(policy->answers[POLICY_FULLSCREEN], ==, POLICY_ALLOW);
	g_assert_cmpint(policy->gpu, ==, POLICY_GPU_NONE);
	g_assert_false(policy->permissive);
	static const uint64_t limits[POLICY_LIMITS] = {
		[POLICY_MAX_CLIENTS] = 128,
		[POLICY_MAX_OBJECTS] = 65536,
		[POLICY_MAX_SURFACES] = 4096,
		[POLICY_MAX_SHM_BYTES] = UINT64_C(2) << 30,
		[POLICY_MAX_POOL_BYTES] = UINT64_C(64) << 30,
		[POLICY_MAX_DMABUFS] = 512,
		[POLICY_MAX_TITLE] = 1024,
		[POLICY_MAX_CLIPBOARD] = UINT64_C(64) << 20,
	};
	g_assert_cmpmem(policy->limits, sizeof policy->limits, limits, sizeof limits);
	policy_unref(policy);
}

static void test_file(void)
{
	struct policy *policy =
		expect_policy("[Project]\nName=first\n[Display]\nClipboard=private\nFullscreen=deny\n"
			      "AllowGlobals=zwlr_layer_shell_v1;\nDenyGlobals=wl_output;wp_viewporter;\n"
			      "TitlePrefix=[first] \nMaxShmBytes=64M\n[Graphics]\nGpu=render\n[Bus]\n"
			      "Portals=no\n[App idea]\nWindowClass=jetbrains-idea\nNativeIds=a;b;\n");
	g_assert_cmpstr(policy->project, ==, "first");
	g_assert_cmpint(policy->answers[POLICY_CLIPBOARD], ==, POLICY_PRIVATE);
	g_assert_cmpint(policy->answers[POLICY_FULLSCREEN], ==, POLICY_DENY);
	g_assert_cmpstr(policy->allow_globals[0], ==, "zwlr_layer_shell_v1");
	g_assert_cmpuint(g_strv_length(policy->deny_globals), ==, 2);
	g_assert_cmpstr(policy->title_prefix, ==, "[first] ");
	g_assert_cmpuint(policy->limits[POLICY_MAX_SHM_BYTES], ==, 64 << 20);
	g_assert_cmpint(policy->gpu, ==, POLICY_GPU_RENDER);
	g_assert_false(policy->portals);
	g_assert_cmpuint(policy->n_apps, ==, 1);
	g_assert_cmpstr(policy->apps[0].window_class, ==, "jetbrains-idea");
	g_assert_cmpstr(policy->apps[0].native_ids[1], ==, "b");
	policy_unref(policy);
	policy = expect_policy("[Display]\nProfile=permissive\n");
	g_assert_true(policy->permissive);
	policy_unref(policy);
}

static void test_errors(void)
{
	expect_error("[Display]\nClipbord=deny\n", "did you mean Clipboard?");
	expect_error("[Display]\nClipboard=gaurded\n", "did you mean guarded?");
	expect_error("[Display]\nFullscreen=ask\n", "one of deny, allow");
	expect_error("[Display]\nStealFocus=private\n", "ask");
	expect_error("[Displai]\nClipboard=deny\n", "did you mean [Display]?");
	expect_error("[Display]\nAllowGlobals=zwlr_layer_shel_v1\n", "did you mean zwlr_layer_shell_v1?");
	expect_error("[Display]\nAllowGlobals=weston_capture_v1\n", "no description of weston_capture_v1");
	expect_error("[Display]\nDenyGlobals=wl_outpt\n", "did you mean wl_output?");
	expect_error("[Display]\nMaxShmBytes=-1\n", "use a number");
	expect_error("[Display]\nMaxShmBytes=64Q\n", "use a number");
	expect_error("[Display]\nMaxShmBytes=64MM\n", "use a number");
	expect_error("[Display]\nMaxShmBytes=99999999999T\n", "use a number");
	expect_error("[Display]\nMaxShmBytes=0\n", "use a number");
	expect_error("[Display]\nX11=\n", "X11");
	expect_error("[Graphics]\nGpu=yes\n", "none, render, compute, full");
	expect_error("[Graphics]\nProfile=permissive\n", "unknown key");
	expect_error("[Project]\nName=../x\n", "no name of a project");
	expect_error("[Project]\nTitle=x\n", "use Name");
	expect_error("[App ../x]\n", "no name of an application");
	expect_error("[App x]\nExec=x\n", "use WindowClass or NativeIds");
	expect_error("no group\n", "Key file");
	g_autoptr(GError) error = NULL;
	g_assert_null(policy_from_file("/nonexistent/policy", &error));
	g_assert_true(g_str_has_prefix(error->message, "/nonexistent/policy: "));
}

static struct policy *from_variant(const char *project, const char *text, GError **error)
{
	g_autoptr(GVariant) values = g_variant_ref_sink(g_variant_new_parsed(text));
	return policy_from_variant(project, values, error);
}

static void expect_variant_error(const char *project, const char *text, const char *part)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(from_variant(project, text, &error));
	if (!strstr(error->message, part))
		g_error("“%s” does not contain “%s”", error->message, part);
}

static void test_variant(void)
{
	g_autoptr(GError) error = NULL;
	struct policy *policy = from_variant("first",
		"@a{sv} {'Clipboard': <'ask'>, 'TextInput': <false>, 'Portals': <true>, 'Wayland': <true>, 'X11': "
		"<'auto'>, "
		"'AllowGlobals': <['zwlr_layer_shell_v1']>, 'DenyGlobals': <@as []>, 'Device': <'auto'>, 'Gpu': "
		"<'full'>, "
		"'TitlePrefix': <''>, 'Apps': <[('foot', '', @as []), ('idea', 'jetbrains-idea', ['com.idea'])]>}",
		&error);
	g_assert_no_error(error);
	g_assert_cmpint(policy->answers[POLICY_CLIPBOARD], ==, POLICY_ASK);
	g_assert_false(policy->text_input);
	g_assert_null(policy->title_prefix);
	g_assert_cmpuint(policy->n_apps, ==, 2);
	g_assert_null(policy->apps[0].window_class);
	g_assert_cmpstr(policy->apps[1].native_ids[0], ==, "com.idea");
	policy_unref(policy);

	expect_variant_error("first", "@a{sv} {'Profile': <'permissive'>}", "unknown key");
	expect_variant_error("first", "@a{sv} {'Clipboard': <uint32 1>}", "type u");
	expect_variant_error("first", "@a{sv} {'Clipboard': <['deny', 'deny']>}", "one value");
	expect_variant_error("first", "@a{sv} {'Clipboard': <true>}", "does not take");
	expect_variant_error("first", "@a{sv} {'Apps': <['x']>}", "a(ssas)");
	expect_variant_error("first", "@a{sv} {'Apps': <[('../x', '', @as [])]>}", "no name of an application");
	expect_variant_error("../first", "@a{sv} {}", "name of a project");
	expect_variant_error("first", "'text'", "a{sv}");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/policy/defaults", test_defaults);
	g_test_add_func("/policy/file", test_file);
	g_test_add_func("/policy/errors", test_errors);
	g_test_add_func("/policy/variant", test_variant);
	return g_test_run();
}
