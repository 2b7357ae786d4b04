/* labels TAG DESCRIPTION ICON: a window that says all that a compositor could tell it from others by: its tag and its
 * description (xdg_toplevel_tag_manager_v1) and an icon of this name (xdg_toplevel_icon_manager_v1). It ends with 0 once
 * the compositor has taken that, and with 1 when it has no such interface or breaks off. */
#include "xdg-shell-client-protocol.h"
#include "xdg-toplevel-icon-v1-client-protocol.h"
#include "xdg-toplevel-tag-v1-client-protocol.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wayland-client.h>

struct globals {
	struct wl_compositor *compositor;
	struct xdg_wm_base *shell;
	struct xdg_toplevel_tag_manager_v1 *tags;
	struct xdg_toplevel_icon_manager_v1 *icons;
};

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
	struct globals *globals = data;
	const struct {
		const struct wl_interface *interface;
		void **proxy;
	} wanted[] = {
		{&wl_compositor_interface,		   (void **)&globals->compositor},
		{&xdg_wm_base_interface,			 (void **)&globals->shell	 },
		{&xdg_toplevel_tag_manager_v1_interface,	 (void **)&globals->tags	},
		{&xdg_toplevel_icon_manager_v1_interface, (void **)&globals->icons	  },
	};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (strcmp(interface, wanted[i].interface->name) == 0)
			*wanted[i].proxy = wl_registry_bind(registry, name, wanted[i].interface, 1);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {on_global, on_global_remove};

int main(int argc, char **argv)
{
	struct globals globals = {0};
	struct wl_display *display = wl_display_connect(NULL);
	if (argc != 4 || !display) {
		fprintf(stderr, argc == 4 ? "labels: no compositor\n" : "usage: labels TAG DESCRIPTION ICON\n");
		return argc == 4 ? 1 : 2;
	}
	wl_registry_add_listener(wl_display_get_registry(display), &registry_listener, &globals);
	wl_display_roundtrip(display);
	if (!globals.compositor || !globals.shell || !globals.tags || !globals.icons) {
		fprintf(stderr, "labels: the compositor has no tags or no icons of windows\n");
		return 1;
	}
	struct wl_surface *surface = wl_compositor_create_surface(globals.compositor);
	struct xdg_surface *window = xdg_wm_base_get_xdg_surface(globals.shell, surface);
	struct xdg_toplevel *toplevel = xdg_surface_get_toplevel(window);
	xdg_toplevel_tag_manager_v1_set_toplevel_tag(globals.tags, toplevel, argv[1]);
	xdg_toplevel_tag_manager_v1_set_toplevel_description(globals.tags, toplevel, argv[2]);
	struct xdg_toplevel_icon_v1 *icon = xdg_toplevel_icon_manager_v1_create_icon(globals.icons);
	xdg_toplevel_icon_v1_set_name(icon, argv[3]);
	xdg_toplevel_icon_manager_v1_set_icon(globals.icons, toplevel, icon);
	xdg_toplevel_icon_v1_destroy(icon);
	bool ok = wl_display_roundtrip(display) >= 0;
	// Ids that are free again must come in order, also behind a middleman.
	xdg_toplevel_destroy(toplevel);
	xdg_surface_destroy(window);
	wl_surface_destroy(surface);
	xdg_toplevel_icon_manager_v1_destroy(globals.icons);
	xdg_toplevel_tag_manager_v1_destroy(globals.tags);
	ok = ok && wl_display_roundtrip(display) >= 0;
	wl_display_disconnect(display);
	if (!ok)
		fprintf(stderr, "labels: the compositor has broken off\n");
	return ok ? 0 : 1;
}
