/* What a filter can do: verdicts, changes, composed messages, injected and promoted objects, order, and lives. */
#include "fixture.h"

#include "protocol-opcodes.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SERVER = 0xff000000 };
enum { COMPOSITOR = 3, SURFACE, WM, XDG, SHM, SEAT, MANAGER, DEVICE, FREE };

static const struct fixture_global globals[] = {
	{"wl_compositor",	  4},
	{"xdg_wm_base",		3},
	{"wl_shm",		   1},
	{"wl_seat",		    5},
	{"wl_data_device_manager", 3},
};

static struct fixture fixture;
static struct ends *ends;
static struct peer *client, *host;

static void begin(const struct hook *hooks, size_t n_hooks)
{
	fixture_init(&fixture, NULL);
	CHECK(engine_hook(fixture.engine, hooks, n_hooks) == 0);
	ends = fixture_connect(&fixture);
	client = &ends->client;
	host = &ends->host;
	fixture_announce(ends, globals, sizeof globals / sizeof *globals);
	CHECK(peer_drain(client) > 0);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 1, "wl_compositor", 4, COMPOSITOR);
	SEND(client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 2, "xdg_wm_base", 3, WM);
	SEND(client, WM, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE, "no", XDG, SURFACE);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 3, "wl_shm", 1, SHM);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 4, "wl_seat", 5, SEAT);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 5, "wl_data_device_manager", 3, MANAGER);
	SEND(client, MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_GET_DATA_DEVICE, "no", DEVICE, SEAT);
	CHECK(peer_drain(host) > 0);
}

#define BEGIN(hooks) begin(hooks, sizeof hooks / sizeof *hooks)

static struct object *find(uint32_t id)
{
	struct object *object = session_find_client_object(ends->session, id);
	CHECK(object);
	return object;
}

static unsigned n_destroyed;

static void count_destroyed(struct object *object)
{
	CHECK(object->data == &n_destroyed);
	n_destroyed++;
}

static void watch(struct object *object)
{
	object->data = &n_destroyed;
	object->destroyed = count_destroyed;
}

/* Registering ------------------------------------------------------------------------------------------------------ */

static enum verdict drop(struct session *session, struct wire_message *message)
{
	return VERDICT_DROP;
}

static void test_registering(void)
{
	const struct hook none = {"nobody_knows_v1", DIRECTION_REQUEST, 0, drop};
	const struct hook opcode = {"wl_surface", DIRECTION_EVENT, 200, drop};
	const struct hook core = {"wl_registry", DIRECTION_REQUEST, WL_REGISTRY_REQUEST_BIND, drop};
	const struct hook good = {"wl_surface", DIRECTION_REQUEST, WL_SURFACE_REQUEST_COMMIT, drop};
	fixture_init(&fixture, NULL);
	CHECK(engine_hook(fixture.engine, &none, 1) < 0);
	CHECK(engine_hook(fixture.engine, &opcode, 1) < 0);
	CHECK(engine_hook(fixture.engine, &core, 1) < 0);
	CHECK(engine_hook(fixture.engine, &good, 1) == 0);
	CHECK(engine_hook(fixture.engine, &good, 1) < 0);
	fixture_finish(&fixture);
}

/* Changing --------------------------------------------------------------------------------------------------------- */

static const char *new_title;

static enum verdict change_title(struct session *session, struct wire_message *message)
{
	CHECK(wire_direction(message) == DIRECTION_REQUEST && strcmp(wire_name(message), "set_title") == 0);
	wire_set_string(message, 0, "first");
	wire_set_string(message, 0, new_title);
	CHECK(strncmp(wire_string(message, 0), new_title, 4000) == 0);
	return VERDICT_FORWARD;
}

static enum verdict shift_damage(struct session *session, struct wire_message *message)
{
	wire_set_int(message, 0, wire_int(message, 0) + 100);
	return VERDICT_FORWARD;
}

