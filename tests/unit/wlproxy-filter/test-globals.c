/* The table of globals: its order, what is offered under which policy, and at which version. */
#include "globals.h"
#include "interfaces.h"

#include <string.h>

static void test_order(void)
{
	size_t n;
	const struct global_rule *rules = globals_table(&n);
	for (size_t i = 1; i < n; i++)
		if (strcmp(rules[i - 1].name, rules[i].name) >= 0)
			g_error("%s stands before %s", rules[i - 1].name, rules[i].name);
	for (size_t i = 0; i < n; i++)
		g_assert_true(globals_find(rules[i].name) == &rules[i]);
	g_assert_null(globals_find("wl_outpu"));
	g_assert_null(globals_find(""));
}

/* Every interface that must never be offered by default, by name: a change of the table alone must not open one. */
static const char *const dangerous[] = {"zwlr_screencopy_manager_v1", "ext_image_copy_capture_manager_v1",
	"ext_output_image_capture_source_manager_v1", "ext_foreign_toplevel_image_capture_source_manager_v1",
	"zwlr_export_dmabuf_manager_v1", "zkde_screencast_unstable_v1", "hyprland_toplevel_export_manager_v1",
	"weston_capture_v1", "zwlr_data_control_manager_v1", "ext_data_control_manager_v1",
	"zwp_virtual_keyboard_manager_v1", "zwlr_virtual_pointer_manager_v1", "org_kde_kwin_fake_input",
	"wp_pointer_warp_v1", "zwp_input_method_manager_v2", "zwp_input_method_v1", "ext_session_lock_manager_v1",
	"zwlr_input_inhibit_manager_v1", "zwlr_layer_shell_v1", "org_kde_plasma_shell", "gtk_shell1",
	"zwlr_foreign_toplevel_manager_v1", "ext_foreign_toplevel_list_v1", "ext_workspace_manager_v1",
	"org_kde_plasma_window_management", "zwlr_output_manager_v1", "org_kde_kwin_outputmanagement",
	"zwlr_gamma_control_manager_v1", "zwlr_output_power_manager_v1", "org_kde_kwin_dpms_manager",
	"wp_drm_lease_device_v1", "wp_security_context_manager_v1", "ext_transient_seat_manager_v1",
	"ext_idle_notifier_v1", "org_kde_kwin_idle", "xwayland_shell_v1", "xdg_session_manager_v1", "wl_drm",
	"hyprland_global_shortcuts_manager_v1", "zwp_xwayland_keyboard_grab_manager_v1", "wl_shell", "zxdg_shell_v6",
	"an_interface_of_tomorrow_v1"};

static void test_hidden(void)
{
	struct policy *policy = policy_new("first");
	policy->gpu = POLICY_GPU_RENDER;
	for (size_t i = 0; i < G_N_ELEMENTS(dangerous); i++)
		if (globals_offer(policy, dangerous[i], 1, 1) != 0)
			g_error("%s is offered", dangerous[i]);
	policy_unref(policy);
}

static void test_allowed(void)
{
	struct policy *policy = policy_new("first");
	policy->allow_globals = g_strsplit("zwlr_layer_shell_v1;wp_drm_lease_device_v1;zwp_linux_dmabuf_v1", ";", 0);
	g_assert_cmpuint(globals_offer(policy, "zwlr_layer_shell_v1", 5, 4), ==, 4);
	g_assert_cmpuint(globals_offer(policy, "zwlr_layer_shell_v1", 5, 0), ==, 0);
	g_assert_cmpuint(globals_offer(policy, "zwlr_screencopy_manager_v1", 3, 3), ==, 0);
	// What another key decides, AllowGlobals does not.
	g_assert_cmpuint(globals_offer(policy, "zwp_linux_dmabuf_v1", 4, 4), ==, 0);
	g_assert_cmpuint(globals_offer(policy, "wp_drm_lease_device_v1", 1, 1), ==, 0);
	policy->gpu = POLICY_GPU_FULL;
	g_assert_cmpuint(globals_offer(policy, "wp_drm_lease_device_v1", 1, 1), ==, 1);
	policy->deny_globals = g_strsplit("zwlr_layer_shell_v1;wl_output", ";", 0);
	g_assert_cmpuint(globals_offer(policy, "zwlr_layer_shell_v1", 5, 4), ==, 0);
	g_assert_cmpuint(globals_offer(policy, "wl_output", 4, 4), ==, 0);
	policy_unref(policy);
}

