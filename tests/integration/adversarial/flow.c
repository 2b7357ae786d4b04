/* Clients that do not read, or send a byte at a time; compositors that stop or die. */
#include "offence.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMORY_MAX = 8 << 20 }; // what one stuck client may cost the proxy

static void check_memory(struct arena *arena, int64_t before, unsigned n_clients)
{
	int64_t now = process_private_memory(arena->proxy.pid);
	printf("%s: the proxy's memory grew by %ld KiB\n", arena->what, (long)((now - before) / 1024));
	CHECK(arena, ARENA_SANITIZED || now - before < (int64_t)n_clients * MEMORY_MAX, "the proxy grew by %ld KiB",
		(long)((now - before) / 1024));
}

/* wl_display.sync until nobody takes any more. The answers are never read. */
static unsigned stuff(struct client *client)
{
	unsigned sent = 0;
	while (sent < 1000000 && wire_wait(&client->wire, POLLOUT, 500)) {
		for (unsigned i = 0; i < 300; i++, sent++)
			client_put_sync(client);
		if (wire_flush(&client->wire) < 0)
			break;
	}
	return sent;
}

static void syncs_unread(struct arena *arena, unsigned n_clients)
{
	struct client clients[32];
	int64_t before = process_private_memory(arena->proxy.pid);
	for (unsigned i = 0; i < n_clients; i++) {
		arena_connect(arena, &clients[i]);
		unsigned sent = stuff(&clients[i]);
		if (n_clients == 1)
			printf("%s: %u sent\n", arena->what, sent);
	}
	arena_check_alive(arena);
	check_memory(arena, before, n_clients);
	for (unsigned i = 0; i < n_clients; i++)
		client_close(&clients[i]);
	arena_check_calm(arena);
}

struct flood {
	uint32_t pointer;
	uint32_t n_motions, next;
	bool in_order;
};

static void on_flood(struct client *client, const struct wire_message *message)
{
	struct flood *flood = client->data;
	if (message->id != flood->pointer || message->opcode != 2)
		return;
	flood->in_order = flood->in_order && message->args[0] == flood->next;
	flood->next--;
	flood->n_motions++;
}

/* The client does not read for a second, and then everything must come. */
static void events_unread_for_a_while(struct arena *arena)
{
	enum { N = 500000 };
	struct flood flood = {.next = N, .in_order = true};
	struct client client;
	int64_t before = process_private_memory(arena->proxy.pid);
	arena_connect(arena, &client);
	uint32_t seat = client_bind(&client, "wl_seat", 5);
	flood.pointer = client_id(&client);
	wire_send(&client.wire, seat, 0, "n", flood.pointer);
	wire_send(&client.wire, flood.pointer, 0, "uoii", 1, 0, N, 0); // set_cursor: see stub.h
	client.on_event = on_flood;
	client.data = &flood;
	client_flush(&client, 1000);
	usleep(1000000);
	arena_check_alive(arena);
	check_memory(arena, before, 1);
	while (flood.n_motions < N && client_dispatch(&client, 10000))
		;
	CHECK(arena, flood.n_motions == N && flood.in_order, "%u of %d events came, %s", flood.n_motions, N,
		flood.in_order ? "in order" : "out of order");
	CHECK(arena, client_roundtrip(&client), "the client is not served: %s", client.error_text);
	client_close(&client);
	arena_check_calm(arena);
}

void case_never_reads(struct arena *arena)
{
	arena->what = "a client that never reads";
	syncs_unread(arena, 1);
	arena->what = "20 clients that never read";
	syncs_unread(arena, 20);
	if (arena->record) {
		arena->what = "a client that reads late";
		events_unread_for_a_while(arena);
	}
}

/* Everything a window needs, each byte in a packet of its own. */
void case_bytewise(struct arena *arena)
{
	arena->what = "a client that sends byte by byte";
	struct client client;
	struct window window;
	arena_connect(arena, &client);
	CHECK(arena, window_open(&window, &client, "bytewise", "bytewise"), "%s", client.error_text);
	uint32_t region = window_put_region(&window);
	client_flush(&client, 1000);
	uint32_t pool = client_id(&client), buffer = client_id(&client);
	wire_send(&client.wire, window.shm, 0, "nhi", pool, window.memory, 4 * WINDOW_WIDTH * WINDOW_HEIGHT);
	wire_send(&client.wire, pool, 0, "niiiiu", buffer, 0, WINDOW_WIDTH, WINDOW_HEIGHT, 4 * WINDOW_WIDTH, 1);
	wire_send(&client.wire, pool, 1, "");
	wire_send(&client.wire, window.toplevel, 2, "s", "another title");
	window_put_frame(&window, 3, region, true);
	client.wire.n_out_fds = 0;
	for (size_t i = client.wire.out_start; i < client.wire.out_end; i++) {
		CHECK(arena, wire_sendmsg(client.wire.fd, client.wire.out + i, 1, &window.memory, i == 0) == 0,
			"byte %zu", i);
		if (i % 5 == 0) // others are read in between
			CHECK(arena, witness_lives(arena->through, 10000), "the bystander is not served");
	}
	client.wire.out_start = client.wire.out_end = 0;
	CHECK(arena, client_roundtrip(&client), "the client is not served: %s", client.error_text);
	window_close(&window);
	client_close(&client);
	arena_check_calm(arena);
}

