#include "globals.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

#define HIDE(name, note)                                                                                               \
	{                                                                                                              \
		name, GLOBAL_HIDDEN, 0, NEED_NOTHING, note                                                             \
	}
#define MEDIATE(name, version, note)                                                                                   \
	{                                                                                                              \
		name, GLOBAL_MEDIATED, version, NEED_NOTHING, note                                                     \
	}
#define PASS(name, version)                                                                                            \
	{                                                                                                              \
		name, GLOBAL_PASSED, version, NEED_NOTHING, NULL                                                       \
	}

/* Sorted by strcmp(). A mediated interface is capped at the version whose every message its filter was written for. */
static const struct global_rule rules[] = {
	HIDE("ext_background_effect_manager_v1", "blur behind windows"),
	HIDE("ext_data_control_manager_v1", "the clipboard without focus"),
	HIDE("ext_foreign_toplevel_image_capture_source_manager_v1", "pictures of other windows"),
	HIDE("ext_foreign_toplevel_list_v1", "the list of all windows"),
	HIDE("ext_idle_notifier_v1", "when the person is away"),
	HIDE("ext_image_copy_capture_manager_v1", "pictures of the screen"),
	HIDE("ext_output_image_capture_source_manager_v1", "pictures of the screen"),
	HIDE("ext_session_lock_manager_v1", "the lock screen"),
	HIDE("ext_transient_seat_manager_v1", "new seats"),
	HIDE("ext_workspace_manager_v1", "the list of workspaces"),
	HIDE("gtk_shell1", "a shell of GNOME, with names and menus that we do not rewrite"),
	HIDE("hyprland_focus_grab_manager_v1", "grabs of all input"),
	HIDE("hyprland_global_shortcuts_manager_v1", "global shortcuts"),
	HIDE("hyprland_toplevel_export_manager_v1", "pictures of other windows"),
	HIDE("hyprland_toplevel_mapping_manager_v1", "the list of all windows"),
	HIDE("kde_lockscreen_overlay_v1", "windows above the lock screen"),
	HIDE("kde_output_device_v2", "output configuration"),
	HIDE("kde_output_management_v2", "output configuration"),
	HIDE("kde_output_order_v1", "output configuration"),
	HIDE("kde_primary_output_v1", "output configuration"),
	HIDE("org_kde_kwin_appmenu_manager", "names on the session bus"),
	HIDE("org_kde_kwin_blur_manager", "blur behind windows"),
	HIDE("org_kde_kwin_contrast_manager", "contrast behind windows"),
	HIDE("org_kde_kwin_dpms_manager", "screens off"),
	HIDE("org_kde_kwin_fake_input", "input to other windows"),
	HIDE("org_kde_kwin_idle", "when the person is away"),
	HIDE("org_kde_kwin_keystate", "lock keys without focus"),
	HIDE("org_kde_kwin_outputdevice", "output configuration"),
	HIDE("org_kde_kwin_outputmanagement", "output configuration"),
	HIDE("org_kde_kwin_remote_access_manager", "pictures of the screen"),
	MEDIATE("org_kde_kwin_server_decoration_manager", 1, "passed; a frame feature may force server side"),
	HIDE("org_kde_kwin_server_decoration_palette_manager", "colours of the frame"),
	HIDE("org_kde_kwin_shadow_manager", "shadows of windows"),
	HIDE("org_kde_kwin_slide_manager", "animations of windows"),
	HIDE("org_kde_plasma_shell", "panels and overlays"),
	HIDE("org_kde_plasma_virtual_desktop_management", "the list of workspaces"),
	HIDE("org_kde_plasma_window_management", "the list of all windows"),
	HIDE("treeland_capture_manager_v1", "pictures of the screen"),
	HIDE("weston_capture_v1", "pictures of the screen"),
	HIDE("weston_content_protection", "protection of outputs"),
	HIDE("weston_debug_v1", "the compositor's debug streams"),
	HIDE("weston_direct_display_v1", "direct scan-out"),
	HIDE("weston_screenshooter", "pictures of the screen"),
	HIDE("weston_touch_calibration", "calibration of devices"),
	PASS("wl_compositor", 0),
	MEDIATE("wl_data_device_manager", 3, "Clipboard, DragAndDrop"),
	{"wl_drm",				GLOBAL_PASSED,	  0, NEED_GPU_FULL,   "authentication on the primary node"		},
	PASS("wl_fixes", 0),
	MEDIATE("wl_output", 4, "make and model are neutral"),
	MEDIATE("wl_seat", 9, "serials and input times are remembered"),
	HIDE("wl_shell", "windows whose name and title we do not rewrite; replaced by xdg_wm_base long ago"),
	MEDIATE("wl_shm", 2, "pools are checked and charged"),
	PASS("wl_subcompositor", 0),
	PASS("wp_alpha_modifier_v1", 0),
	PASS("wp_color_manager_v1", 0),
	PASS("wp_color_representation_manager_v1", 0),
	PASS("wp_commit_timing_manager_v1", 0),
	PASS("wp_content_type_manager_v1", 0),
	PASS("wp_cursor_shape_manager_v1", 0),
	{"wp_drm_lease_device_v1",		   GLOBAL_HIDDEN,	  0, NEED_GPU_FULL,   "a whole output, with its primary node"	   },
	PASS("wp_fifo_manager_v1", 0),
	PASS("wp_fractional_scale_manager_v1", 0),
	{"wp_linux_drm_syncobj_manager_v1",	    GLOBAL_MEDIATED, 1, NEED_GPU,	  "explicit synchronisation"		    },
	HIDE("wp_pointer_warp_v1", "moves the pointer"),
	PASS("wp_presentation", 0),
	HIDE("wp_security_context_manager_v1", "new sockets of the compositor"),
	PASS("wp_single_pixel_buffer_manager_v1", 0),
	PASS("wp_tearing_control_manager_v1", 0),
	PASS("wp_viewporter", 0),
	MEDIATE("xdg_activation_v1", 1, "StealFocus"),
	HIDE("xdg_session_manager_v1", "windows of earlier sessions"),
	PASS("xdg_system_bell_v1", 0),
	MEDIATE("xdg_toplevel_drag_manager_v1", 1, "follows DragAndDrop"),
	MEDIATE("xdg_toplevel_icon_manager_v1", 1, "an icon's name may not be another application's"),
	MEDIATE("xdg_toplevel_tag_manager_v1", 1, "a tag names its project; a description is a title"),
	MEDIATE("xdg_wm_base", 6, "app_id, title, Fullscreen"),
	PASS("xdg_wm_dialog_v1", 0),
	HIDE("xwayland_shell_v1", "the role of an X server's windows"),
	HIDE("zkde_screencast_unstable_v1", "pictures of the screen"),
	HIDE("zwlr_data_control_manager_v1", "the clipboard without focus"),
	HIDE("zwlr_export_dmabuf_manager_v1", "pictures of the screen"),
	HIDE("zwlr_foreign_toplevel_manager_v1", "the list of all windows"),
	HIDE("zwlr_gamma_control_manager_v1", "gamma"),
	HIDE("zwlr_input_inhibit_manager_v1", "takes all input"),
	HIDE("zwlr_layer_shell_v1", "panels and overlays"),
	HIDE("zwlr_output_manager_v1", "output configuration"),
	HIDE("zwlr_output_power_manager_v1", "screens off"),
	HIDE("zwlr_screencopy_manager_v1", "pictures of the screen"),
	HIDE("zwlr_virtual_pointer_manager_v1", "input to other windows"),
	HIDE("zwp_fullscreen_shell_v1", "the shell of a compositor without windows"),
	MEDIATE("zwp_idle_inhibit_manager_v1", 1, "InhibitIdle"),
	HIDE("zwp_input_method_manager_v2", "what is typed in other windows"),
	HIDE("zwp_input_method_v1", "what is typed in other windows"),
	HIDE("zwp_input_panel_v1", "the panel of an input method"),
	PASS("zwp_input_timestamps_manager_v1", 0),
	MEDIATE("zwp_keyboard_shortcuts_inhibit_manager_v1", 1, "InhibitShortcuts"),
	{"zwp_linux_dmabuf_v1",			GLOBAL_MEDIATED, 5, NEED_GPU,	      "device numbers are those of the granted GPU"},
	{"zwp_linux_explicit_synchronization_v1", GLOBAL_MEDIATED, 2, NEED_GPU,	"explicit synchronisation"			  },
	MEDIATE("zwp_pointer_constraints_v1", 1, "PointerLock"),
	PASS("zwp_pointer_gestures_v1", 0),
	MEDIATE("zwp_primary_selection_device_manager_v1", 1, "Primary"),
	PASS("zwp_relative_pointer_manager_v1", 0),
	PASS("zwp_tablet_manager_v2", 0),
	{"zwp_text_input_manager_v1",	      GLOBAL_MEDIATED, 1, NEED_TEXT_INPUT, "TextInput"				      },
	{"zwp_text_input_manager_v3",	      GLOBAL_MEDIATED, 1, NEED_TEXT_INPUT, "TextInput"				      },
	HIDE("zwp_virtual_keyboard_manager_v1", "input to other windows"),
	HIDE("zwp_xwayland_keyboard_grab_manager_v1", "takes the keyboard"),
	MEDIATE("zxdg_decoration_manager_v1", 1, "passed; a frame feature may force server side"),
	{"zxdg_exporter_v1",			     GLOBAL_MEDIATED, 1, NEED_PORTALS,    "parents for the windows of portals"	   },
	{"zxdg_exporter_v2",			     GLOBAL_MEDIATED, 1, NEED_PORTALS,    "parents for the windows of portals"	   },
	{"zxdg_importer_v1",			     GLOBAL_MEDIATED, 1, NEED_PORTALS,    "parents for the windows of portals"	   },
	{"zxdg_importer_v2",			     GLOBAL_MEDIATED, 1, NEED_PORTALS,    "parents for the windows of portals"	   },
	MEDIATE("zxdg_output_manager_v1", 3, "name and description are neutral"),
	HIDE("zxdg_shell_v6", "windows whose name and title we do not rewrite; replaced by xdg_wm_base long ago"),
};

