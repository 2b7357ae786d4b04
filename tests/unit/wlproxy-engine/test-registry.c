/* Globals and binds: what is offered, what may be bound, and what happens to what is gone. */
#include "fixture.h"

#include "protocol-opcodes.h"

#include <string.h>

enum {
	REGISTRY = 2,
	GLOBAL = WL_REGISTRY_EVENT_GLOBAL,
	REMOVE = WL_REGISTRY_EVENT_GLOBAL_REMOVE,
	BIND = WL_REGISTRY_REQUEST_BIND
};

/* The policy of these tests: wl_shm is hidden, wl_seat capped to 3, wl_output replaced by ours, at most 2. */
static bool hide_compositor;

static enum offer on_global(
	struct session *session, const struct interface *interface, uint32_t name, uint32_t *version)
{
	if (strcmp(interface->name, "wl_shm") == 0)
		return OFFER_HIDE;
	if (strcmp(interface->name, "wl_compositor") == 0 && hide_compositor)
		return OFFER_HIDE;
	if (strcmp(interface->name, "wl_seat") == 0)
		*version = 3;
	if (strcmp(interface->name, "wl_output") == 0) {
		*version = 2;
		return OFFER_LOCAL;
	}
	return OFFER_PASS;
}

static const struct engine_callbacks callbacks = {.global = on_global};

static const struct fixture_global globals[] = {
	{"wl_compositor",	  4 },
	{"wl_shm",	   1 },
	{"wl_seat",	    5 },
	{"wl_output",	      3 },
	{"nobody_knows_v1", 1 },
	{"wp_viewporter",	  99},
};

static struct ends *begin(struct fixture *fixture)
{
	hide_compositor = false;
	fixture_init(fixture, &callbacks);
	struct ends *ends = fixture_connect(fixture);
	fixture_announce(ends, globals, sizeof globals / sizeof *globals);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 1, "wl_compositor", 4);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 3, "wl_seat", 3);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 4, "wl_output", 2);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 6, "wp_viewporter", 1);
	EXPECT_NOTHING(&ends->client);
	return ends;
}