static void test_needs(void)
{
	struct policy *policy = policy_new("first");
	g_assert_cmpuint(globals_offer(policy, "wp_linux_drm_syncobj_manager_v1", 1, 1), ==, 0);
	g_assert_cmpuint(globals_offer(policy, "zxdg_exporter_v2", 1, 1), ==, 1);
	g_assert_cmpuint(globals_offer(policy, "zwp_text_input_manager_v3", 1, 1), ==, 1);
	policy->portals = policy->text_input = false;
	g_assert_cmpuint(globals_offer(policy, "zxdg_exporter_v2", 1, 1), ==, 0);
	g_assert_cmpuint(globals_offer(policy, "zwp_text_input_manager_v3", 1, 1), ==, 0);
	policy->gpu = POLICY_GPU_RENDER;
	g_assert_cmpuint(globals_offer(policy, "wp_linux_drm_syncobj_manager_v1", 1, 1), ==, 1);
	g_assert_cmpuint(globals_offer(policy, "wl_drm", 2, 2), ==, 0);
	policy_unref(policy);
}

static void test_versions(void)
{
	struct policy *policy = policy_new("first");
	g_assert_cmpuint(globals_offer(policy, "wl_compositor", 6, 5), ==, 5);
	g_assert_cmpuint(globals_offer(policy, "wl_compositor", 4, 5), ==, 4);
	g_assert_cmpuint(globals_offer(policy, "wl_data_device_manager", 9, 9), ==, 3);
	policy->permissive = true;
	g_assert_cmpuint(globals_offer(policy, "wl_data_device_manager", 9, 8), ==, 8);
	g_assert_cmpuint(globals_offer(policy, "zwlr_screencopy_manager_v1", 3, 3), ==, 3);
	g_assert_cmpuint(globals_offer(policy, "zwlr_screencopy_manager_v1", 3, 0), ==, 0);
	policy_unref(policy);
}

/* A compositor of tomorrow: with every version raised, what is mediated stays at what its filter was written for, and what is
 * hidden stays hidden. */
static void test_bumped(void)
{
	enum { TOMORROW = 1000 };
	struct policy *policy = policy_new("first");
	policy->gpu = POLICY_GPU_FULL;
	policy->portals = policy->text_input = true;
	size_t n;
	const struct global_rule *rules = globals_table(&n);
	for (size_t i = 0; i < n; i++) {
		uint32_t offered = globals_offer(policy, rules[i].name, TOMORROW, TOMORROW);
		if (rules[i].class == GLOBAL_HIDDEN && offered != 0)
			g_error("%s is offered at version %u", rules[i].name, offered);
		if (rules[i].class == GLOBAL_MEDIATED && (rules[i].version == 0 || offered != rules[i].version))
			g_error("%s is offered at version %u, its filter knows %u", rules[i].name, offered,
				rules[i].version);
		// What is passed ends where its description does.
		if (rules[i].class == GLOBAL_PASSED)
			g_assert_cmpuint(globals_offer(policy, rules[i].name, TOMORROW, 2), ==, 2);
	}
	policy_unref(policy);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/globals/order", test_order);
	g_test_add_func("/globals/hidden", test_hidden);
	g_test_add_func("/globals/allowed", test_allowed);
	g_test_add_func("/globals/needs", test_needs);
	g_test_add_func("/globals/versions", test_versions);
	g_test_add_func("/globals/bumped", test_bumped);
	return g_test_run();
}
