/* Clients that leave at every point of a session, and ten thousand that come and go. */
#include "offence.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STEPS = 4 };

/* What a client sends, in steps: before the next one it waits for the answer to the sync that ends the step. */
struct script {
	struct wire wire; // unconnected: what is put is the script
	size_t ends[STEPS];
	uint32_t callbacks[STEPS];
	uint32_t n_ids;
	size_t fd_at; // the byte that the descriptor comes with
	int fd;
};

static uint32_t script_id(struct script *script)
{
	return script->n_ids++;
}

static void end_step(struct script *script, unsigned step)
{
	script->callbacks[step] = script_id(script);
	wire_send(&script->wire, WIRE_DISPLAY, 0, "n", script->callbacks[step]);
	script->ends[step] = script->wire.out_end;
}

static uint32_t put_bind(struct script *script, const struct client *client, const char *interface, uint32_t version)
{
	uint32_t id = script_id(script);
	wire_send(&script->wire, 2, 0, "usun", client_find(client, interface)->name, interface, version, id);
	return id;
}

/* The globals come from a client that saw the registry; ids are dense since none is used twice. */
static void write_script(struct script *script, const struct client *client, const struct window *window)
{
	*script = (struct script){.n_ids = 2, .fd = window->memory};
	wire_init(&script->wire, -1);
	struct wire *wire = &script->wire;
	wire_send(wire, WIRE_DISPLAY, 1, "n", script_id(script));
	end_step(script, 0);

	uint32_t compositor = put_bind(script, client, "wl_compositor", 4);
	uint32_t shm = put_bind(script, client, "wl_shm", 1);
	uint32_t wm_base = put_bind(script, client, "xdg_wm_base", 2);
	uint32_t seat = put_bind(script, client, "wl_seat", 5);
	uint32_t devices = put_bind(script, client, "wl_data_device_manager", 3);
	put_bind(script, client, "wl_output", 3);
	uint32_t surface = script_id(script), xdg_surface = script_id(script), toplevel = script_id(script);
	wire_send(wire, compositor, 0, "n", surface);
	wire_send(wire, wm_base, 2, "no", xdg_surface, surface);
	wire_send(wire, xdg_surface, 1, "n", toplevel);
	wire_send(wire, toplevel, 2, "s", "A title that is somewhat long \xe2\x80\x94 and has a dash");
	wire_send(wire, toplevel, 3, "s", "org.example.cut");
	wire_send(wire, surface, 6, "");
	end_step(script, 1);

	uint32_t pool = script_id(script), buffer = script_id(script), icon = script_id(script);
	script->fd_at = wire->out_end;
	wire_send(wire, shm, 0, "ni", pool, 4 * WINDOW_WIDTH * WINDOW_HEIGHT);
	wire_send(wire, pool, 0, "niiiiu", buffer, 0, 64, 64, 256, 1);
	wire_send(wire, compositor, 0, "n", icon);
	wire_send(wire, icon, 1, "oii", buffer, 0, 0);
	wire_send(wire, icon, 9, "iiii", 0, 0, 64, 64);
	wire_send(wire, icon, 3, "n", script_id(script)); // frame
	wire_send(wire, icon, 6, "");
	uint32_t keyboard = script_id(script), device = script_id(script), source = script_id(script);
	wire_send(wire, seat, 1, "n", keyboard);
	wire_send(wire, devices, 1, "no", device, seat);
	wire_send(wire, devices, 0, "n", source);
	wire_send(wire, source, 0, "s", "text/plain;charset=utf-8");
	end_step(script, 2);

	wire_send(wire, source, 1, "");
	wire_send(wire, keyboard, 0, "");
	wire_send(wire, buffer, 0, "");
	wire_send(wire, pool, 1, "");
	wire_send(wire, icon, 0, "");
	wire_send(wire, toplevel, 0, "");
	wire_send(wire, xdg_surface, 0, "");
	wire_send(wire, surface, 0, "");
	end_step(script, 3);
}

static bool wait_callback(struct client *client, uint32_t callback)
{
	struct wire_message message;
	bool broken;
	for (;;) {
		while (wire_next(&client->wire, &message, &broken))
			if (message.id == callback)
				return true;
		if (broken || wire_wait(&client->wire, POLLIN, 10000) == 0 || wire_read(&client->wire) <= 0)
			return false;
	}
}