/* The process that listens at path, as the kernel knows it. */
static pid_t find_compositor(struct arena *arena)
{
	if (arena->stub.pid > 0)
		return arena->stub.pid;
	int fd = wire_connect(arena->upstream);
	struct ucred peer = {0};
	socklen_t size = sizeof peer;
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	close(fd);
	CHECK(arena, peer.pid > 0, "who the compositor is cannot be known");
	return peer.pid;
}

/* Draws at 60 Hz without waiting for the compositor, each frame with its number; what the socket does not take is kept
 * and sent later, as a client that polls does. */
static void draw(struct arena *arena, struct window *window, unsigned frames)
{
	uint64_t start = wire_now();
	for (unsigned frame = 1; frame <= frames; frame++) {
		window_put_frame(window, frame, 0, false);
		CHECK(arena, wire_flush(&window->client->wire) >= 0, "the client was disconnected at frame %u", frame);
		int64_t left = (int64_t)(start + frame * 16666667ull - wire_now());
		if (left > 0)
			usleep((useconds_t)(left / 1000));
	}
}

static void check_frames(struct arena *arena, uint32_t client, unsigned frames)
{
	uint32_t next = 1;
	for (uint32_t i = 0; i < arena->record->n_entries && i < STUB_LOG_MAX; i++) {
		const struct stub_entry *entry = &arena->record->entries[i];
		if (entry->client != client || !entry->request || strcmp(entry->request, "damage_buffer") != 0)
			continue;
		CHECK(arena, entry->words[0] == next, "after frame %u came frame %u", next - 1, entry->words[0]);
		next++;
	}
	CHECK(arena, next == frames + 1, "%u of %u frames came", next - 1, frames);
}

/* In a process of its own: more than all buffers hold, at full speed, with poll where the socket is full. */
static pid_t start_flooder(struct arena *arena, struct window *window, unsigned frames)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	bool ok = true;
	for (unsigned frame = 1; ok && frame <= frames; frame++) {
		window_put_frame(window, frame, 0, false);
		ok = client_flush(window->client, 60000);
	}
	_exit(ok && client_roundtrip(window->client) ? 0 : 1);
}

void case_stopped(struct arena *arena)
{
	enum { FRAMES = 600, FLOOD = 120000 /* 6 MB: more than all buffers together */ };
	arena->what = "a compositor that is stopped for 10 s";
	pid_t compositor = find_compositor(arena);
	struct client clients[2], late;
	struct window windows[2];
	uint32_t numbers[2] = {0};
	for (int i = 0; i < 2; i++) {
		arena_connect(arena, &clients[i]);
		numbers[i] = arena->record ? arena->record->n_accepted : 0;
		CHECK(arena, window_open(&windows[i], &clients[i], "60 Hz", "drawer"), "%s", clients[i].error_text);
	}
	kill(compositor, SIGSTOP);
	pid_t flooder = start_flooder(arena, &windows[1], FLOOD);
	bool connected = client_open(&late, arena->listen, false);
	draw(arena, &windows[0], FRAMES);
	bool alive = process_alive(&arena->proxy);
	kill(compositor, SIGCONT);
	CHECK(arena, alive, "the proxy is gone");
	CHECK(arena, connected && client_roundtrip(&late), "a client that came meanwhile is not served");
	CHECK(arena, client_roundtrip(&clients[0]), "the client is not served: %s", clients[0].error_text);
	int status = -1;
	waitpid(flooder, &status, 0);
	CHECK(arena, status == 0, "the client that sent more than the buffers hold was not served");
	if (arena->record) {
		CHECK(arena, arena->record->n_entries < STUB_LOG_MAX, "the stub's record is full");
		check_frames(arena, numbers[0], FRAMES);
		check_frames(arena, numbers[1], FLOOD);
	}
	client_close(&late);
	for (int i = 0; i < 2; i++) {
		window_close(&windows[i]);
		client_close(&clients[i]);
	}
	arena_check_calm(arena);
}

static void restart_bystanders(struct arena *arena)
{
	witness_stop(arena->through);
	witness_stop(arena->direct);
	arena->direct = witness_start(arena->upstream);
	CHECK(arena, arena->direct, "the new compositor serves nobody");
	arena->through = witness_start(arena->listen);
	CHECK(arena, arena->through, "the proxy does not find the new compositor");
	usleep(50000); // the connections of the bystanders before
	arena->n_fds = process_count_fds(arena->proxy.pid);
	arena->n_clients = arena->record->n_clients;
}

/* Only with the stub: it can be started again. */
void case_dead(struct arena *arena)
{
	if (!arena->record)
		return;
	arena->what = "a compositor that is killed";
	struct client client, late;
	struct window window;
	arena_connect(arena, &client);
	CHECK(arena, window_open(&window, &client, "dead", "dead"), "%s", client.error_text);
	kill(arena->stub.pid, SIGKILL);
	process_stop(&arena->stub);
	CHECK(arena, client_wait_closed(&client, 10000), "the client is still connected");
	CHECK(arena, process_alive(&arena->proxy), "the proxy is gone");
	if (client_open(&late, arena->listen, false)) {
		client_roundtrip(&late);
		CHECK(arena, client_wait_closed(&late, 10000), "a client without a compositor waits for ever");
	}
	client_close(&late);
	window_close(&window);
	client_close(&client);
	CHECK(arena, process_alive(&arena->proxy), "the proxy is gone");
	arena->record->n_clients = 0;
	arena->stub.pid = stub_start(arena->upstream, arena->record, -1);
	CHECK(arena, arena->stub.pid > 0, "the stub does not start again");
	restart_bystanders(arena);
	arena_check_calm(arena);
}
