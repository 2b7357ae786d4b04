/* Both id spaces: zombies, deletion, the compositor's range, what the client does not know, and the limits. */
#include "fixture.h"

#include "protocol-opcodes.h"

#include <string.h>
#include <time.h>

enum { SERVER = 0xff000000 };

static const struct fixture_global globals[] = {
	{"wl_compositor",	  4},
	{"wl_seat",		    5},
	{"wl_data_device_manager", 3},
};

enum { COMPOSITOR = 3, SEAT = 4, MANAGER = 5, DEVICE = 6, SURFACE = 7, FREE = 8 };

static struct ends *begin(struct fixture *fixture)
{
	fixture_init(fixture, NULL);
	struct ends *ends = fixture_connect(fixture);
	struct peer *client = &ends->client;
	fixture_announce(ends, globals, 3);
	peer_drain(client);
	fixture_run(fixture);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 1, "wl_compositor", 4, COMPOSITOR);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 2, "wl_seat", 5, SEAT);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 3, "wl_data_device_manager", 3, MANAGER);
	SEND(client, MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_GET_DATA_DEVICE, "no", DEVICE, SEAT);
	SEND(client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	CHECK(peer_drain(&ends->host) > 0);
	return ends;
}

/* Destroyed, but its id not yet deleted: events are not for the client any more, requests are its fault. */
static void test_zombie(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	SEND(&ends->client, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
	EXPECT(&ends->host, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
	CHECK(!session_find_client_object(ends->session, SURFACE));
	SEND(&ends->host, SURFACE, WL_SURFACE_EVENT_ENTER, "o", SEAT); // late
	EXPECT_NOTHING(&ends->client);
	CHECK(fixture_violations == 1); // of the argument's interface, which is checked all the same
	// An event that names it: the client's library takes it for NULL.
	SEND(&ends->client, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", FREE);
	EXPECT(&ends->host, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", FREE);
	SEND(&ends->host, FREE, WL_KEYBOARD_EVENT_LEAVE, "uo", 1, SURFACE);
	EXPECT(&ends->client, FREE, WL_KEYBOARD_EVENT_LEAVE, "uo", 1, SURFACE);
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SURFACE);
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SURFACE);
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	EXPECT(&ends->host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	fixture_finish(&fixture);
}

static void test_use_after_destroy(void)
{
	for (int i = 0; i < 3; i++) {
		struct fixture fixture;
		struct ends *ends = begin(&fixture);
		SEND(&ends->client, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
		EXPECT(&ends->host, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
		if (i == 0)
			SEND(&ends->client, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
		else if (i == 1)
			SEND(&ends->client, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
		else
			SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
		EXPECT_ERROR(&ends->client, i == 2 ? COMPOSITOR : 1, 0, NULL);
		EXPECT_CLOSED(&ends->host);
		fixture_finish(&fixture);
	}
}

/* The compositor deletes what the client did not destroy: wl_callback, after done. */
static void test_deleted_by_host(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	for (uint32_t i = 0; i < 100; i++) {
		SEND(&ends->client, 1, WL_DISPLAY_REQUEST_SYNC, "n", FREE);
		EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", FREE);
		SEND(&ends->host, FREE, WL_CALLBACK_EVENT_DONE, "u", i);
		SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE);
		EXPECT(&ends->client, FREE, WL_CALLBACK_EVENT_DONE, "u", i);
		EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE);
	}
	fixture_finish(&fixture);
}

static void offer(struct ends *ends, uint32_t id, uint32_t client_id)
{
	SEND(&ends->host, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", id);
	EXPECT(&ends->client, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", client_id);
	SEND(&ends->host, DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", id);
	EXPECT(&ends->client, DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", client_id);
}

/* Ids of the compositor's range are given again without a delete_id. */
static void test_server_range(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	offer(ends, SERVER, SERVER);
	offer(ends, SERVER + 1, SERVER + 1);
	SEND(&ends->client, SERVER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	EXPECT(&ends->host, SERVER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	SEND(&ends->host, SERVER, WL_DATA_OFFER_EVENT_OFFER, "s", "late");
	// Named after it was destroyed: the client's library would die of it. NULL is allowed here.
	SEND(&ends->host, DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", SERVER);
	EXPECT(&ends->client, DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", 0);
	EXPECT_NOTHING(&ends->client);
	offer(ends, SERVER, SERVER);
	for (int i = 0; i < 50; i++) {
		SEND(&ends->client, SERVER + 1, WL_DATA_OFFER_REQUEST_DESTROY, "");
		EXPECT(&ends->host, SERVER + 1, WL_DATA_OFFER_REQUEST_DESTROY, "");
		offer(ends, SERVER + 1, SERVER + 1);
	}
	// Given again although the client did not destroy it: both have one, and the old one is heard no more.
	SEND(&ends->host, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", SERVER);
	EXPECT(&ends->client, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", SERVER + 2);
	SEND(&ends->client, SERVER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	EXPECT_NOTHING(&ends->host);
	SEND(&ends->client, SERVER + 2, WL_DATA_OFFER_REQUEST_DESTROY, "");
	EXPECT(&ends->host, SERVER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	offer(ends, SERVER, SERVER + 2);
	fixture_finish(&fixture);
}

/* An object that the client never hears of, because what announces it was destroyed: it leaves no gap, and does not stay
 * in the compositor. */
static void test_orphan(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	SEND(&ends->client, DEVICE, WL_DATA_DEVICE_REQUEST_RELEASE, "");
	EXPECT(&ends->host, DEVICE, WL_DATA_DEVICE_REQUEST_RELEASE, "");
	SEND(&ends->host, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", SERVER);
	SEND(&ends->host, SERVER, WL_DATA_OFFER_EVENT_OFFER, "s", "text/plain");
	SEND(&ends->host, DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", SERVER);
	EXPECT(&ends->host, SERVER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", DEVICE);
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", DEVICE);
	SEND(&ends->client, MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_GET_DATA_DEVICE, "no", DEVICE, SEAT);
	EXPECT(&ends->host, MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_GET_DATA_DEVICE, "no", DEVICE, SEAT);
	offer(ends, SERVER + 1, SERVER);
	CHECK(fixture_violations == 0);
	fixture_finish(&fixture);
}

static void test_host_gap(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	SEND(&ends->host, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", SERVER + 1);
	EXPECT_ERROR(&ends->client, 1, 3, NULL);
	fixture_finish(&fixture);
}

static void test_error_mapping(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	CHECK(session_bind(ends->session, 1, 4));
	EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", FREE);
	EXPECT(&ends->host, FREE, WL_REGISTRY_REQUEST_BIND, "usun", 1, "wl_compositor", 4, FREE + 1);
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_ERROR, "ous", FREE + 1, 5, "ours");
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_ERROR, "ous", SURFACE, 5, "theirs");
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_ERROR, "ous", 1, 3, "ours");
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_ERROR, "ous", SURFACE, 5, "theirs");
	fixture_finish(&fixture);
}

static void test_limit(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	struct engine_limits limits = ENGINE_LIMITS_DEFAULT;
	limits.objects = 20;
	limits.sessions = 2;
	engine_set_limits(fixture.engine, &limits);
	struct ends *other = fixture_connect(&fixture);
	char text[512];
	for (uint32_t id = FREE; id <= 22; id++)
		SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", id);
	EXPECT_ERROR(&ends->client, COMPOSITOR, 2, text);
	CHECK(strstr(text, "limit of objects"));
	SEND(&other->client, 1, WL_DISPLAY_REQUEST_SYNC, "n", 2);
	EXPECT(&other->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", 2);
	fixture_finish(&fixture);
}

static uint64_t now_ns(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Nanoseconds per object for going over all of a session that has this many; the best of some. */
static uint64_t time_walk(struct session *session, unsigned at_least)
{
	uint64_t best = UINT64_MAX;
	for (int i = 0; i < 5; i++) {
		unsigned n = 0;
		uint64_t start = now_ns();
		for (struct object *object = NULL; (object = session_next_object(session, object));)
			n++;
		uint64_t each = (now_ns() - start) / n;
		CHECK(n >= at_least);
		best = each < best ? each : best;
	}
	return best;
}

/* A client with all the objects that it may have costs the others no more than their number: going over them, as happens
 * when it ends or the policy changes, takes no time that grows with the square. */
static void test_walk(void)
{
	enum { FEW = 500, MANY = 60000 };
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	struct ends *ends = fixture_connect(&fixture);
	for (unsigned i = 0; i < FEW; i++)
		CHECK(object_create(ends->session, engine_interface(fixture.engine, "wl_region"), 1));
	uint64_t few = time_walk(ends->session, FEW);
	for (unsigned i = FEW; i < MANY; i++)
		CHECK(object_create(ends->session, engine_interface(fixture.engine, "wl_region"), 1));
	uint64_t many = time_walk(ends->session, MANY);
	if (many > 30 * (few + 1))
		fprintf(stderr, "%lu ns per object of %d, %lu ns of %d\n", (unsigned long)few, FEW, (unsigned long)many,
			MANY);
	CHECK(many <= 30 * (few + 1));
	fixture_finish(&fixture);
}

int main(void)
{
	test_zombie();
	test_use_after_destroy();
	test_deleted_by_host();
	test_server_range();
	test_orphan();
	test_host_gap();
	test_error_mapping();
	test_limit();
	test_walk();
	return 0;
}
