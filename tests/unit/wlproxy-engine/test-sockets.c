/* The sockets are waited for edge-triggered: what one event told of is read to its end, whatever ends a single read. A
 * turn that would wait for an event that never comes hangs the test. */
#include "fixture.h"

#include "protocol-opcodes.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SYNC = WL_DISPLAY_REQUEST_SYNC, FIRST = 2, SYNC_SIZE = 12 };

static struct fixture fixture;
static struct ends *ends;

static void begin(const struct engine_callbacks *callbacks)
{
	fixture_init(&fixture, callbacks);
	ends = fixture_connect(&fixture);
	fixture_run(&fixture);
}

static void allow_many_objects(void)
{
	struct engine_limits limits = ENGINE_LIMITS_DEFAULT;
	limits.objects = 1000000;
	engine_set_limits(fixture.engine, &limits);
}

/* Turns that have to find something to do. */
static void turn(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		CHECK(engine_dispatch(fixture.engine, -1) == 0);
}

static void send_syncs(uint32_t first, uint32_t n)
{
	static uint8_t buffer[16384 * SYNC_SIZE];
	size_t size = 0;
	for (uint32_t i = 0; i < n; i++)
		size += peer_encode(buffer + size, 1, SYNC, "n", first + i);
	peer_send_raw(&ends->client, buffer, size, NULL, 0);
}

static void expect_syncs(uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		EXPECT(&ends->host, 1, SYNC, "n", first + i);
}

/* Counts without a turn of the engine's. */
static size_t count_arrived(void)
{
	static uint8_t buffer[1 << 18];
	ssize_t n = recv(ends->host.fd, buffer, sizeof buffer, MSG_DONTWAIT | MSG_PEEK);
	return n < 0 ? 0 : (size_t)n;
}

static void test_more_than_one_read(void)
{
	enum { N = 2 * 65536 / SYNC_SIZE + 10 };
	begin(NULL);
	send_syncs(FIRST, N);
	turn(3);
	CHECK(count_arrived() == (size_t)N * SYNC_SIZE);
	expect_syncs(FIRST, N);
	fixture_finish(&fixture);
}

/* The kernel ends a read where descriptors are. */
static void test_after_descriptors(void)
{
	uint8_t message[SYNC_SIZE];
	begin(NULL);
	for (uint32_t i = 0; i < 3; i++) {
		size_t size = peer_encode(message, 1, SYNC, "n", FIRST + i);
		int fd = dup(STDERR_FILENO);
		CHECK(fd >= 0);
		peer_send_raw(&ends->client, message, size, &fd, 1);
		close(fd);
	}
	send_syncs(FIRST + 3, 1);
	turn(4);
	CHECK(count_arrived() == 4 * SYNC_SIZE);
	expect_syncs(FIRST, 4);
	fixture_finish(&fixture);
}

/* What was sent and the end of it are one event. */
static void test_last_words(bool half)
{
	begin(NULL);
	send_syncs(FIRST, 1);
	if (half)
		shutdown(ends->client.fd, SHUT_WR);
	else
		peer_close(&ends->client);
	turn(2);
	expect_syncs(FIRST, 1);
	EXPECT_CLOSED(&ends->host);
	CHECK(engine_count_sessions(fixture.engine) == 0);
	fixture_finish(&fixture);
}

/* The same of a client that is not read, since its compositor is full: the event is over when there is room again. */
static void test_last_words_wait(bool half)
{
	uint8_t message[SYNC_SIZE];
	uint32_t n = 0;
	begin(NULL);
	allow_many_objects();
	for (int stuck = 0; stuck < 3;) {
		size_t size = peer_encode(message, 1, SYNC, "n", FIRST + n);
		if (send(ends->client.fd, message, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size) {
			n++;
			stuck = 0;
		} else {
			fixture_run(&fixture);
			stuck++;
		}
	}
	if (half)
		shutdown(ends->client.fd, SHUT_WR);
	else
		peer_close(&ends->client);
	fixture_run(&fixture);
	CHECK(engine_count_sessions(fixture.engine) == 1);
	expect_syncs(FIRST, n);
	EXPECT_CLOSED(&ends->host);
	CHECK(engine_count_sessions(fixture.engine) == 0);
	fixture_finish(&fixture);
}

/* Who sends without end leaves the others their turns. */
static void test_turns(void)
{
	enum { N = 2 * 65536 / SYNC_SIZE };
	begin(NULL);
	struct ends *other = fixture_connect(&fixture);
	allow_many_objects();
	for (uint32_t i = 0; i < 5; i++) {
		uint8_t byte[SYNC_SIZE];
		send_syncs(FIRST + i * N, N);
		SEND(&other->client, 1, SYNC, "n", FIRST + i);
		turn(1);
		CHECK(recv(other->host.fd, byte, sizeof byte, MSG_DONTWAIT) == sizeof byte);
		CHECK(count_arrived() < (size_t)N * SYNC_SIZE);
		CHECK(peer_drain(&ends->host) == (size_t)N * SYNC_SIZE);
	}
	fixture_finish(&fixture);
}

static struct session *victim;

static void end_victim(struct session *session, const struct violation *violation)
{
	session_destroy(victim);
}

static void send_fault(struct peer *peer)
{
	SEND(peer, 999, 0, "");
}

/* A session that another one ends while what it sent waits to be handled in the same turn. */
static void test_ended_by_another(void)
{
	const struct engine_callbacks callbacks = {.violation = end_victim};
	begin(&callbacks);
	struct ends *other = fixture_connect(&fixture);
	fixture_run(&fixture);
	victim = other->session;
	send_fault(&ends->client);
	SEND(&other->client, 1, SYNC, "n", (uint32_t)FIRST);
	SEND(&other->host, 999, 0, "");
	turn(1);
	EXPECT_CLOSED(&other->host);
	EXPECT_CLOSED(&other->client);
	fixture_finish(&fixture);
}

/* A compositor's socket that is closed, by what the client did, while what it sent waits as well. */
static void test_closed_before_its_turn(void)
{
	begin(NULL);
	send_fault(&ends->client);
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", 1000u);
	turn(1);
	CHECK(fixture_violations == 1);
	EXPECT_ERROR(&ends->client, 1, 0, NULL);
	EXPECT_CLOSED(&ends->host);
	fixture_finish(&fixture);
}

int main(void)
{
	test_more_than_one_read();
	test_after_descriptors();
	test_last_words(true);
	test_last_words(false);
	test_last_words_wait(true);
	test_last_words_wait(false);
	test_turns();
	test_ended_by_another();
	test_closed_before_its_turn();
	return 0;
}
