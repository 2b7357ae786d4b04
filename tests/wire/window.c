#include "window.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STRIDE = 4 * WINDOW_WIDTH, POOL_SIZE = STRIDE * WINDOW_HEIGHT };

static void on_event(struct client *client, const struct wire_message *message)
{
	struct window *window = client->data;
	if (message->id == window->callback) {
		window->callback = 0;
		window->n_frames++;
	} else if (message->id == window->buffer) {
		window->n_releases++;
	} else if (message->id == window->xdg_surface) {
		*wire_put(&client->wire, window->xdg_surface, 4, 1) = message->args[0]; // ack_configure
		window->n_configures++;
	} else if (message->id == window->wm_base) {
		*wire_put(&client->wire, window->wm_base, 3, 1) = message->args[0]; // pong
	}
}

static void put_buffer(struct window *window)
{
	struct wire *wire = &window->client->wire;
	window->memory = memfd_create("window", MFD_CLOEXEC);
	if (window->memory < 0 || ftruncate(window->memory, POOL_SIZE) < 0)
		abort();
	window->pool = client_id(window->client);
	window->buffer = client_id(window->client);
	wire_send(wire, window->shm, 0, "nhi", window->pool, window->memory, POOL_SIZE);
	wire_send(wire, window->pool, 0, "niiiiu", window->buffer, 0, WINDOW_WIDTH, WINDOW_HEIGHT, STRIDE, 1);
}

bool window_open(struct window *window, struct client *client, const char *title, const char *app_id)
{
	*window = (struct window){.client = client, .memory = -1};
	client->on_event = on_event;
	client->data = window;
	window->compositor = client_bind(client, "wl_compositor", 4);
	window->shm = client_bind(client, "wl_shm", 1);
	window->wm_base = client_bind(client, "xdg_wm_base", 2);
	if (!window->compositor || !window->shm || !window->wm_base)
		return false;
	struct wire *wire = &client->wire;
	window->surface = client_id(client);
	window->xdg_surface = client_id(client);
	window->toplevel = client_id(client);
	wire_send(wire, window->compositor, 0, "n", window->surface);
	wire_send(wire, window->wm_base, 2, "no", window->xdg_surface, window->surface);
	wire_send(wire, window->xdg_surface, 1, "n", window->toplevel);
	wire_send(wire, window->toplevel, 2, "s", title);
	wire_send(wire, window->toplevel, 3, "s", app_id);
	wire_send(wire, window->surface, 6, "");
	put_buffer(window);
	while (window->n_configures == 0)
		if (!client_dispatch(client, CLIENT_TIMEOUT))
			return false;
	return true;
}

void window_close(struct window *window)
{
	if (window->memory >= 0)
		close(window->memory);
	window->memory = -1;
}

void window_put_frame(struct window *window, uint32_t damage, uint32_t region, bool callback)
{
	struct wire *wire = &window->client->wire;
	uint32_t *args = wire_put(wire, window->surface, 1, 3); // attach
	args[0] = window->buffer;
	args[1] = args[2] = 0;
	args = wire_put(wire, window->surface, 9, 4); // damage_buffer
	args[0] = damage;
	args[1] = 0;
	args[2] = WINDOW_WIDTH;
	args[3] = WINDOW_HEIGHT;
	if (region)
		*wire_put(wire, window->surface, 4, 1) = region; // set_opaque_region
	if (callback) {
		window->callback = client_id(window->client);
		*wire_put(wire, window->surface, 3, 1) = window->callback; // frame
	}
	wire_put(wire, window->surface, 6, 0); // commit
}

uint32_t window_put_region(struct window *window)
{
	uint32_t region = client_id(window->client);
	*wire_put(&window->client->wire, window->compositor, 1, 1) = region;
	wire_send(&window->client->wire, region, 1, "iiii", 0, 0, WINDOW_WIDTH, WINDOW_HEIGHT);
	return region;
}
