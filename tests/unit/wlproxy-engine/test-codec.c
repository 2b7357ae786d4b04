/* What a client may not send, and that nothing of it reaches the compositor while other clients go on. And what the
 * compositor sends wrong, which is not the client's fault. */
#include "fixture.h"

#include "protocol-opcodes.h"

#include <string.h>

enum { COMPOSITOR = 3, SURFACE = 4, SHM = 5, SEAT = 6, TOPLEVEL = 9 };

static const struct fixture_global globals[] = {
	{"wl_compositor", 4},
	{"wl_shm",	   1},
	{"wl_seat",	    5},
	{"xdg_wm_base",	1},
};

/* A client with a surface and a toplevel. */
static struct ends *begin(struct fixture *fixture)
{
	struct ends *ends = fixture_connect(fixture);
	struct peer *client = &ends->client;
	fixture_announce(ends, globals, sizeof globals / sizeof *globals);
	peer_drain(client);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 1, "wl_compositor", 4, COMPOSITOR);
	SEND(client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 2, "wl_shm", 1, SHM);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 3, "wl_seat", 2, SEAT);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 4, "xdg_wm_base", 1, 7);
	SEND(client, 7, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE, "no", 8, SURFACE);
	SEND(client, 8, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", TOPLEVEL);
	CHECK(peer_drain(&ends->host) > 0);
	return ends;
}

struct bad {
	const char *what; // a part of the error's text
	uint32_t object, code;
	size_t size;
	uint32_t words[16];
};

#define HEADER(size, opcode) (uint32_t)(size) << 16 | (opcode)
#define SET_TITLE XDG_TOPLEVEL_REQUEST_SET_TITLE
#define DAMAGE WL_SURFACE_REQUEST_DAMAGE

static const struct bad bad[] = {
	{"impossible length",   SURFACE,  1, 8,  {SURFACE, HEADER(0, 6)}					    },
	{"impossible length",   SURFACE,  1, 8,  {SURFACE, HEADER(4, 6)}					    },
	{"impossible length",   SURFACE,  1, 12, {SURFACE, HEADER(9, 6), 0}					},
	{"impossible length",   1,	 1, 12, {77, HEADER(7, 6), 0}					     },
	{"does not exist",	   1,	      0, 8,  {77, HEADER(8, 0)}					      },
	{"does not exist",	   1,	      0, 8,  {0, HEADER(8, 0)}					     },
	{"does not exist",	   1,	      0, 8,  {0xff000000, HEADER(8, 0)}				      },
	{"does not exist",	   1,	      0, 8,  {0xffffffff, HEADER(8, 0)}				      },
	{"opcode",		   SURFACE,  1, 8,  {SURFACE, HEADER(8, 256)}				   },
	{"opcode",		   SURFACE,  1, 8,  {SURFACE, HEADER(8, 0xffff)}				      },
	{"newer",		  SEAT,	1, 8,  {SEAT, HEADER(8, WL_SEAT_REQUEST_RELEASE)}			}, // since 5
	{"too short",	      SURFACE,  1, 20, {SURFACE, HEADER(20, DAMAGE), 0, 0, 0}			    },
	{"too long",	     SURFACE,  1, 28, {SURFACE, HEADER(28, DAMAGE), 0, 0, 0, 0, 0}		 },
	{"too long",	     SURFACE,  1, 12, {SURFACE, HEADER(12, WL_SURFACE_REQUEST_COMMIT), 0}		},
	{"too short",	      TOPLEVEL, 1, 8,  {TOPLEVEL, HEADER(8, SET_TITLE)}			      },
	{"longer than the",	    TOPLEVEL, 1, 16, {TOPLEVEL, HEADER(16, SET_TITLE), 5, 0x61616161}	     },
	{"longer than the",	    TOPLEVEL, 1, 16, {TOPLEVEL, HEADER(16, SET_TITLE), 0xffffffff, 0x61}		},
	{"longer than the",	    TOPLEVEL, 1, 16, {TOPLEVEL, HEADER(16, SET_TITLE), 0xfffffffd, 0x61}		},
	{"longer than the",	    TOPLEVEL, 1, 12, {TOPLEVEL, HEADER(12, SET_TITLE), 1}			 },
	{"without a final NUL", TOPLEVEL, 1, 16, {TOPLEVEL, HEADER(16, SET_TITLE), 4, 0x61616161}		 },
	{"NUL inside",	       TOPLEVEL, 1, 16, {TOPLEVEL, HEADER(16, SET_TITLE), 4, 0x00610061}		},
	{"lacks a string",	   TOPLEVEL, 1, 12, {TOPLEVEL, HEADER(12, SET_TITLE), 0}			},
	{"too long",	     TOPLEVEL, 1, 20, {TOPLEVEL, HEADER(20, SET_TITLE), 1, 0, 0}			},
	{"lacks an object",	    7,	       1, 16, {7, HEADER(16, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE), 10, 0} },
	{"does not exist",	   7,	      0, 16, {7, HEADER(16, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE), 10, 50}},
	{"wrong interface",	    7,	       0, 16, {7, HEADER(16, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE), 10, 3} },
	{"wrong interface",	    SURFACE,  0, 20, {SURFACE, HEADER(20, WL_SURFACE_REQUEST_ATTACH), 3, 0, 0}   },
	{"in use",		   1,	      0, 12, {1, HEADER(12, WL_DISPLAY_REQUEST_SYNC), SURFACE}	      },
	{"in use",		   1,	      0, 12, {1, HEADER(12, WL_DISPLAY_REQUEST_SYNC), 1}			},
	{"gap",		 1,	   0, 12, {1, HEADER(12, WL_DISPLAY_REQUEST_SYNC), 11}		      },
	{"gap",		 1,	   0, 12, {1, HEADER(12, WL_DISPLAY_REQUEST_SYNC), 0xfeffffff}	      },
	{"range",		  1,	     0, 12, {1, HEADER(12, WL_DISPLAY_REQUEST_SYNC), 0xff000000}	},
	{"range",		  1,	     0, 12, {1, HEADER(12, WL_DISPLAY_REQUEST_SYNC), 0}		       },
	{"lacks a file",	 SHM,      1, 16, {SHM, HEADER(16, WL_SHM_REQUEST_CREATE_POOL), 10, 4096}	    },
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct fixture fixture;
		char text[512];
		fixture_init(&fixture, NULL);
		struct ends *ends = begin(&fixture), *other = begin(&fixture);
		// What was right before it arrives, what is after it does not.
		SEND(&ends->client, SURFACE, WL_SURFACE_REQUEST_DAMAGE, "iiii", 1, 2, 3, 4);
		peer_send_raw(&ends->client, bad[i].words, bad[i].size, NULL, 0);
		peer_send_raw(&ends->client, (uint32_t[]){SURFACE, HEADER(8, 6)}, 8, NULL, 0);
		EXPECT_ERROR(&ends->client, bad[i].object, bad[i].code, text);
		EXPECT(&ends->host, SURFACE, WL_SURFACE_REQUEST_DAMAGE, "iiii", 1, 2, 3, 4);
		EXPECT_CLOSED(&ends->host);
		if (!strstr(text, bad[i].what)) {
			fprintf(stderr, "%zu: '%s' does not say '%s'\n", i, text, bad[i].what);
			abort();
		}
		CHECK(fixture_violations == 1 && fixture_last_violation.culprit == CULPRIT_CLIENT);
		SEND(&other->client, 1, WL_DISPLAY_REQUEST_SYNC, "n", 10);
		EXPECT(&other->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", 10);
		fixture_finish(&fixture);
	}
}

