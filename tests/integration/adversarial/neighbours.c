/* Fifty windows that draw, while others of the project are disconnected for what they do, one after another. */
#include "offence.h"

#include <stdio.h>
#include <string.h>

enum { NEIGHBOURS = 50, ROUNDS = 24, PATIENCE = 10000 /* ms */ };

struct neighbour {
	struct client client;
	struct window window;
	uint32_t number; // in the stub's record
};

static void bad_length(struct client *client)
{
	uint32_t words[] = {client->registry, 4 << 16};
	wire_put_raw(&client->wire, words, sizeof words);
}

static void bad_object(struct client *client)
{
	wire_send(&client->wire, 4711, 0, "");
}

static void bad_bind(struct client *client)
{
	client_bind_raw(client, 0xfffffff0, "zwlr_screencopy_manager_v1", 1, client_id(client));
}

static void bad_new_id(struct client *client)
{
	wire_send(&client->wire, WIRE_DISPLAY, 0, "n", client->next_id + 5);
}

static void bad_pool(struct client *client)
{
	uint32_t shm = client_bind(client, "wl_shm", 1);
	wire_send(&client->wire, shm, 0, "nhi", client_id(client), 0 /* no memory file */, 4096);
}

static void bad_layout(struct client *client)
{
	uint32_t words[] = {
		client_bind(client, "wl_shm", 1), 12 << 16, client_id(client)}; // create_pool without a size
	wire_put_raw(&client->wire, words, sizeof words);
}

static void (*const offences[])(struct client *) = {bad_length, bad_object, bad_bind, bad_new_id, bad_pool, bad_layout};
enum { N_OFFENCES = sizeof offences / sizeof *offences };

static void offend(struct arena *arena, unsigned round)
{
	struct client client;
	arena_connect(arena, &client);
	offences[round % N_OFFENCES](&client);
	client_flush(&client, PATIENCE);
	CHECK(arena, client_wait_closed(&client, PATIENCE), "round %u: the offender is still connected", round);
	CHECK(arena, client.failed, "round %u: there was no wl_display.error", round);
	client_close(&client);
}

/* Every frame came, in order. */
static void check_frames(struct arena *arena, const struct neighbour *neighbours)
{
	uint32_t next[NEIGHBOURS] = {0};
	CHECK(arena, arena->record->n_entries < STUB_LOG_MAX, "the stub's record is full");
	for (uint32_t i = 0; i < arena->record->n_entries; i++) {
		const struct stub_entry *entry = &arena->record->entries[i];
		uint32_t which = entry->client - neighbours[0].number;
		if (which >= NEIGHBOURS || !entry->request || strcmp(entry->request, "damage_buffer") != 0)
			continue;
		CHECK(arena, entry->words[0] == next[which], "of window %u, frame %u came instead of %u", which,
			entry->words[0], next[which]);
		next[which]++;
	}
	for (unsigned i = 0; i < NEIGHBOURS; i++)
		CHECK(arena, next[i] == ROUNDS, "of window %u, %u of %u frames came", i, next[i], ROUNDS);
}

void case_neighbours(struct arena *arena)
{
	static struct neighbour neighbours[NEIGHBOURS];
	arena->what = "50 neighbours of a client that is disconnected";
	for (unsigned i = 0; i < NEIGHBOURS; i++) {
		struct neighbour *n = &neighbours[i];
		arena_connect(arena, &n->client);
		n->number = arena->record ? arena->record->n_accepted : 0;
		CHECK(arena, window_open(&n->window, &n->client, "neighbour", "neighbour"), "%s", n->client.error_text);
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < NEIGHBOURS; i++) {
			window_put_frame(&neighbours[i].window, round, 0, false);
			CHECK(arena, client_flush(&neighbours[i].client, PATIENCE), "round %u: neighbour %u is gone",
				round, i);
		}
		offend(arena, round);
	}
	for (unsigned i = 0; i < NEIGHBOURS; i++) {
		struct client *client = &neighbours[i].client;
		CHECK(arena, client_roundtrip(client) && !client->failed, "neighbour %u is not served: %s", i,
			client->error_text);
	}
	if (arena->record)
		check_frames(arena, neighbours);
	printf("%u clients were disconnected, %u undisturbed\n", ROUNDS, NEIGHBOURS);
	for (unsigned i = 0; i < NEIGHBOURS; i++) {
		window_close(&neighbours[i].window);
		client_close(&neighbours[i].client);
	}
	arena_check_calm(arena);
}
