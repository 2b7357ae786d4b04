/* Shared memory up to the limits, of a client and of the project: 2 GiB of live buffers and 64 GiB of pools, and four times
 * that. Nobody else is touched, and what a client had is free again when it has gone. */
#include "offence.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	CODE_NO_MEMORY = 2,
	PATIENCE = 10000, // ms
	FACTOR = 4,	  // of the project
	POOL = 0x7fffffff,
	POOLS = 32,   // one byte each less than 64 GiB
	LINE = 65536, // bytes
	LINES = 16384,
	BUFFERS = 2,
};

struct hoarder {
	struct client client;
	uint32_t shm, pool;
};

static int memory;

static uint32_t put_pool(struct hoarder *hoarder)
{
	uint32_t pool = client_id(&hoarder->client);
	wire_send(&hoarder->client.wire, hoarder->shm, 0, "nhi", pool, memory, POOL);
	client_flush(&hoarder->client, PATIENCE);
	return pool;
}

static void add_pool(struct hoarder *hoarder)
{
	put_pool(hoarder);
}

static void add_buffer(struct hoarder *hoarder)
{
	if (!hoarder->pool)
		hoarder->pool = put_pool(hoarder);
	wire_send(&hoarder->client.wire, hoarder->pool, 0, "niiiiu", client_id(&hoarder->client), 0, LINE / 4, LINES,
		LINE, 1);
}

static void open_hoarder(struct arena *arena, struct hoarder *hoarder)
{
	arena_connect(arena, &hoarder->client);
	hoarder->shm = client_bind(&hoarder->client, "wl_shm", 1);
}

/* One of its kind at a time: so many are as much as a client may have, or little less. */
struct kind {
	const char *what;
	void (*add)(struct hoarder *hoarder);
	int most;
};

static void fill(struct hoarder *hoarder, const struct kind *kind, int n)
{
	while (n-- > 0)
		kind->add(hoarder);
}

static void expect_no_memory(struct arena *arena, struct hoarder *hoarder)
{
	struct client *client = &hoarder->client;
	client_flush(client, PATIENCE);
	CHECK(arena, client_wait_closed(client, PATIENCE), "there is no limit");
	CHECK(arena, client->failed && client->error_code == CODE_NO_MEMORY, "the client was told: %u, %s",
		client->error_code, client->error_text);
	client_close(client);
}

/* A client has all that it may, while the project has room. */
static void reach_alone(struct arena *arena, const struct kind *kind)
{
	struct hoarder hoarder = {0};
	arena->what = kind->what;
	open_hoarder(arena, &hoarder);
	fill(&hoarder, kind, kind->most);
	CHECK(arena, client_roundtrip(&hoarder.client), "alone, up to the limit: %s", hoarder.client.error_text);
	kind->add(&hoarder);
	expect_no_memory(arena, &hoarder);
	arena_check_calm(arena);
}

static void reach(struct arena *arena, const struct kind *kind)
{
	struct hoarder hoarders[FACTOR] = {0}, late = {0};
	arena->what = kind->what;
	for (int i = 0; i < FACTOR; i++) {
		open_hoarder(arena, &hoarders[i]);
		// The last one has one less: the bystanders have some too.
		fill(&hoarders[i], kind, kind->most - (i == FACTOR - 1));
		CHECK(arena, client_roundtrip(&hoarders[i].client), "client %d, up to the limit: %s", i,
			hoarders[i].client.error_text);
	}
	// The project has all that it may.
	open_hoarder(arena, &late);
	kind->add(&late);
	expect_no_memory(arena, &late);
	// One goes, and what it had is there for somebody else, as soon as the proxy has seen it go.
	kind->add(&hoarders[0]);
	expect_no_memory(arena, &hoarders[0]);
	for (int i = 1; i < FACTOR; i++)
		CHECK(arena, client_roundtrip(&hoarders[i].client), "client %d, which stays below the limit: %s", i,
			hoarders[i].client.error_text);
	arena_check_alive(arena);
	late = (struct hoarder){0};
	open_hoarder(arena, &late);
	fill(&late, kind, kind->most);
	CHECK(arena, client_roundtrip(&late.client), "after one has gone: %s", late.client.error_text);
	client_close(&late.client);
	for (int i = 1; i < FACTOR; i++)
		client_close(&hoarders[i].client);
	printf("%s: reached\n", kind->what);
	arena_check_calm(arena);
}

void case_memory(struct arena *arena)
{
	memory = memfd_create("memory", MFD_CLOEXEC);
	if (memory < 0 || ftruncate(memory, POOL) < 0)
		abort();
	static const struct kind kinds[] = {
		{"64 GiB of pools, of each of four clients",  add_pool,   POOLS  },
		{"2 GiB of buffers, of each of four clients", add_buffer, BUFFERS},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		reach_alone(arena, &kinds[i]);
		reach(arena, &kinds[i]);
	}
	close(memory);
}
