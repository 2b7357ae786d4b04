/* A peer that does not read: nothing is lost, memory is bounded, and nobody else notices. */
#include "fixture.h"

#include "protocol-opcodes.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DAMAGE = WL_SURFACE_REQUEST_DAMAGE, MOTION = WL_POINTER_EVENT_MOTION };
enum { COMPOSITOR = 3, SURFACE = 4, SEAT = 5, POINTER = 6, FREE = 7 };

static const struct fixture_global globals[] = {
	{"wl_compositor", 4},
	{"wl_seat",	    5},
};

static struct ends *begin(struct fixture *fixture)
{
	struct ends *ends = fixture_connect(fixture);
	struct peer *client = &ends->client;
	fixture_announce(ends, globals, 2);
	CHECK(peer_drain(client) > 0);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 1, "wl_compositor", 4, COMPOSITOR);
	SEND(client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 2, "wl_seat", 5, SEAT);
	SEND(client, SEAT, WL_SEAT_REQUEST_GET_POINTER, "n", POINTER);
	CHECK(peer_drain(&ends->host) > 0);
	return ends;
}

/* The messages are numbered: damage on a surface has four words, motion three. */
static const char *signature(uint32_t id)
{
	return id == SURFACE ? "uuuu" : "uuu";
}

/* Sends until the socket and everything behind it is full. Returns how many. */
static uint32_t fill(struct peer *peer, uint32_t id, uint16_t opcode)
{
	uint32_t number = 0, message[6];
	for (int stuck = 0; stuck < 3;) {
		size_t size = peer_encode(message, id, opcode, signature(id), number, 0, 0, 0);
		ssize_t n = send(peer->fd, message, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == (ssize_t)size) {
			number++;
			stuck = 0;
		} else {
			CHECK(n < 0 && errno == EAGAIN);
			fixture_run(peer->fixture);
			stuck++;
		}
		CHECK(number < 1000000);
	}
	return number;
}

static void expect_numbers(struct peer *peer, uint32_t id, uint16_t opcode, uint32_t end)
{
	for (uint32_t i = 0; i < end; i++)
		EXPECT(peer, id, opcode, signature(id), i, 0, 0, 0);
}

static void check_other(struct ends *other)
{
	SEND(&other->client, 1, WL_DISPLAY_REQUEST_SYNC, "n", FREE);
	EXPECT(&other->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", FREE);
	SEND(&other->host, FREE, WL_CALLBACK_EVENT_DONE, "u", 1);
	SEND(&other->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE);
	EXPECT(&other->client, FREE, WL_CALLBACK_EVENT_DONE, "u", 1);
	EXPECT(&other->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE);
}

/* What is kept for a compositor that does not read: a megabyte and what the kernel takes, and not a message less. */
static void test_host_does_not_read(void)
{
	enum { MESSAGE = 24, KERNEL = 2 * 1024 * 1024 };
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	struct ends *ends = begin(&fixture), *other = begin(&fixture);
	for (int round = 0; round < 2; round++) {
		uint32_t end = fill(&ends->client, SURFACE, DAMAGE);
		CHECK(end * MESSAGE > 512 * 1024 && end * MESSAGE < 1024 * 1024 + KERNEL);
		check_other(other);
		expect_numbers(&ends->host, SURFACE, DAMAGE, end);
		EXPECT_NOTHING(&ends->host);
	}
	// It leaves with all that still on its way.
	uint32_t end = fill(&ends->client, SURFACE, DAMAGE);
	peer_close(&ends->client);
	fixture_run(&fixture);
	expect_numbers(&ends->host, SURFACE, DAMAGE, end);
	EXPECT_CLOSED(&ends->host);
	check_other(other);
	CHECK(fixture_violations == 0);
	fixture_finish(&fixture);
}

/* The same the other way. */
static void test_client_does_not_read(void)
{
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	struct ends *ends = begin(&fixture), *other = begin(&fixture);
	for (int round = 0; round < 2; round++) {
		uint32_t end = fill(&ends->host, POINTER, MOTION);
		CHECK(end * 20 > 512 * 1024);
		check_other(other);
		// Meanwhile what it sends passes: a compositor would read it, too.
		SEND(&ends->client, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
		EXPECT(&ends->host, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
		expect_numbers(&ends->client, POINTER, MOTION, end);
		EXPECT_NOTHING(&ends->client);
	}
	// The compositor goes, as it would for a client that never reads: the client still gets what was sent.
	uint32_t end = fill(&ends->host, POINTER, MOTION);
	peer_close(&ends->host);
	expect_numbers(&ends->client, POINTER, MOTION, end);
	EXPECT_CLOSED(&ends->client);
	CHECK(fixture_violations == 0);
	fixture_finish(&fixture);
}

static enum verdict answer_sync(struct session *session, struct wire_message *message)
{
	struct object *callback = wire_object(message, 0);
	for (int i = 0; i < 8; i++)
		object_event(callback, WL_CALLBACK_EVENT_DONE, ARGS({.u = 0}));
	return VERDICT_ANSWER;
}

/* A client that asks for local answers and reads none of them costs a bounded amount of memory, then itself. */
static void test_answers_are_not_read(void)
{
	const struct hook hook = {"wl_surface", DIRECTION_REQUEST, WL_SURFACE_REQUEST_FRAME, answer_sync};
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	CHECK(engine_hook(fixture.engine, &hook, 1) == 0);
	struct ends *ends = begin(&fixture), *other = begin(&fixture);
	uint32_t message[3], id = FREE;
	while (engine_count_sessions(fixture.engine) == 2) {
		peer_encode(message, SURFACE, WL_SURFACE_REQUEST_FRAME, "n", id);
		if (send(ends->client.fd, message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof message)
			id++;
		else
			fixture_run(&fixture);
		CHECK(id < 60000);
	}
	CHECK(fixture_violations == 1);
	check_other(other);
	fixture_finish(&fixture);
}

int main(void)
{
	test_host_does_not_read();
	test_client_does_not_read();
	test_answers_are_not_read();
	return 0;
}