/* Amid messages that nobody looks at: the order stays. */
static void test_change(void)
{
	const struct hook hooks[] = {
		{"xdg_toplevel", DIRECTION_REQUEST, XDG_TOPLEVEL_REQUEST_SET_TITLE, change_title},
		{"wl_surface",   DIRECTION_REQUEST, WL_SURFACE_REQUEST_DAMAGE,	     shift_damage},
	};
	uint32_t buffer[512];
	uint8_t *bytes = (uint8_t *)buffer;
	BEGIN(hooks);
	SEND(client, XDG, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", FREE);
	EXPECT(host, XDG, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", FREE);
	new_title = "a title that is a good deal longer";
	size_t size = peer_encode(bytes, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	size += peer_encode(bytes + size, FREE, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "x");
	size += peer_encode(bytes + size, SURFACE, WL_SURFACE_REQUEST_SET_BUFFER_SCALE, "i", 2);
	size += peer_encode(bytes + size, SURFACE, WL_SURFACE_REQUEST_DAMAGE, "iiii", 1, 2, 3, 4);
	size += peer_encode(bytes + size, FREE, XDG_TOPLEVEL_REQUEST_SET_APP_ID, "s", "id");
	peer_send_raw(client, bytes, size, NULL, 0);
	EXPECT(host, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	EXPECT(host, FREE, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", new_title);
	EXPECT(host, SURFACE, WL_SURFACE_REQUEST_SET_BUFFER_SCALE, "i", 2);
	EXPECT(host, SURFACE, WL_SURFACE_REQUEST_DAMAGE, "iiii", 101, 2, 3, 4);
	EXPECT(host, FREE, XDG_TOPLEVEL_REQUEST_SET_APP_ID, "s", "id");
	// Cut at a character: four bytes each, and 4096 in all with header, length and NUL.
	char long_title[6000] = "", expected[6000] = "";
	for (int i = 0; i < 1200; i++)
		memcpy(long_title + strlen(long_title), "\xf0\x9f\x8d\x80", 5);
	memcpy(expected, long_title, 4080);
	new_title = long_title;
	SEND(client, FREE, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "x");
	EXPECT(host, FREE, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", expected);
	fixture_finish(&fixture);
}

/* Many at once: more than there is room for beside the batch. */
static void test_change_many(void)
{
	const struct hook hooks[] = {
		{"xdg_toplevel", DIRECTION_REQUEST, XDG_TOPLEVEL_REQUEST_SET_TITLE, change_title},
	};
	static uint32_t buffer[16000];
	uint8_t *bytes = (uint8_t *)buffer;
	char title[1000];
	memset(title, 'x', sizeof title - 1);
	title[sizeof title - 1] = '\0';
	new_title = title;
	BEGIN(hooks);
	SEND(client, XDG, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", FREE);
	EXPECT(host, XDG, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", FREE);
	size_t size = 0;
	for (uint32_t i = 0; i < 300; i++) {
		size += peer_encode(bytes + size, FREE, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "short");
		size += peer_encode(bytes + size, SURFACE, WL_SURFACE_REQUEST_DAMAGE, "iiii", i, 2, 3, 4);
	}
	peer_send_raw(client, bytes, size, NULL, 0);
	for (uint32_t i = 0; i < 300; i++) {
		EXPECT(host, FREE, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", title);
		EXPECT(host, SURFACE, WL_SURFACE_REQUEST_DAMAGE, "iiii", i, 2, 3, 4);
	}
	EXPECT_NOTHING(host);
	fixture_finish(&fixture);
}

/* Dropping --------------------------------------------------------------------------------------------------------- */

/* What a dropped request makes is local, whatever is then done with it, and the ids stay dense. */
static void test_drop(void)
{
	const struct hook hooks[] = {
		{"xdg_surface", DIRECTION_REQUEST, XDG_SURFACE_REQUEST_GET_TOPLEVEL, drop},
		{"wl_shm",	   DIRECTION_REQUEST, WL_SHM_REQUEST_CREATE_POOL,	  drop},
		{"wl_seat",	    DIRECTION_EVENT,   WL_SEAT_EVENT_CAPABILITIES,	 drop},
	};
	BEGIN(hooks);
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	SEND(client, XDG, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", FREE);
	SEND(client, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", FREE + 1, fd, 4096);
	close(fd);
	SEND(client, FREE + 1, WL_SHM_POOL_REQUEST_CREATE_BUFFER, "niiiiu", FREE + 2, 0, 1, 1, 4, 0);
	SEND(client, FREE, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "x");
	EXPECT_NOTHING(host);
	CHECK(object_is_local(find(FREE)) && object_is_local(find(FREE + 2)));
	watch(find(FREE + 2));
	// A forwarded request that names a local object stays here too.
	SEND(client, SURFACE, WL_SURFACE_REQUEST_ATTACH, "oii", FREE + 2, 0, 0);
	EXPECT_NOTHING(host);
	SEND(client, FREE + 2, WL_BUFFER_REQUEST_DESTROY, "");
	EXPECT(client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE + 2);
	CHECK(n_destroyed == 1);
	SEND(client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", FREE + 2);
	EXPECT(host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", FREE);
	SEND(host, SEAT, WL_SEAT_EVENT_CAPABILITIES, "u", 3);
	EXPECT_NOTHING(client);
	n_destroyed = 0;
	fixture_finish(&fixture);
}

/* A dropped destructor: the client's side is over, the compositor's is the filter's now. */
static void test_drop_destructor(void)
{
	const struct hook hooks[] = {
		{"wl_surface", DIRECTION_REQUEST, WL_SURFACE_REQUEST_DESTROY, drop},
	};
	BEGIN(hooks);
	struct object *surface = find(SURFACE);
	watch(surface);
	SEND(client, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
	EXPECT(client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SURFACE);
	EXPECT_NOTHING(host);
	CHECK(n_destroyed == 0 && object_is_injected(surface));
	SEND(client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	EXPECT(host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", FREE);
	CHECK(object_request(surface, WL_SURFACE_REQUEST_DESTROY, NO_ARGS) == 0);
	CHECK(n_destroyed == 1);
	EXPECT(host, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
	SEND(host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SURFACE);
	EXPECT_NOTHING(client);
	n_destroyed = 0;
	fixture_finish(&fixture);
}

/* Composing -------------------------------------------------------------------------------------------------------- */

static enum verdict identify(struct session *session, struct wire_message *message)
{
	struct object *toplevel = wire_object(message, 0);
	CHECK(object_request(toplevel, XDG_TOPLEVEL_REQUEST_SET_APP_ID, ARGS({.s = "early"})) < 0);
	wire_forward(message);
	CHECK(object_request(toplevel, XDG_TOPLEVEL_REQUEST_SET_APP_ID, ARGS({.s = "isolate.first"})) == 0);
	// Since 4, and the client bound 3.
	CHECK(object_event(toplevel, XDG_TOPLEVEL_EVENT_CONFIGURE_BOUNDS, ARGS({.i = 1}, {.i = 1})) < 0);
	struct wl_array states = {.size = 5, .data = (void *)"12345"};
	CHECK(object_event(toplevel, XDG_TOPLEVEL_EVENT_CONFIGURE, ARGS({.i = 1}, {.i = 2}, {.a = &states})) == 0);
	return VERDICT_FORWARD;
}

static void test_compose(void)
{
	const struct hook hooks[] = {
		{"xdg_surface", DIRECTION_REQUEST, XDG_SURFACE_REQUEST_GET_TOPLEVEL, identify},
	};
	uint32_t buffer[64];
	uint8_t *bytes = (uint8_t *)buffer;
	BEGIN(hooks);
	size_t size = peer_encode(bytes, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	size += peer_encode(bytes + size, XDG, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", FREE);
	size += peer_encode(bytes + size, FREE, XDG_TOPLEVEL_REQUEST_SET_MAXIMIZED, "");
	peer_send_raw(client, bytes, size, NULL, 0);
	EXPECT(host, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	EXPECT(host, XDG, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", FREE);
	EXPECT(host, FREE, XDG_TOPLEVEL_REQUEST_SET_APP_ID, "s", "isolate.first");
	EXPECT(host, FREE, XDG_TOPLEVEL_REQUEST_SET_MAXIMIZED, "");
	EXPECT(client, FREE, XDG_TOPLEVEL_EVENT_CONFIGURE, "iia", 1, 2, (size_t)5, "12345");
	// Outside of any message, and too large.
	static char huge[5000];
	struct wl_array states = {.size = sizeof huge, .data = huge};
	CHECK(object_event(find(FREE), XDG_TOPLEVEL_EVENT_CONFIGURE, ARGS({.i = 1}, {.i = 2}, {.a = &states})) < 0);
	CHECK(object_event(find(FREE), XDG_TOPLEVEL_EVENT_CLOSE, NO_ARGS) == 0);
	EXPECT(client, FREE, XDG_TOPLEVEL_EVENT_CLOSE, "");
	EXPECT_NOTHING(client);
	fixture_finish(&fixture);
}

/* An injected surface: what happens on it, or names it, is not for the client. */
static void test_inject(void)
{
	begin(NULL, 0);
	struct object *surface = object_create(ends->session, engine_interface(fixture.engine, "wl_surface"), 4);
	watch(surface);
	CHECK(object_request(find(COMPOSITOR), WL_COMPOSITOR_REQUEST_CREATE_SURFACE, ARGS({.o = surface})) == 0);
	EXPECT(host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", FREE);
	CHECK(object_is_injected(surface));
	SEND(client, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", FREE);
	EXPECT(host, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", FREE + 1);
	SEND(host, FREE + 1, WL_KEYBOARD_EVENT_ENTER, "uoa", 1, FREE, (size_t)0, "");
	SEND(host, FREE, WL_SURFACE_EVENT_ENTER, "o", SURFACE); // on the injected one
	SEND(host, FREE + 1, WL_KEYBOARD_EVENT_LEAVE, "uo", 2, SURFACE);
	EXPECT(client, FREE, WL_KEYBOARD_EVENT_LEAVE, "uo", 2, SURFACE);
	EXPECT_NOTHING(client);
	CHECK(object_request(surface, WL_SURFACE_REQUEST_DESTROY, NO_ARGS) == 0);
	CHECK(n_destroyed == 1 && object_is_zombie(surface));
	CHECK(object_request(surface, WL_SURFACE_REQUEST_COMMIT, NO_ARGS) < 0);
	EXPECT(host, FREE, WL_SURFACE_REQUEST_DESTROY, "");
	SEND(host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE);
	EXPECT_NOTHING(client);
	n_destroyed = 0;
	fixture_finish(&fixture);
}

static unsigned n_synced;

static void on_synced(struct session *session, void *data)
{
	CHECK(data == &n_synced);
	n_synced++;
	CHECK(object_event(find(SEAT), WL_SEAT_EVENT_CAPABILITIES, ARGS({.u = 42})) == 0);
}

/* A local answer that is tied to what the compositor was sent before. */
static void test_order(void)
{
	begin(NULL, 0);
	CHECK(session_sync(ends->session, on_synced, &n_synced) == 0);
	CHECK(session_sync(ends->session, on_synced, &n_synced) == 0);
	EXPECT(host, 1, WL_DISPLAY_REQUEST_SYNC, "n", FREE);
	EXPECT(host, 1, WL_DISPLAY_REQUEST_SYNC, "n", FREE + 1);
	EXPECT_NOTHING(client);
	SEND(host, SEAT, WL_SEAT_EVENT_CAPABILITIES, "u", 1);
	SEND(host, FREE, WL_CALLBACK_EVENT_DONE, "u", 7);
	SEND(host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE);
	SEND(host, SEAT, WL_SEAT_EVENT_CAPABILITIES, "u", 2);
	EXPECT(client, SEAT, WL_SEAT_EVENT_CAPABILITIES, "u", 1);
	EXPECT(client, SEAT, WL_SEAT_EVENT_CAPABILITIES, "u", 42);
	EXPECT(client, SEAT, WL_SEAT_EVENT_CAPABILITIES, "u", 2);
	EXPECT_NOTHING(client);
	CHECK(n_synced == 1); // the other goes down with the session
	fixture_finish(&fixture);
}

static enum verdict answer_frame(struct session *session, struct wire_message *message)
{
	object_callback_done(wire_object(message, 0), 5);
	return VERDICT_ANSWER;
}

static void test_answer(void)
{
	const struct hook hooks[] = {
		{"wl_surface", DIRECTION_REQUEST, WL_SURFACE_REQUEST_FRAME, answer_frame},
	};
	BEGIN(hooks);
	for (int i = 0; i < 100; i++) {
		SEND(client, SURFACE, WL_SURFACE_REQUEST_FRAME, "n", FREE);
		EXPECT(client, FREE, WL_CALLBACK_EVENT_DONE, "u", 5);
		EXPECT(client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE);
	}
	EXPECT_NOTHING(host);
	fixture_finish(&fixture);
}

/* Promoting -------------------------------------------------------------------------------------------------------- */

/* A data source that is the client's alone until a drag begins. */
static enum verdict promote(struct session *session, struct wire_message *message)
{
	struct object *source = wire_object(message, 0);
	CHECK(object_is_local(source));
	struct object *manager = session_find_client_object(session, MANAGER);
	CHECK(object_request(manager, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, ARGS({.o = source})) == 0);
	CHECK(object_request(source, WL_DATA_SOURCE_REQUEST_OFFER, ARGS({.s = "text/plain"})) == 0);
	return VERDICT_FORWARD;
}

static void test_promote(void)
{
	const struct hook hooks[] = {
		{"wl_data_device_manager", DIRECTION_REQUEST, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, drop   },
		{"wl_data_device",	   DIRECTION_REQUEST, WL_DATA_DEVICE_REQUEST_START_DRAG,		 promote},
	};
	BEGIN(hooks);
	SEND(client, MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", FREE);
	SEND(client, FREE, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/plain");
	EXPECT_NOTHING(host);
	SEND(client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", FREE + 1);
	EXPECT(host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", FREE);
	SEND(client, DEVICE, WL_DATA_DEVICE_REQUEST_START_DRAG, "ooou", FREE, SURFACE, FREE + 1, 9);
	EXPECT(host, MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", FREE + 1);
	EXPECT(host, FREE + 1, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/plain");
	EXPECT(host, DEVICE, WL_DATA_DEVICE_REQUEST_START_DRAG, "ooou", FREE + 1, SURFACE, FREE, 9);
	SEND(host, FREE + 1, WL_DATA_SOURCE_EVENT_CANCELLED, "");
	EXPECT(client, FREE, WL_DATA_SOURCE_EVENT_CANCELLED, "");
	SEND(client, FREE, WL_DATA_SOURCE_REQUEST_DESTROY, "");
	EXPECT(host, FREE + 1, WL_DATA_SOURCE_REQUEST_DESTROY, "");
	SEND(host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE + 1);
	EXPECT(client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE);
	fixture_finish(&fixture);
}

static struct object *held;

static enum verdict hold_offer(struct session *session, struct wire_message *message)
{
	held = wire_object(message, 0);
	watch(held);
	return VERDICT_DROP;
}

static enum verdict show_offer(struct session *session, struct wire_message *message)
{
	struct object *offer = wire_object(message, 0);
	if (offer && object_is_injected(offer)) {
		CHECK(offer == held);
		CHECK(object_event(wire_target(message), WL_DATA_DEVICE_EVENT_DATA_OFFER, ARGS({.o = offer})) == 0);
		CHECK(object_event(offer, WL_DATA_OFFER_EVENT_OFFER, ARGS({.s = "text/plain"})) == 0);
	}
	return VERDICT_FORWARD;
}

/* An offer that the client hears of only when it is its turn. */
static void test_reveal(void)
{
	const struct hook hooks[] = {
		{"wl_data_device", DIRECTION_EVENT, WL_DATA_DEVICE_EVENT_DATA_OFFER, hold_offer},
		{"wl_data_device", DIRECTION_EVENT, WL_DATA_DEVICE_EVENT_SELECTION,  show_offer},
	};
	BEGIN(hooks);
	SEND(host, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", SERVER);
	SEND(host, SERVER, WL_DATA_OFFER_EVENT_OFFER, "s", "text/plain");
	EXPECT_NOTHING(client);
	SEND(host, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", SERVER + 1);
	SEND(host, DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", SERVER + 1);
	EXPECT(client, DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", SERVER);
	EXPECT(client, SERVER, WL_DATA_OFFER_EVENT_OFFER, "s", "text/plain");
	EXPECT(client, DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", SERVER);
	SEND(client, SERVER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	EXPECT(host, SERVER + 1, WL_DATA_OFFER_REQUEST_DESTROY, "");
	CHECK(n_destroyed == 1);
	n_destroyed = 0;
	fixture_finish(&fixture);
	CHECK(n_destroyed == 1); // the one that was never shown
	n_destroyed = 0;
}

static enum verdict split(struct session *session, struct wire_message *message)
{
	struct object *upstream = object_split(wire_target(message));
	CHECK(upstream && object_is_injected(upstream) && object_is_local(wire_target(message)));
	CHECK(object_request(upstream, WL_SURFACE_REQUEST_DESTROY, NO_ARGS) == 0);
	return VERDICT_FORWARD;
}

static void test_split(void)
{
	const struct hook hooks[] = {
		{"wl_surface", DIRECTION_REQUEST, WL_SURFACE_REQUEST_COMMIT, split},
	};
	BEGIN(hooks);
	SEND(client, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	EXPECT(host, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
	SEND(host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SURFACE);
	EXPECT_NOTHING(client);
	SEND(client, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
	EXPECT(client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SURFACE);
	EXPECT_NOTHING(host);
	fixture_finish(&fixture);
}

/* Lives ------------------------------------------------------------------------------------------------------------ */

static void test_destroyed(void)
{
	begin(NULL, 0);
	watch(find(SURFACE));
	watch(find(XDG));
	SEND(client, XDG, XDG_SURFACE_REQUEST_DESTROY, "");
	fixture_run(&fixture);
	CHECK(n_destroyed == 1);
	SEND(host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", XDG);
	fixture_run(&fixture);
	CHECK(n_destroyed == 1);
	fixture_finish(&fixture);
	CHECK(n_destroyed == 2);
	n_destroyed = 0;
}

static void test_iterate(void)
{
	begin(NULL, 0);
	unsigned n = 0, surfaces = 0;
	const struct interface *surface = engine_interface(fixture.engine, "wl_surface");
	for (uint32_t id = FREE; id < FREE + 100; id++)
		SEND(client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", id);
	SEND(client, FREE + 50, WL_SURFACE_REQUEST_DESTROY, "");
	fixture_run(&fixture);
	for (struct object *object = NULL; (object = session_next_object(ends->session, object)); n++)
		surfaces += object->interface == surface;
	CHECK(surfaces == 100 && n == 100 - 1 + FREE - 1);
	fixture_finish(&fixture);
}

static struct ends *other_ends;

/* Ends its own session and another, and speaks to a third party. */
static enum verdict destroy_both(struct session *session, struct wire_message *message)
{
	session_destroy(other_ends->session);
	session_destroy(session);
	object_event(session_display(session), WL_DISPLAY_EVENT_DELETE_ID, ARGS({.u = 99}));
	return VERDICT_DROP;
}

static void test_destroy_from_handler(void)
{
	const struct hook hooks[] = {
		{"wl_surface", DIRECTION_REQUEST, WL_SURFACE_REQUEST_COMMIT, destroy_both},
	};
	BEGIN(hooks);
	other_ends = fixture_connect(&fixture);
	struct ends *third = fixture_connect(&fixture);
	SEND(client, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	SEND(client, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	fixture_run(&fixture);
	CHECK(engine_count_sessions(fixture.engine) == 1);
	CHECK(engine_next_session(fixture.engine, NULL) == third->session);
	EXPECT_CLOSED(&other_ends->client);
	fixture_finish(&fixture);
}

static enum verdict refuse(struct session *session, struct wire_message *message)
{
	return session_error(session, wire_target(message), 77, "not %s", "now");
}

static void test_error(void)
{
	const struct hook hooks[] = {
		{"wl_surface", DIRECTION_REQUEST, WL_SURFACE_REQUEST_COMMIT, refuse},
	};
	char text[512];
	BEGIN(hooks);
	SEND(client, SURFACE, WL_SURFACE_REQUEST_COMMIT, "");
	EXPECT_ERROR(client, SURFACE, 77, text);
	CHECK(strcmp(text, "not now") == 0 && fixture_violations == 0);
	fixture_finish(&fixture);
}

int main(void)
{
	test_registering();
	test_change();
	test_change_many();
	test_drop();
	test_drop_destructor();
	test_compose();
	test_inject();
	test_order();
	test_answer();
	test_promote();
	test_reveal();
	test_split();
	test_destroyed();
	test_iterate();
	test_destroy_from_handler();
	test_error();
	return 0;
}