static void test_bind(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	SEND(&ends->client, REGISTRY, BIND, "usun", 3, "wl_seat", 3, 3);
	EXPECT(&ends->host, REGISTRY, BIND, "usun", 3, "wl_seat", 3, 3);
	SEND(&ends->host, 3, WL_SEAT_EVENT_CAPABILITIES, "u", 1);
	EXPECT(&ends->client, 3, WL_SEAT_EVENT_CAPABILITIES, "u", 1);
	// Through another registry than the one that announced it.
	SEND(&ends->client, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", 4);
	EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", 4);
	SEND(&ends->client, 4, BIND, "usun", 1, "wl_compositor", 1, 5);
	EXPECT(&ends->host, 4, BIND, "usun", 1, "wl_compositor", 1, 5);
	fixture_finish(&fixture);
}

/* A bind that must end the session. */
static void refused(uint32_t name, const char *interface, uint32_t version, uint32_t id)
{
	struct fixture fixture;
	char text[512];
	struct ends *ends = begin(&fixture);
	SEND(&ends->client, REGISTRY, BIND, "usun", name, interface, version, id);
	EXPECT_ERROR(&ends->client, REGISTRY, 0, text);
	CHECK(strstr(text, "wl_registry@2.bind"));
	EXPECT_CLOSED(&ends->host);
	CHECK(fixture_violations == 1);
	fixture_finish(&fixture);
}

static void test_refused(void)
{
	refused(2, "wl_shm", 1, 3);
	refused(5, "nobody_knows_v1", 1, 3);
	refused(77, "wl_seat", 1, 3);
	refused(3, "wl_seat", 4, 3);
	refused(3, "wl_seat", 0, 3);
	refused(3, "wl_output", 1, 3);
	refused(3, "", 1, 3);
	refused(6, "wp_viewporter", 2, 3);
	refused(1, "wl_compositor", 1, 4); // a gap
	refused(1, "wl_compositor", 1, 2); // in use
	refused(1, "wl_compositor", 1, 0xff000000);
	refused(1, "wl_compositor", 1, 0);
}

static void test_removed(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	SEND(&ends->host, REGISTRY, REMOVE, "u", 1);
	SEND(&ends->host, REGISTRY, REMOVE, "u", 2);
	EXPECT(&ends->client, REGISTRY, REMOVE, "u", 1);
	EXPECT_NOTHING(&ends->client);
	// It had not heard yet: what it gets does nothing, and neither does what that makes.
	SEND(&ends->client, REGISTRY, BIND, "usun", 1, "wl_compositor", 4, 3);
	SEND(&ends->client, 3, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", 4);
	SEND(&ends->client, 4, WL_SURFACE_REQUEST_COMMIT, "");
	SEND(&ends->client, 4, WL_SURFACE_REQUEST_DESTROY, "");
	EXPECT_NOTHING(&ends->host);
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", 4);
	// The name is announced again.
	SEND(&ends->host, REGISTRY, GLOBAL, "usu", 1, "wl_compositor", 2);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 1, "wl_compositor", 2);
	SEND(&ends->client, REGISTRY, BIND, "usun", 1, "wl_compositor", 2, 4);
	EXPECT(&ends->host, REGISTRY, BIND, "usun", 1, "wl_compositor", 2, 3);
	fixture_finish(&fixture);
}

static void test_replaced(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	SEND(&ends->client, REGISTRY, BIND, "usun", 4, "wl_output", 2, 3);
	EXPECT_NOTHING(&ends->host);
	struct object *output = session_find_client_object(ends->session, 3);
	CHECK(output && object_is_local(output) && output->version == 2);
	CHECK(object_event(output, WL_OUTPUT_EVENT_SCALE, ARGS({.i = 2})) == 0);
	CHECK(object_event(output, WL_OUTPUT_EVENT_NAME, ARGS({.s = "x"})) < 0); // since 4
	EXPECT(&ends->client, 3, WL_OUTPUT_EVENT_SCALE, "i", 2);
	EXPECT_NOTHING(&ends->client);
	fixture_finish(&fixture);
}

static unsigned n_bound;

static void on_bound(struct session *session, struct object *object)
{
	n_bound++;
	CHECK(object_is_local(object));
	object_event(object, WL_SEAT_EVENT_CAPABILITIES, ARGS({.u = 7}));
}

static bool add_globals(struct session *session)
{
	struct engine *engine = session_engine(session);
	CHECK(session_add_global(session, engine_interface(engine, "wp_presentation"), 9, ANNOUNCE_ALWAYS));
	CHECK(session_add_global(session, engine_interface(engine, "wl_seat"), 2, ANNOUNCE_IF_MISSING));
	CHECK(session_add_global(session, engine_interface(engine, "wl_compositor"), 1, ANNOUNCE_IF_MISSING));
	return true;
}

/* Globals of ours: at once, or when the compositor turns out to have none. */
static void test_own(void)
{
	const struct engine_callbacks own = {.session_created = add_globals};
	struct fixture fixture;
	fixture_init(&fixture, &own);
	CHECK(engine_hook_bound(fixture.engine, "wl_seat", on_bound) == 0);
	struct ends *ends = fixture_connect(&fixture);
	fixture_announce(ends, globals, 2);
	EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", 3); // ours
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 0xfe000000, "wp_presentation", 1);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 1, "wl_compositor", 4);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 2, "wl_shm", 1);
	EXPECT_NOTHING(&ends->client);
	SEND(&ends->host, 3, WL_CALLBACK_EVENT_DONE, "u", 0);
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", 3);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 0xfe000001, "wl_seat", 2);
	EXPECT_NOTHING(&ends->client);
	SEND(&ends->client, REGISTRY, BIND, "usun", 0xfe000001, "wl_seat", 2, 3);
	EXPECT(&ends->client, 3, WL_SEAT_EVENT_CAPABILITIES, "u", 7);
	EXPECT_NOTHING(&ends->host);
	CHECK(n_bound == 1);
	session_remove_global(ends->session, 0xfe000001);
	EXPECT(&ends->client, REGISTRY, REMOVE, "u", 0xfe000001);
	// A name of the compositor in our range is not taken.
	SEND(&ends->host, REGISTRY, GLOBAL, "usu", 0xfe000005, "wl_shm", 1);
	EXPECT_NOTHING(&ends->client);
	fixture_finish(&fixture);
}

