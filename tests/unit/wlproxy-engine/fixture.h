/* A client and a compositor on the raw wire with a session between them, all in one process. Everything aborts with the
 * line of the test when it is not as it should be.
 *
 *	struct fixture fixture;
 *	fixture_init(&fixture, NULL);                      // or fixture_init_with(&fixture, loop, engine)
 *	struct ends *ends = fixture_connect(&fixture);
 *	SEND(&ends->client, 1, 0, "n", 2);                 // wl_display.sync
 *	EXPECT(&ends->host, 1, 0, "n", 2);
 *	EXPECT_NOTHING(&ends->client);
 *	fixture_finish(&fixture);                          // fails when a descriptor is left open
 */
#pragma once

#include "hook.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: %s: not true: %s\n", __FILE__, __LINE__, __func__, #condition);        \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

struct fixture;

/* One end. What it reads is kept until it is expected. */
struct peer {
	struct fixture *fixture;
	const char *name;
	int fd;
	uint8_t *in;
	size_t in_start, in_end, in_capacity;
	int fds[2048];
	size_t n_fds;
	bool closed; // the other side has closed
};

struct ends {
	struct peer client, host;
	struct session *session; // not to be used after it ended
};

enum { FIXTURE_ENDS_MAX = 160 };

struct fixture {
	struct wl_event_loop *loop;
	struct engine *engine;
	bool owned;
	struct ends *ends[FIXTURE_ENDS_MAX];
	size_t n_ends;
	size_t fds_before;
	void (*seen_fd)(int fd); // NULL, or what is done with one before peer_drain() closes it
};

/* callbacks may be NULL: everything is offered, violations are counted in fixture_violations. */
void fixture_init(struct fixture *fixture, const struct engine_callbacks *callbacks);
/* With an engine of the caller's, destroyed by the caller before fixture_finish(). */
void fixture_init_with(struct fixture *fixture, struct wl_event_loop *loop, struct engine *engine);
void fixture_finish(struct fixture *fixture);

extern unsigned fixture_violations;
extern struct violation fixture_last_violation; // its cause is not kept

struct ends *fixture_connect(struct fixture *fixture);
struct ends *fixture_connect_tagged(struct fixture *fixture, void *tag);

/* Lets everything happen that can happen now. */
void fixture_run(struct fixture *fixture);
/* The same, and waits up to this long for more. */
void fixture_wait(struct fixture *fixture, int ms);

/* Sends one message. The signature is wayland-scanner's: i u f o n take a uint32_t, s a string or NULL, a a size_t and
 * a pointer, h an int, which stays the caller's. */
#define SEND(peer, ...) peer_send(__FILE__, __LINE__, peer, __VA_ARGS__) // peer, id, opcode, signature, ...
void peer_send(const char *file, int line, struct peer *peer, uint32_t id, uint16_t opcode, const char *signature, ...);
/* Any bytes, right or wrong. Waits for nothing: what the socket does not take is a failure. */
void peer_send_raw(struct peer *peer, const void *data, size_t size, const int *fds, size_t n_fds);
/* Appends a message to a buffer; returns its size. */
size_t peer_encode(void *buffer, uint32_t id, uint16_t opcode, const char *signature, ...);

/* Takes the next message, running until there is one, which must be this one. h takes an int *, which gets the descriptor. u with
 * ANY matches anything. */
#define ANY 0xdeadbeefu
#define EXPECT(peer, ...) peer_expect(__FILE__, __LINE__, peer, __VA_ARGS__)
void peer_expect(
	const char *file, int line, struct peer *peer, uint32_t id, uint16_t opcode, const char *signature, ...);
#define EXPECT_NOTHING(peer) peer_expect_nothing(__FILE__, __LINE__, peer)
void peer_expect_nothing(const char *file, int line, struct peer *peer);
/* Nothing more, and the connection is closed. */
#define EXPECT_CLOSED(peer) peer_expect_closed(__FILE__, __LINE__, peer)
void peer_expect_closed(const char *file, int line, struct peer *peer);
/* wl_display.error about this object with this code; its text goes to text (512 bytes), if not NULL. Then closed. */
#define EXPECT_ERROR(peer, object, code, text) peer_expect_error(__FILE__, __LINE__, peer, object, code, text)
void peer_expect_error(const char *file, int line, struct peer *peer, uint32_t object, uint32_t code, char *text);

/* Runs, then throws away what was read; returns its bytes. */
size_t peer_drain(struct peer *peer);
void peer_close(struct peer *peer);

/* The registry of both sides as object 2, with a global of each of these interfaces, named from 1 and with these
 * versions: the client's events are left to be expected. */
struct fixture_global {
	const char *interface;
	uint32_t version;
};
void fixture_announce(struct ends *ends, const struct fixture_global *globals, size_t n_globals);
