#include "offence.h"

#include <stdio.h>
#include <string.h>

enum { PATIENCE = 10000 /* ms */ };

static void prepare(struct offender *offender)
{
	struct client *client = &offender->client;
	arena_connect(offender->arena, client);
	offender->compositor = client_bind(client, "wl_compositor", 4);
	offender->shm = client_bind(client, "wl_shm", 1);
	offender->surface = client_id(client);
	wire_send(&client->wire, offender->compositor, 0, "n", offender->surface);
	offender_settle(offender);
}

void offender_settle(struct offender *offender)
{
	CHECK(offender->arena, client_roundtrip(&offender->client), "a well-behaved client is not served: %s",
		offender->client.error_text);
	offender->mark = arena_mark(offender->arena);
}

static void check_closed(struct offender *offender)
{
	struct arena *arena = offender->arena;
	struct client *client = &offender->client;
	client_flush(client, PATIENCE);
	CHECK(arena, client_wait_closed(client, PATIENCE), "the client is still connected%s%s",
		client->failed ? ", after: " : "", client->error_text);
	CHECK(arena, client->failed, "the client was disconnected without wl_display.error");
	CHECK(arena, client->error_text[0], "the error has no text");
}

static void check_error(struct offender *offender)
{
	struct arena *arena = offender->arena;
	check_closed(offender);
	const struct stub_entry *seen = arena_seen(arena, offender->mark);
	CHECK(arena, !seen, "the compositor saw %s.%s (object %u, opcode %u, %u bytes)",
		seen->interface ? seen->interface : "?", seen->request ? seen->request : "?", seen->object,
		seen->opcode, seen->size);
}

static void run_one(struct arena *arena, const struct offence *offence)
{
	struct offender offender = {.arena = arena};
	struct client *client = &offender.client;
	arena->what = offence->name;
	prepare(&offender);
	offence->act(&offender);
	if (offence->outcome == OUTCOME_ERROR)
		check_error(&offender);
	else if (offence->outcome == OUTCOME_REFUSED && !arena->record)
		check_closed(&offender);
	else if (offence->outcome == OUTCOME_GOES_ON)
		CHECK(arena, client_roundtrip(client), "the client is not served any more: %s", client->error_text);
	else
		client_roundtrip(client);
	printf("%-60s %s\n", offence->name,
		client->failed	 ? client->error_text
		: client->closed ? "(closed)"
				 : "(goes on)");
	fflush(stdout);
	client_close(client);
	arena_check_calm(arena);
}

void offence_run(struct arena *arena, const struct offence *offences, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_one(arena, &offences[i]);
	arena->what = NULL;
}
