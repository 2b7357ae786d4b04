/* Clients that take more than their share. */
#include "offence.h"

#include <stdio.h>

enum { CODE_NO_MEMORY = 2, PATIENCE = 10000 /* ms */ };

/* More clients than the policy allows: those that are too many are closed, the others served. */
static void crowd(struct arena *arena)
{
	enum { N = 300, MOST = 128 };
	static struct client clients[N];
	unsigned served = 0, refused = 0;
	arena->what = "300 clients at once";
	for (unsigned i = 0; i < N; i++) {
		if (client_open(&clients[i], arena->listen, true)) {
			served++;
			continue;
		}
		refused += client_wait_closed(&clients[i], PATIENCE);
		CHECK(arena, clients[i].failed && clients[i].error_code == CODE_NO_MEMORY, "client %u was told: %u, %s",
			i, clients[i].error_code, clients[i].error_text);
	}
	printf("%s: %u served, %u refused\n", arena->what, served, refused);
	CHECK(arena, served > MOST / 2 && served <= MOST, "%u were served", served);
	CHECK(arena, served + refused == N, "%u of them were neither served nor closed", N - served - refused);
	arena_check_alive(arena);
	for (unsigned i = 0; i < N; i++)
		client_close(&clients[i]);
	arena_check_calm(arena);
}

/* Connections on which nothing is ever said. */
static void silence(struct arena *arena)
{
	enum { N = 100, TURNS = 20 };
	struct client clients[N];
	arena->what = "2000 clients that say nothing";
	for (unsigned turn = 0; turn < TURNS; turn++) {
		for (unsigned i = 0; i < N; i++)
			CHECK(arena, client_open(&clients[i], arena->listen, false), "nobody listens");
		for (unsigned i = 0; i < N; i++)
			client_close(&clients[i]);
	}
	arena_check_calm(arena);
}

/* n new objects by requests with one new_id; the limit answers, and takes nothing away from anybody else. */
static void hoard(struct arena *arena, const char *what, uint16_t opcode, unsigned n)
{
	struct offender offender = {.arena = arena};
	struct client *client = &offender.client;
	arena->what = what;
	arena_connect(arena, client);
	uint32_t compositor = client_bind(client, "wl_compositor", 4);
	bool ok = client_roundtrip(client);
	for (unsigned i = 0; ok && i < n; i++) {
		*wire_put(&client->wire, compositor, opcode, 1) = client_id(client);
		if (wire_pending(&client->wire) + 12 > WIRE_CHUNK)
			ok = client_flush(client, PATIENCE);
	}
	client_flush(client, PATIENCE);
	CHECK(arena, client_wait_closed(client, PATIENCE), "there is no limit");
	CHECK(arena, client->failed && client->error_code == CODE_NO_MEMORY, "the client was told: %u, %s",
		client->error_code, client->error_text);
	printf("%s: %s\n", what, client->error_text);
	client_close(client);
	arena_check_calm(arena);
}

void case_limits(struct arena *arena)
{
	crowd(arena);
	silence(arena);
	hoard(arena, "5000 surfaces", 0, 5000);
	hoard(arena, "70000 regions", 1, 70000);
}
