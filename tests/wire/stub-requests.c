#include "stub-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void display_sync(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	*wire_put(&client->wire, args[0], 0, 1) = client->serial++;
	stub_object_delete(client, args[0]);
}

static void display_get_registry(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	size_t n;
	const struct stub_global *globals = stub_globals(&n);
	for (size_t i = 0; i < n; i++)
		wire_send(&client->wire, args[0], 0, "usu", (uint32_t)i + 1, globals[i].interface, globals[i].version);
}

static void announce_output(struct stub_client *client, uint32_t id)
{
	wire_send(&client->wire, id, 0, "iiiiissi", 0, 0, 600, 340, 0, "Stub Industries", "Model One", 0);
	wire_send(&client->wire, id, 1, "uiii", 3, 1920, 1080, 60000);
	wire_send(&client->wire, id, 3, "i", 1);
	wire_send(&client->wire, id, 4, "s", "HEADLESS-1");
	wire_send(&client->wire, id, 5, "s", "Stub Industries Model One 0001");
	wire_send(&client->wire, id, 2, "");
}

/* What a compositor says at once about a global that was bound. */
static void announce(struct stub_client *client, const char *interface, uint32_t id, uint32_t version)
{
	if (strcmp(interface, "wl_shm") == 0) {
		wire_send(&client->wire, id, 0, "u", 0);
		wire_send(&client->wire, id, 0, "u", 1);
	} else if (strcmp(interface, "wl_seat") == 0) {
		wire_send(&client->wire, id, 0, "u", 3);
		if (version >= 2)
			wire_send(&client->wire, id, 1, "s", "seat0");
	} else if (strcmp(interface, "wl_output") == 0 && version >= 4) {
		announce_output(client, id);
	} else if (strcmp(interface, "wp_presentation") == 0) {
		wire_send(&client->wire, id, 0, "u", 1);
	}
}

static void registry_bind(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	size_t n;
	const struct stub_global *globals = stub_globals(&n);
	uint32_t name = args[0];
	const char *interface = (const char *)(args + 2);
	size_t words = (args[1] + 3) / 4;
	uint32_t version = args[2 + words], id = args[3 + words];
	if (name == 0 || name > n || strcmp(globals[name - 1].interface, interface) != 0 || version == 0 ||
		version > globals[name - 1].version) {
		stub_error(client, client->n_objects ? WIRE_DISPLAY : 0, 0, "invalid bind of %u as %.64s version %u",
			name, interface, version);
		return;
	}
	const struct stub_interface *type = stub_interface_find(interface);
	static const struct wl_interface unknown = {.name = "unknown"};
	static const struct stub_interface nothing = {.wl = &unknown};
	if (stub_object_new(client, id, type ? type : &nothing, version))
		announce(client, interface, id, version);
}

static void compositor_create_surface(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	client->objects[args[0]].surface = calloc(1, sizeof(struct stub_surface));
	if (!client->objects[args[0]].surface)
		abort();
}

void stub_surface_destroy(struct stub_object *object)
{
	free(object->surface);
	object->surface = NULL;
}

static void surface_attach(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	object->surface->buffer = args[0];
}

static void surface_frame(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	if (object->surface->n_callbacks == STUB_CALLBACKS) {
		stub_error(client, args[0], 2, "more than %d frame callbacks at once", STUB_CALLBACKS);
		return;
	}
	object->surface->callbacks[object->surface->n_callbacks++] = args[0];
}

static void configure(struct stub_client *client, struct stub_surface *surface)
{
	static const uint32_t states[] = {4}; // activated
	surface->configured = true;
	if (surface->xdg_toplevel)
		wire_send(&client->wire, surface->xdg_toplevel, 0, "iia", 800, 600, sizeof states, states);
	wire_send(&client->wire, surface->xdg_surface, 0, "u", client->serial++);
}