static void test_refresh(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	hide_compositor = true;
	session_refresh_globals(ends->session);
	EXPECT(&ends->client, REGISTRY, REMOVE, "u", 1);
	SEND(&ends->client, REGISTRY, BIND, "usun", 1, "wl_compositor", 4, 3);
	EXPECT_NOTHING(&ends->host);
	hide_compositor = false;
	session_refresh_globals(ends->session);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 1, "wl_compositor", 4);
	EXPECT_NOTHING(&ends->client);
	fixture_finish(&fixture);
}

/* Binding for ourselves: an injected registry, whose events the client does not see. */
static void test_session_bind(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	const struct interface *shm = engine_interface(fixture.engine, "wl_shm");
	uint32_t name = 0, version = 0;
	CHECK(session_find_global(ends->session, shm, &name, &version) && name == 2 && version == 1);
	struct object *object = session_bind(ends->session, name, 5);
	CHECK(object && object_is_injected(object) && object->version == 1);
	EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", 3);
	EXPECT(&ends->host, 3, BIND, "usun", 2, "wl_shm", 1, 4);
	SEND(&ends->host, 3, GLOBAL, "usu", 1, "wl_compositor", 4);
	SEND(&ends->host, 4, WL_SHM_EVENT_FORMAT, "u", 0);
	EXPECT_NOTHING(&ends->client);
	// The client's next object is not where its own counting would put it.
	SEND(&ends->client, 1, WL_DISPLAY_REQUEST_SYNC, "n", 3);
	EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", 5);
	SEND(&ends->host, 5, WL_CALLBACK_EVENT_DONE, "u", 9);
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", 5);
	EXPECT(&ends->client, 3, WL_CALLBACK_EVENT_DONE, "u", 9);
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", 3);
	CHECK(!session_find_global(ends->session, shm, &name, &version));
	fixture_finish(&fixture);
}

/* The one request that ends what it names. */
static void test_destroy_registry(void)
{
	static const struct fixture_global fixes[] = {
		{"wl_fixes", 1},
	};
	struct fixture fixture;
	fixture_init(&fixture, NULL);
	struct ends *ends = fixture_connect(&fixture);
	fixture_announce(ends, fixes, 1);
	EXPECT(&ends->client, REGISTRY, GLOBAL, "usu", 1, "wl_fixes", 1);
	SEND(&ends->client, REGISTRY, BIND, "usun", 1, "wl_fixes", 1, 3);
	EXPECT(&ends->host, REGISTRY, BIND, "usun", 1, "wl_fixes", 1, 3);
	SEND(&ends->client, 3, WL_FIXES_REQUEST_DESTROY_REGISTRY, "o", REGISTRY);
	EXPECT(&ends->host, 3, WL_FIXES_REQUEST_DESTROY_REGISTRY, "o", REGISTRY);
	SEND(&ends->host, REGISTRY, GLOBAL, "usu", 2, "wl_shm", 1); // late
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", REGISTRY);
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", REGISTRY);
	SEND(&ends->client, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", REGISTRY);
	EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", REGISTRY);
	SEND(&ends->client, 3, WL_FIXES_REQUEST_DESTROY_REGISTRY, "o", 3);
	EXPECT_ERROR(&ends->client, 3, 0, NULL);
	fixture_finish(&fixture);
}

int main(void)
{
	test_bind();
	test_refused();
	test_removed();
	test_replaced();
	test_own();
	test_refresh();
	test_session_bind();
	test_destroy_registry();
	return 0;
}
