/* Strings, objects and ids that are not what the signature says. */
#include "offence.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

/* wl_registry.bind with a string of these bytes. */
static void put_bind(struct offender *offender, uint32_t length, const char *bytes, size_t size)
{
	struct client *client = &offender->client;
	const struct client_global *global = client_find(client, "wl_shm");
	size_t words = (size + 3) / 4;
	uint32_t *args = wire_put(&client->wire, client->registry, 0, 4 + words);
	memset(args, 0, 4 * (4 + words));
	args[0] = global->name;
	args[1] = length;
	memcpy(args + 2, bytes, size);
	args[2 + words] = 1;
	args[3 + words] = client_id(client);
}

static void string_without_nul(struct offender *offender)
{
	put_bind(offender, 8, "wl_shmxx", 8);
}

static void string_with_interior_nul(struct offender *offender)
{
	put_bind(offender, 11, "wl_shm\0xyz\0", 11);
}

static void string_null(struct offender *offender)
{
	put_bind(offender, 0, "", 0);
}

static void string_longer_than_message(struct offender *offender)
{
	put_bind(offender, 4000, "wl_shm", 7);
}

static void string_of_4_gigabytes(struct offender *offender)
{
	put_bind(offender, 0xffffffff, "wl_shm", 7);
}

static void string_that_wraps(struct offender *offender)
{
	put_bind(offender, 0xfffffffd, "wl_shm", 7); // rounded up to a multiple of 4 it is 0
}

static void string_of_2_gigabytes(struct offender *offender)
{
	put_bind(offender, 0x80000007, "wl_shm", 7);
}

static void string_covers_the_rest(struct offender *offender)
{
	put_bind(offender, 16, "wl_shm", 7); // takes version and id for text
}

static uint32_t put_toplevel(struct offender *offender)
{
	struct client *client = &offender->client;
	uint32_t wm_base = client_bind(client, "xdg_wm_base", 2);
	uint32_t xdg_surface = client_id(client), toplevel = client_id(client);
	wire_send(&client->wire, wm_base, 2, "no", xdg_surface, offender->surface);
	wire_send(&client->wire, xdg_surface, 1, "n", toplevel);
	offender_settle(offender);
	return toplevel;
}

enum { TITLE_SIZE_MAX = 8 + 4 + 1024 + 4 }; // of the message; MaxTitle is 1024

static bool is_utf8(const char *text)
{
	mbstate_t state = {0};
	return mbsrtowcs(NULL, &text, 0, &state) != (size_t)-1;
}

/* libwayland lets it pass; compositors that show it die of it. */
static void title_not_utf8(struct offender *offender)
{
	struct stub_record *record = offender->arena->record;
	uint32_t toplevel = put_toplevel(offender), mark = offender->mark;
	wire_send(&offender->client.wire, toplevel, 2, "s", "a\xff\xfe\xc0\xaf\xed\xa0\x80z");
	offender_settle(offender);
	for (uint32_t i = mark; record && i < record->n_entries; i++)
		CHECK(offender->arena, is_utf8(record->entries[i].text), "the compositor saw the title");
}

static void title_of_3900_bytes(struct offender *offender)
{
	static char title[3901];
	memset(title, 'a', sizeof title - 1);
	struct stub_record *record = offender->arena->record;
	uint32_t toplevel = put_toplevel(offender), mark = offender->mark;
	wire_send(&offender->client.wire, toplevel, 2, "s", title);
	offender_settle(offender);
	bool seen = !record;
	for (uint32_t i = mark; record && i < record->n_entries; i++) {
		const struct stub_entry *entry = &record->entries[i];
		if (!entry->request || strcmp(entry->request, "set_title") != 0)
			continue;
		CHECK(offender->arena, entry->size <= TITLE_SIZE_MAX, "the compositor saw a title of %u bytes",
			entry->size);
		seen = true;
	}
	CHECK(offender->arena, seen, "the compositor saw no title");
}