/* Strings that are not UTF-8 are the compositor's business: direct, they would pass. */
static void test_accepted(void)
{
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	struct ends *ends = begin(&fixture);
	SEND(&ends->client, TOPLEVEL, SET_TITLE, "s", "\xff\xfe latin \xe9");
	EXPECT(&ends->host, TOPLEVEL, SET_TITLE, "s", "\xff\xfe latin \xe9");
	SEND(&ends->client, TOPLEVEL, SET_TITLE, "s", "");
	EXPECT(&ends->host, TOPLEVEL, SET_TITLE, "s", "");
	SEND(&ends->client, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_PARENT, "o", 0);
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_PARENT, "o", 0);
	// Longer than libwayland's buffer was until 1.23.
	char *text = malloc(60000);
	memset(text, 'x', 59999);
	text[59999] = '\0';
	SEND(&ends->client, TOPLEVEL, SET_TITLE, "s", text);
	EXPECT(&ends->host, TOPLEVEL, SET_TITLE, "s", text);
	free(text);
	fixture_finish(&fixture);
}

/* Every way to cut a stream into two and three reads gives the same. */
static void test_pieces(void)
{
	uint32_t buffer[64];
	uint8_t *bytes = (uint8_t *)buffer;
	size_t size = peer_encode(bytes, SURFACE, DAMAGE, "iiii", 1, 2, 3, 4);
	size += peer_encode(bytes + size, TOPLEVEL, SET_TITLE, "s", "a title");
	size += peer_encode(bytes + size, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	for (size_t cut = 1; cut < size; cut++) {
		struct fixture fixture;
		fixture_init(&fixture, NULL);
		struct ends *ends = begin(&fixture);
		peer_send_raw(&ends->client, bytes, cut, NULL, 0);
		fixture_run(&fixture);
		for (size_t at = cut; at < size; at++) {
			peer_send_raw(&ends->client, bytes + at, 1, NULL, 0);
			fixture_run(&fixture);
		}
		EXPECT(&ends->host, SURFACE, DAMAGE, "iiii", 1, 2, 3, 4);
		EXPECT(&ends->host, TOPLEVEL, SET_TITLE, "s", "a title");
		EXPECT(&ends->host, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
		EXPECT_NOTHING(&ends->host);
		fixture_finish(&fixture);
	}
}

/* What the compositor sends wrong costs that event, or, when it cannot be parsed, the session. */
static void test_host(void)
{
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	struct ends *ends = begin(&fixture);
	struct peer *host = &ends->host;
	SEND(host, SURFACE, 99, "u", 1);			// no such event
	SEND(host, 5000, 0, "u", 1);				// no such object
	SEND(host, SEAT, WL_SEAT_EVENT_NAME, "s", "x");		// since 2: fine
	SEND(host, SURFACE, WL_SURFACE_EVENT_ENTER, "o", 5000); // an unknown argument
	SEND(host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", 5000);
	EXPECT(&ends->client, SEAT, WL_SEAT_EVENT_NAME, "s", "x");
	EXPECT_NOTHING(&ends->client);
	CHECK(fixture_violations == 4 && fixture_last_violation.culprit == CULPRIT_HOST);
	CHECK(!fixture_last_violation.fatal);
	// Bound with version 2: axis_source is since 5.
	SEND(&ends->client, SEAT, WL_SEAT_REQUEST_GET_POINTER, "n", 10);
	EXPECT(host, SEAT, WL_SEAT_REQUEST_GET_POINTER, "n", 10);
	SEND(host, 10, WL_POINTER_EVENT_AXIS_SOURCE, "u", 1);
	SEND(host, 10, WL_POINTER_EVENT_BUTTON, "uuuu", 1, 2, 3, 0);
	EXPECT(&ends->client, 10, WL_POINTER_EVENT_BUTTON, "uuuu", 1, 2, 3, 0);
	CHECK(fixture_violations == 5);
	peer_send_raw(host, (uint32_t[]){SEAT, HEADER(12, WL_SEAT_EVENT_NAME), 9}, 12, NULL, 0);
	EXPECT_ERROR(&ends->client, 1, 3, NULL);
	CHECK(fixture_violations == 6 && fixture_last_violation.fatal);
	fixture_finish(&fixture);
}

/* The compositor's error and its last events arrive, then the end. */
static void test_host_error(void)
{
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	struct ends *ends = begin(&fixture);
	SEND(&ends->host, SEAT, WL_SEAT_EVENT_NAME, "s", "last");
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_ERROR, "ous", SURFACE, 7, "no");
	peer_close(&ends->host);
	EXPECT(&ends->client, SEAT, WL_SEAT_EVENT_NAME, "s", "last");
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_ERROR, "ous", SURFACE, 7, "no");
	EXPECT_CLOSED(&ends->client);
	CHECK(fixture_violations == 0);
	fixture_finish(&fixture);
}

/* What a client sent before it left still arrives: wl-copy does that. */
static void test_leave(void)
{
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	struct ends *ends = begin(&fixture);
	SEND(&ends->client, TOPLEVEL, SET_TITLE, "s", "goodbye");
	peer_close(&ends->client);
	EXPECT(&ends->host, TOPLEVEL, SET_TITLE, "s", "goodbye");
	EXPECT_CLOSED(&ends->host);
	CHECK(fixture_violations == 0);
	fixture_finish(&fixture);
}

/* A client that leaves after each number of bytes of a session: nothing is left over, nobody is blamed. */
static void test_leave_anywhere(void)
{
	uint32_t buffer[128];
	uint8_t *bytes = (uint8_t *)buffer;
	size_t size = peer_encode(bytes, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", 2);
	size += peer_encode(bytes + size, 1, WL_DISPLAY_REQUEST_SYNC, "n", 3);
	size += peer_encode(bytes + size, 1, WL_DISPLAY_REQUEST_SYNC, "n", 4);
	struct fixture fixture;
	for (size_t cut = 0; cut <= size; cut++) {
		fixture_init(&fixture, NULL);
		struct ends *ends = fixture_connect(&fixture);
		if (cut > 0)
			peer_send_raw(&ends->client, bytes, cut, NULL, 0);
		peer_close(&ends->client);
		CHECK(peer_drain(&ends->host) == cut / 12 * 12);
		EXPECT_CLOSED(&ends->host);
		CHECK(fixture_violations == 0);
		fixture_finish(&fixture);
	}
}

/* Random bytes, in both directions: sanitizers and the fixture's count of descriptors judge. */
static void test_noise(void)
{
	uint32_t seed = 1, words[64];
	for (int i = 0; i < 300; i++) {
		struct fixture fixture;
		fixture_init(&fixture, NULL);
		struct ends *ends = begin(&fixture);
		for (int round = 0; round < 4 && ends->client.fd >= 0; round++) {
			for (size_t j = 0; j < 64; j++) {
				seed = seed * 1664525 + 1013904223;
				words[j] = seed >> 8 & (seed & 64 ? 0xff : 0xf);
				if (j % 4 == 1)
					words[j] = HEADER(8 + (seed >> 12) % 8 * 4, seed >> 20 & 7);
			}
			struct peer *peer = i & 1 ? &ends->client : &ends->host;
			fixture_run(&fixture);
			if (engine_count_sessions(fixture.engine) == 0)
				break;
			peer_send_raw(peer, words, sizeof words, NULL, 0);
			peer_drain(&ends->host);
			peer_drain(&ends->client);
		}
		fixture_finish(&fixture);
	}
}

int main(void)
{
	test_refused();
	test_accepted();
	test_pieces();
	test_host();
	test_host_error();
	test_leave();
	test_leave_anywhere();
	test_noise();
	return 0;
}