enum { N_RULES = sizeof rules / sizeof *rules };

static int compare(const void *name, const void *rule)
{
	return strcmp(name, ((const struct global_rule *)rule)->name);
}

const struct global_rule *globals_find(const char *name)
{
	return bsearch(name, rules, N_RULES, sizeof *rules, compare);
}

const struct global_rule *globals_table(size_t *count)
{
	*count = N_RULES;
	return rules;
}

const char *globals_nearest(const char *name)
{
	const char *names[N_RULES + 1];
	for (size_t i = 0; i < N_RULES; i++)
		names[i] = rules[i].name;
	names[N_RULES] = NULL;
	return text_nearest(name, names);
}

static bool is_listed(char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static bool is_met(const struct policy *policy, enum global_need need)
{
	switch (need) {
	case NEED_NOTHING:
		return true;
	case NEED_GPU:
		return policy->gpu != POLICY_GPU_NONE;
	case NEED_GPU_FULL:
		return policy->gpu == POLICY_GPU_FULL;
	case NEED_PORTALS:
		return policy->portals;
	case NEED_TEXT_INPUT:
		return policy->text_input;
	}
	return false;
}

uint32_t globals_offer(const struct policy *policy, const char *name, uint32_t version, uint32_t table_version)
{
	uint32_t offered = version < table_version ? version : table_version;
	if (policy->permissive)
		return offered;
	const struct global_rule *rule = globals_find(name);
	if (!rule || !is_met(policy, rule->need) || is_listed(policy->deny_globals, name))
		return 0;
	if (rule->class == GLOBAL_HIDDEN && !is_listed(policy->allow_globals, name))
		return 0;
	return rule->version && rule->version < offered ? rule->version : offered;
}