static void title_of_60000_bytes(struct offender *offender)
{
	static char title[60001];
	memset(title, 'a', sizeof title - 1);
	uint32_t toplevel = put_toplevel(offender);
	wire_send(&offender->client.wire, toplevel, 2, "s", title);
}

void case_strings(struct arena *arena)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	static const struct offence offences[] = {
		{"a string without NUL",			 string_without_nul,	     OUTCOME_ERROR  },
		{"a string with an interior NUL",		  string_with_interior_nul,   OUTCOME_ERROR	 },
		{"no string where one must be",		string_null,		     OUTCOME_ERROR  },
		{"a string longer than its message",	     string_longer_than_message, OUTCOME_ERROR  },
		{"a string of 4 GiB",			      string_of_4_gigabytes,	     OUTCOME_ERROR  },
		{"a string whose padded length wraps around", string_that_wraps,		 OUTCOME_ERROR  },
		{"a string of 2 GiB",			      string_of_2_gigabytes,	     OUTCOME_ERROR  },
		{"a string over the arguments after it",	 string_covers_the_rest,	 OUTCOME_ERROR  },
		{"a title that is not UTF-8",		      title_not_utf8,	      OUTCOME_GOES_ON},
		{"a title of 3900 bytes",			  title_of_3900_bytes,	       OUTCOME_GOES_ON},
		{"a title of 60000 bytes",			   title_of_60000_bytes,	 OUTCOME_ANY    },
	};
	OFFENCE_RUN(arena, offences);
}

static void id_unknown(struct offender *offender)
{
	wire_send(&offender->client.wire, 1000, 0, "");
}

static void id_null(struct offender *offender)
{
	wire_send(&offender->client.wire, 0, 0, "n", client_id(&offender->client));
}

static void id_of_server(struct offender *offender)
{
	wire_send(&offender->client.wire, WIRE_SERVER_ID, 0, "");
}

static void id_highest(struct offender *offender)
{
	wire_send(&offender->client.wire, 0xffffffff, 0, "");
}

static void destroyed(struct offender *offender)
{
	struct wire *wire = &offender->client.wire;
	wire_send(wire, offender->surface, 0, "");
	offender_settle(offender);
	wire_send(wire, offender->surface, 6, "");
}

static void destroyed_at_once(struct offender *offender)
{
	struct wire *wire = &offender->client.wire;
	wire_send(wire, offender->surface, 0, "");
	wire_send(wire, offender->surface, 6, "");
	client_flush(&offender->client, 1000);
	client_wait_closed(&offender->client, 10000);
	const struct stub_entry *seen = arena_seen(offender->arena, offender->mark);
	const char *request = seen && seen->request ? seen->request : "?";
	CHECK(offender->arena, !seen || strcmp(request, "destroy") == 0, "the compositor saw %s", request);
	offender->mark = arena_mark(offender->arena);
}

static void destroyed_twice(struct offender *offender)
{
	struct wire *wire = &offender->client.wire;
	wire_send(wire, offender->surface, 0, "");
	offender_settle(offender);
	wire_send(wire, offender->surface, 0, "");
}

static void new_id_taken(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->compositor, 0, "n", offender->surface);
}

static void new_id_display(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->compositor, 0, "n", WIRE_DISPLAY);
}

static void new_id_null(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->compositor, 0, "n", 0);
}

static void new_id_gap(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->compositor, 0, "n", offender->client.next_id + 1);
}

static void new_id_far(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->compositor, 0, "n", 0x00ffffff);
}

static void new_id_last_of_client(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->compositor, 0, "n", WIRE_SERVER_ID - 1);
}

static void new_id_of_server(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->compositor, 0, "n", WIRE_SERVER_ID);
}

static void new_id_highest(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->compositor, 0, "n", 0xffffffff);
}

static void sync_gap(struct offender *offender)
{
	wire_send(&offender->client.wire, WIRE_DISPLAY, 0, "n", offender->client.next_id + 7);
}

static void bind_gap(struct offender *offender)
{
	struct client *client = &offender->client;
	client_bind_raw(client, client_find(client, "wl_shm")->name, "wl_shm", 1, client->next_id + 1);
}

