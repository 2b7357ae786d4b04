#include "stub-private.h"

#include <stdlib.h>
#include <string.h>

/* The globals of sway 1.7 on wlroots 0.15, in its order. An interface without a table here can be bound, and any
 * request to it is a violation. */
static const struct stub_global globals[] = {
	{"wl_shm",				    1},
	{"wl_drm",				    2},
	{"zwp_linux_dmabuf_v1",			4},
	{"wl_compositor",			     4},
	{"wl_subcompositor",			     1},
	{"wl_data_device_manager",			   3},
	{"zwlr_gamma_control_manager_v1",		  1},
	{"zxdg_output_manager_v1",			   3},
	{"org_kde_kwin_idle",			      1},
	{"zwp_idle_inhibit_manager_v1",		1},
	{"zwlr_layer_shell_v1",			4},
	{"xdg_wm_base",			       2},
	{"zwp_tablet_manager_v2",			  1},
	{"org_kde_kwin_server_decoration_manager",	   1},
	{"zxdg_decoration_manager_v1",		       1},
	{"zwp_relative_pointer_manager_v1",	    1},
	{"zwp_pointer_constraints_v1",		       1},
	{"wp_presentation",			    1},
	{"zwlr_output_manager_v1",			   2},
	{"zwlr_output_power_manager_v1",		 1},
	{"zwp_input_method_manager_v2",		1},
	{"zwp_text_input_manager_v3",		      1},
	{"zwlr_foreign_toplevel_manager_v1",	     3},
	{"zwlr_export_dmabuf_manager_v1",		  1},
	{"zwlr_screencopy_manager_v1",		       3},
	{"zwlr_data_control_manager_v1",		 2},
	{"zwp_primary_selection_device_manager_v1",   1},
	{"wp_viewporter",			     1},
	{"zxdg_exporter_v1",			     1},
	{"zxdg_importer_v1",			     1},
	{"zxdg_exporter_v2",			     1},
	{"zxdg_importer_v2",			     1},
	{"xdg_activation_v1",			      1},
	{"zwp_virtual_keyboard_manager_v1",	    1},
	{"zwlr_virtual_pointer_manager_v1",	    2},
	{"zwlr_input_inhibit_manager_v1",		  1},
	{"zwp_keyboard_shortcuts_inhibit_manager_v1", 1},
	{"zwp_pointer_gestures_v1",		    1},
	{"wl_seat",				   7},
	{"wl_output",				 4},
};

extern const struct wl_interface wl_display_interface, wl_registry_interface, wl_compositor_interface,
	wl_subcompositor_interface, wl_shm_interface, wl_data_device_manager_interface, wl_seat_interface,
	wl_output_interface, xdg_wm_base_interface, wp_viewporter_interface, zxdg_output_manager_v1_interface,
	wp_presentation_interface, zxdg_decoration_manager_v1_interface, xdg_activation_v1_interface,
	zwp_primary_selection_device_manager_v1_interface, zwp_idle_inhibit_manager_v1_interface,
	zwp_relative_pointer_manager_v1_interface, zwp_pointer_constraints_v1_interface,
	zwp_text_input_manager_v3_interface, zwp_pointer_gestures_v1_interface, zwp_tablet_manager_v2_interface,
	zwp_keyboard_shortcuts_inhibit_manager_v1_interface, zwp_linux_dmabuf_v1_interface;

/* Every other interface is reached from one of these. */
static const struct wl_interface *const roots[] = {
	&wl_display_interface,
	&wl_registry_interface,
	&wl_compositor_interface,
	&wl_subcompositor_interface,
	&wl_shm_interface,
	&wl_data_device_manager_interface,
	&wl_seat_interface,
	&wl_output_interface,
	&xdg_wm_base_interface,
	&wp_viewporter_interface,
	&zxdg_output_manager_v1_interface,
	&wp_presentation_interface,
	&zxdg_decoration_manager_v1_interface,
	&xdg_activation_v1_interface,
	&zwp_primary_selection_device_manager_v1_interface,
	&zwp_idle_inhibit_manager_v1_interface,
	&zwp_relative_pointer_manager_v1_interface,
	&zwp_pointer_constraints_v1_interface,
	&zwp_text_input_manager_v3_interface,
	&zwp_pointer_gestures_v1_interface,
	&zwp_tablet_manager_v2_interface,
	&zwp_keyboard_shortcuts_inhibit_manager_v1_interface,
	&zwp_linux_dmabuf_v1_interface,
};

enum { INTERFACES_MAX = 128 };
static struct stub_interface interfaces[INTERFACES_MAX];
static size_t n_interfaces;

const struct stub_global *stub_globals(size_t *n)
{
	*n = sizeof globals / sizeof *globals;
	return globals;
}

const struct stub_interface *stub_interface_find(const char *name)
{
	for (size_t i = 0; i < n_interfaces; i++)
		if (strcmp(interfaces[i].wl->name, name) == 0)
			return &interfaces[i];
	return NULL;
}

static const struct stub_interface *add_interface(const struct wl_interface *wl);

static void digest(struct stub_op *op, const struct wl_interface *wl, const struct wl_message *message)
{
	const char *type = message->signature;
	char *rest;
	unsigned long since = strtoul(type, &rest, 10);
	*op = (struct stub_op){.message = message, .since = since ? (uint8_t)since : 1, .new_word = STUB_NO_WORD};
	op->handler = stub_handler_find(wl->name, message->name);
	op->destructor = strcmp(message->name, "destroy") == 0 || strcmp(message->name, "release") == 0;
	unsigned words = 0, argument = 0;
	bool varies = false;
	for (type = rest; *type; type++) {
		if (*type == '?')
			continue;
		if (*type == 'n') {
			op->new_word = (uint8_t)words;
			if (message->types[argument])
				op->new_interface = add_interface(message->types[argument]);
			else
				varies = true; // wl_registry.bind: interface and version travel before the id
		}
		if (*type == 's' || *type == 'a')
			varies = true;
		if (*type == 'h')
			op->n_fds++;
		else
			words++;
		argument++;
	}
	op->size = varies ? 0 : (uint16_t)(WIRE_HEADER + 4 * words);
}

static const struct stub_interface *add_interface(const struct wl_interface *wl)
{
	const struct stub_interface *known = stub_interface_find(wl->name);
	if (known)
		return known;
	if (n_interfaces == INTERFACES_MAX)
		abort();
	struct stub_interface *interface = &interfaces[n_interfaces++];
	interface->wl = wl;
	interface->ops = calloc((size_t)wl->method_count + 1, sizeof *interface->ops);
	if (!interface->ops)
		abort();
	for (int i = 0; i < wl->method_count; i++)
		digest(&interface->ops[i], wl, &wl->methods[i]);
	return interface;
}

void stub_tables_init(void)
{
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
		add_interface(roots[i]);
}
