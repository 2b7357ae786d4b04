/* Headers that lie, and opcodes that do not exist. */
#include "offence.h"

#include <string.h>

static void put_header(struct offender *offender, uint32_t id, uint32_t opcode, uint32_t size)
{
	uint32_t header[] = {id, size << 16 | opcode};
	wire_put_raw(&offender->client.wire, header, sizeof header);
}

static void put_words(struct offender *offender, uint32_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		wire_put_raw(&offender->client.wire, &value, sizeof value);
}

static void size_zero(struct offender *offender)
{
	put_header(offender, offender->surface, 6, 0);
	put_words(offender, 0, 4);
}

static void size_four(struct offender *offender)
{
	put_header(offender, offender->surface, 6, 4);
}

static void size_seven(struct offender *offender)
{
	put_header(offender, offender->surface, 6, 7);
}

static void size_ten(struct offender *offender)
{
	put_header(offender, offender->surface, 8, 10);
	put_words(offender, 1, 1);
}

static void size_fifteen(struct offender *offender)
{
	put_header(offender, offender->surface, 8, 15);
	put_words(offender, 1, 2);
}

static void too_short(struct offender *offender)
{
	put_header(offender, offender->surface, 8, 8);
}

static void too_long(struct offender *offender)
{
	put_header(offender, offender->surface, 8, 16);
	put_words(offender, 1, 2);
}

static void longer_than_sent(struct offender *offender)
{
	put_header(offender, offender->surface, 8, 4000);
	put_words(offender, 1, 10);
	client_flush(&offender->client, 1000);
}

static void only_a_header(struct offender *offender)
{
	put_header(offender, offender->surface, 8, 12);
	client_flush(&offender->client, 1000);
}

static void half_a_header(struct offender *offender)
{
	put_words(offender, offender->surface, 1);
	client_flush(&offender->client, 1000);
}

static void largest(struct offender *offender)
{
	put_header(offender, offender->surface, 8, 65532);
	put_words(offender, 1, (65532 - 8) / 4);
}

static void random_bytes(struct offender *offender)
{
	uint32_t state = 1;
	for (int i = 0; i < 20480; i++)
		put_words(offender, state = state * 1664525 + 1013904223, 1);
}

static void http(struct offender *offender)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	wire_put_raw(&offender->client.wire, text, sizeof text - 1);
}

/* The right message comes first in the same packet: it may pass, the wrong one not. */
static void after_a_right_one(struct offender *offender)
{
	wire_send(&offender->client.wire, offender->surface, 8, "i", 2);
	client_roundtrip(&offender->client);
	offender->mark = arena_mark(offender->arena);
	put_header(offender, offender->surface, 6, 0);
}

void case_framing(struct arena *arena)
{
	static const struct offence offences[] = {
		{"size 0",			   size_zero,	      OUTCOME_ERROR},
		{"size 4",			   size_four,	      OUTCOME_ERROR},
		{"size 7",			   size_seven,	       OUTCOME_ERROR},
		{"size 10",			    size_ten,	      OUTCOME_ERROR},
		{"size 15",			    size_fifteen,	  OUTCOME_ERROR},
		{"an argument is missing",	   too_short,	      OUTCOME_ERROR},
		{"bytes after the last argument", too_long,	    OUTCOME_ERROR},
		{"size 65532",		       largest,		OUTCOME_ERROR},
		{"80 KiB of random bytes",	   random_bytes,	 OUTCOME_ERROR},
		{"size 0 after a right message",	 after_a_right_one, OUTCOME_ERROR},
	};
	/* Cut off in the middle: nobody can tell a slow client from a wrong one. */
	static const struct offence cut[] = {
		{"a message longer than what is sent", longer_than_sent, OUTCOME_GOES_ON},
		{"only a header",			  only_a_header,	 OUTCOME_GOES_ON},
		{"an HTTP request",		    http,		  OUTCOME_GOES_ON}, // its header announces 21,576 bytes
		{"half a header",			  half_a_header,	 OUTCOME_GOES_ON},
	};
	OFFENCE_RUN(arena, offences);
	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		struct offender offender = {.arena = arena};
		arena->what = cut[i].name;
		arena_connect(arena, &offender.client);
		offender.surface = offender.client.registry;
		cut[i].act(&offender);
		arena_check_alive(arena);
		client_close(&offender.client);
		arena_check_calm(arena);
	}
}

static void opcode_256(struct offender *offender)
{
	put_header(offender, offender->surface, 256, 8);
}

static void opcode_256_and_commit(struct offender *offender)
{
	put_header(offender, offender->surface, 256 + 6, 8); // a table of bytes would take it for wl_surface.commit
}

static void opcode_65535(struct offender *offender)
{
	put_header(offender, offender->surface, 65535, 8);
}

static void opcode_after_last(struct offender *offender)
{
	put_header(offender, offender->shm, 2, 8);
}

static void opcode_newer(struct offender *offender)
{
	put_header(offender, offender->surface, 10, 16); // wl_surface.offset, since 5; bound is 4
	put_words(offender, 1, 2);
}

static void opcode_of_callback(struct offender *offender)
{
	struct client *client = &offender->client;
	put_header(offender, client_put_sync(client), 0, 8); // wl_callback has no request
}

static void opcode_of_display(struct offender *offender)
{
	put_header(offender, WIRE_DISPLAY, 2, 8);
}

void case_opcodes(struct arena *arena)
{
	static const struct offence offences[] = {
		{"opcode 256",			       opcode_256,		   OUTCOME_ERROR},
		{"opcode 256 + that of commit",		opcode_256_and_commit, OUTCOME_ERROR},
		{"opcode 65535",				 opcode_65535,	       OUTCOME_ERROR},
		{"the opcode after the last",	      opcode_after_last,	 OUTCOME_ERROR},
		{"an opcode newer than the bound version", opcode_newer,		 OUTCOME_ERROR},
		{"a third request of wl_display",	  opcode_of_display,     OUTCOME_ERROR},
	};
	static const struct offence racing[] = {
		{"a request on a wl_callback", opcode_of_callback, OUTCOME_ANY}
	       };
	OFFENCE_RUN(arena, offences);
	OFFENCE_RUN(arena, racing);
}