/* The frame is over as soon as it is there: release, frame callbacks, and the first configure of a toplevel. */
static void surface_commit(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	struct stub_surface *surface = object->surface;
	if (surface->xdg_surface && !surface->configured) {
		if (surface->buffer)
			stub_error(client, surface->xdg_surface, 3, "a buffer before the first configure");
		else
			configure(client, surface);
	}
	if (surface->buffer && stub_object_get(client, surface->buffer))
		wire_put(&client->wire, surface->buffer, 0, 0);
	surface->buffer = 0;
	uint32_t n = surface->n_callbacks;
	surface->n_callbacks = 0;
	for (uint32_t i = 0; i < n; i++) {
		*wire_put(&client->wire, surface->callbacks[i], 0, 1) = client->serial++;
		stub_object_delete(client, surface->callbacks[i]);
	}
}

static struct stub_surface *surface_of(struct stub_client *client, uint32_t id)
{
	struct stub_object *object = stub_object_get(client, id);
	return object ? object->surface : NULL;
}

static void wm_base_get_xdg_surface(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	struct stub_surface *surface = surface_of(client, args[1]);
	if (surface) {
		surface->xdg_surface = args[0];
		client->objects[args[0]].peer = args[1];
	}
}

static void xdg_surface_get_toplevel(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	struct stub_surface *surface = surface_of(client, object->peer);
	if (surface)
		surface->xdg_toplevel = args[0];
}

static void xdg_surface_destroy(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	struct stub_surface *surface = surface_of(client, object->peer);
	if (surface) {
		surface->xdg_surface = surface->xdg_toplevel = 0;
		surface->configured = false;
	}
}

static void seat_get_keyboard(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	static const char keymap[] = "xkb_keymap { };";
	static int fd = -1;
	if (fd < 0 && ((fd = memfd_create("keymap", MFD_CLOEXEC)) < 0 || write(fd, keymap, sizeof keymap) < 0))
		abort();
	wire_send(&client->wire, args[0], 0, "uhu", 1, fd, (uint32_t)sizeof keymap);
	if (client->objects[args[0]].version >= 4)
		wire_send(&client->wire, args[0], 5, "ii", 25, 600);
}

static void pointer_set_cursor(struct stub_client *client, struct stub_object *object, const uint32_t *args)
{
	uint32_t pointer = (uint32_t)(object - client->objects);
	if (args[2] > 0) {
		client->flood_pointer = pointer;
		client->flood_left = args[2];
		if (args[1])
			wire_send(&client->wire, pointer, 0, "uuii", client->serial++, args[1], 0, 0);
	} else if (args[3] > 0) {
		stub_evil(client, pointer, args[3]);
	}
}

/* One chunk of motions, each with its frame. */
void stub_flood(struct stub_client *client)
{
	while (client->flood_left > 0 && wire_pending(&client->wire) + 28 <= WIRE_CHUNK) {
		uint32_t *motion = wire_put(&client->wire, client->flood_pointer, 2, 3);
		motion[0] = client->flood_left;
		motion[1] = motion[2] = (client->flood_left & 0xff) << 8;
		wire_put(&client->wire, client->flood_pointer, 5, 0);
		client->flood_left--;
	}
}

static const struct {
	const char *interface, *request;
	stub_handler handler;
} handlers[] = {
	{"wl_display",    "sync",	       display_sync		   },
	{"wl_display",    "get_registry",    display_get_registry	   },
	{"wl_registry",	"bind",		registry_bind	     },
	{"wl_compositor", "create_surface",  compositor_create_surface},
	{"wl_surface",    "attach",		 surface_attach	       },
	{"wl_surface",    "frame",		surface_frame	     },
	{"wl_surface",    "commit",		 surface_commit	       },
	{"xdg_wm_base",	"get_xdg_surface", wm_base_get_xdg_surface  },
	{"xdg_surface",	"get_toplevel",	xdg_surface_get_toplevel },
	{"xdg_surface",	"destroy",	   xdg_surface_destroy      },
	{"wl_seat",	    "get_keyboard",    seat_get_keyboard	     },
	{"wl_pointer",    "set_cursor",	     pointer_set_cursor       },
};

stub_handler stub_handler_find(const char *interface, const char *request)
{
	for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
		if (strcmp(handlers[i].interface, interface) == 0 && strcmp(handlers[i].request, request) == 0)
			return handlers[i].handler;
	return NULL;
}