static void argument_of_wrong_interface(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->surface, 1, "oii", offender->shm, 0, 0); // a wl_buffer
}

static void argument_unknown(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->surface, 1, "oii", 4711, 0, 0);
}

static void argument_of_server(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->surface, 1, "oii", WIRE_SERVER_ID, 0, 0);
}

static void argument_null(struct offender *offender)
{
	struct client *client = &offender->client;
	uint32_t subcompositor = client_bind(client, "wl_subcompositor", 1);
	offender_settle(offender);
	wire_send(&client->wire, subcompositor, 1, "noo", client_id(client), 0, offender->surface);
}

static void argument_destroyed(struct offender *offender)
{
	struct client *client = &offender->client;
	uint32_t region = client_id(client);
	wire_send(&client->wire, offender->compositor, 1, "n", region);
	wire_send(&client->wire, region, 0, "");
	offender_settle(offender);
	wire_send(&client->wire, offender->surface, 4, "o", region);
}

/* The compositor has not yet said that the id is free. */
static void argument_destroyed_at_once(struct offender *offender)
{
	struct client *client = &offender->client;
	uint32_t region = client_id(client);
	wire_send(&client->wire, offender->compositor, 1, "n", region);
	wire_send(&client->wire, region, 0, "");
	wire_send(&client->wire, offender->surface, 4, "o", region);
	client_flush(client, 1000);
	client_wait_closed(client, 10000);
	const struct stub_entry *seen = arena_seen(offender->arena, offender->mark);
	const char *request = seen && seen->request ? seen->request : "?";
	CHECK(offender->arena, !seen || strcmp(request, "destroy") == 0, "the compositor saw %s", request);
	offender->mark = arena_mark(offender->arena);
}

void case_objects(struct arena *arena)
{
	static const struct offence offences[] = {
		{"a request on an id that nobody has",	       id_unknown,		   OUTCOME_ERROR},
		{"a request on id 0",			      id_null,		       OUTCOME_ERROR},
		{"a request on an id of the server's range",     id_of_server,		   OUTCOME_ERROR},
		{"a request on id 0xffffffff",		       id_highest,		   OUTCOME_ERROR},
		{"a request on a destroyed object",		    destroyed,		       OUTCOME_ERROR},
		{"a request on an object destroyed just before", destroyed_at_once,	    OUTCOME_ERROR},
		{"an object is destroyed twice",		 destroyed_twice,		  OUTCOME_ERROR},
		{"a new id that is taken",			   new_id_taken,		 OUTCOME_ERROR},
		{"a new id 1",				   new_id_display,	       OUTCOME_ERROR},
		{"a new id 0",				   new_id_null,		    OUTCOME_ERROR},
		{"a new id that leaves a gap",		       new_id_gap,		   OUTCOME_ERROR},
		{"a new id that leaves a gap of 16 million",     new_id_far,			 OUTCOME_ERROR},
		{"a new id 0xfeffffff",				new_id_last_of_client,       OUTCOME_ERROR},
		{"a new id of the server's range",		   new_id_of_server,	     OUTCOME_ERROR},
		{"a new id 0xffffffff",				new_id_highest,		OUTCOME_ERROR},
		{"wl_display.sync leaves a gap",		 sync_gap,			   OUTCOME_ERROR},
		{"wl_registry.bind leaves a gap",		  bind_gap,		    OUTCOME_ERROR},
		{"an object argument of another interface",	    argument_of_wrong_interface, OUTCOME_ERROR},
		{"an object argument that nobody has",	       argument_unknown,		 OUTCOME_ERROR},
		{"an object argument of the server's range",     argument_of_server,		 OUTCOME_ERROR},
		{"no object where one must be",			argument_null,	       OUTCOME_ERROR},
		{"a destroyed object as argument",		   argument_destroyed,	       OUTCOME_ERROR},
		{"an object destroyed just before as argument",	argument_destroyed_at_once,  OUTCOME_ERROR},
	};
	OFFENCE_RUN(arena, offences);
}