/* Sends the first size bytes. */
static bool play(struct client *client, const struct script *script, size_t size)
{
	size_t start = 0;
	for (unsigned step = 0; step < STEPS && start < size; step++) {
		size_t end = script->ends[step] < size ? script->ends[step] : size;
		bool with_fd = script->fd_at >= start && script->fd_at < end;
		size_t before = with_fd ? script->fd_at : end;
		if (before > start &&
			wire_sendmsg(client->wire.fd, script->wire.out + start, before - start, NULL, 0) < 0)
			return false;
		if (with_fd &&
			wire_sendmsg(client->wire.fd, script->wire.out + before, end - before, &script->fd, 1) < 0)
			return false;
		if (end == script->ends[step] && end < size && !wait_callback(client, script->callbacks[step]))
			return false;
		start = end;
	}
	return true;
}

static void cut_at(struct arena *arena, const struct script *script, size_t size, bool half_close)
{
	struct client client;
	CHECK(arena, client_open(&client, arena->listen, false), "byte %zu: nobody listens", size);
	CHECK(arena, play(&client, script, size), "byte %zu: a client that does nothing wrong is not served", size);
	if (half_close) {
		shutdown(client.wire.fd, SHUT_WR);
		CHECK(arena, client_wait_closed(&client, 10000), "byte %zu: the end of a client is not seen", size);
	}
	client_close(&client);
}

void case_cut(struct arena *arena)
{
	arena->what = "a client that disconnects at every byte";
	struct client client;
	struct window window;
	struct script script;
	arena_connect(arena, &client);
	CHECK(arena, window_open(&window, &client, "cut", "cut"), "%s", client.error_text);
	write_script(&script, &client, &window);
	size_t size = script.ends[STEPS - 1];
	for (int half_close = 0; half_close < 2; half_close++) {
		for (size_t i = 0; i <= size; i++) {
			cut_at(arena, &script, i, half_close);
			if (i % 256 == 0)
				arena_check_alive(arena);
		}
	}
	printf("2 x %zu clients left\n", size + 1);
	wire_finish(&script.wire);
	window_close(&window);
	client_close(&client);
	arena_check_calm(arena);
}

/* What filters keep something of: devices, a selection that is refused, an output, a token, an inhibitor. */
static void put_rest(struct client *client, uint32_t surface)
{
	struct wire *wire = &client->wire;
	uint32_t seat = client_bind(client, "wl_seat", 5), devices = client_bind(client, "wl_data_device_manager", 3);
	uint32_t tokens = client_bind(client, "xdg_activation_v1", 1);
	uint32_t inhibitors = client_bind(client, "zwp_idle_inhibit_manager_v1", 1);
	client_bind(client, "wl_output", 3);
	wire_send(wire, seat, 0, "n", client_id(client));
	wire_send(wire, seat, 1, "n", client_id(client));
	uint32_t device = client_id(client), source = client_id(client);
	wire_send(wire, devices, 1, "no", device, seat);
	wire_send(wire, devices, 0, "n", source);
	wire_send(wire, source, 0, "s", "text/plain;charset=utf-8");
	wire_send(wire, device, 1, "ou", source, 0);
	if (tokens) {
		uint32_t token = client_id(client);
		wire_send(wire, tokens, 1, "n", token);
		wire_send(wire, token, 3, "");
	}
	if (inhibitors)
		wire_send(wire, inhibitors, 1, "no", client_id(client), surface);
}

static void live(struct arena *arena)
{
	struct client client;
	struct window window;
	arena_connect(arena, &client);
	CHECK(arena, window_open(&window, &client, "one of many", "many"), "%s", client.error_text);
	window_put_frame(&window, 0, window_put_region(&window), true);
	put_rest(&client, window.surface);
	CHECK(arena, client_roundtrip(&client), "%s", client.error_text);
	window_close(&window);
	client_close(&client);
}

void case_lifetimes(struct arena *arena)
{
	enum { WARM_UP = 500, MOST = 512 * 1024 };
	unsigned n = arena->record ? 10000 : 1000;
	arena->what = "clients that come and go";
	for (unsigned i = 0; i < WARM_UP; i++)
		live(arena);
	arena_check_calm(arena);
	int64_t before = process_private_memory(arena->proxy.pid);
	for (unsigned i = 0; i < n; i++)
		live(arena);
	arena_check_calm(arena);
	int64_t after = process_private_memory(arena->proxy.pid);
	printf("%u clients; the proxy's private memory: %ld KiB before, %ld KiB after\n", n, (long)(before / 1024),
		(long)(after / 1024));
	CHECK(arena, before > 0, "the memory of the proxy cannot be read");
	CHECK(arena, ARENA_SANITIZED || after - before < MOST, "the proxy grew by %ld KiB",
		(long)((after - before) / 1024));
}
