/* Clipboard and Primary under guarded, deny and allow: who may read and set what, when. */
#include "selection-test.h"

#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>

/* Both protocols have the same shape: their opcodes, so that each test runs on both. */
static const struct protocol {
	enum policy_key key;
	uint32_t device, manager;
	uint16_t set_selection, selection, receive, destroy_offer, create_source, offer, send, cancelled,
		destroy_source;
} protocols[] = {
	{POLICY_CLIPBOARD, DATA_DEVICE,	DATA_MANAGER,    WL_DATA_DEVICE_REQUEST_SET_SELECTION,
		WL_DATA_DEVICE_EVENT_SELECTION,			WL_DATA_OFFER_REQUEST_RECEIVE,		       WL_DATA_OFFER_REQUEST_DESTROY,
		WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE,																	     WL_DATA_SOURCE_REQUEST_OFFER,
		WL_DATA_SOURCE_EVENT_SEND,																													       WL_DATA_SOURCE_EVENT_CANCELLED, WL_DATA_SOURCE_REQUEST_DESTROY		 },
	{POLICY_PRIMARY,	 PRIMARY_DEVICE, PRIMARY_MANAGER, ZWP_PRIMARY_SELECTION_DEVICE_V1_REQUEST_SET_SELECTION,
		ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_SELECTION, ZWP_PRIMARY_SELECTION_OFFER_V1_REQUEST_RECEIVE,
		ZWP_PRIMARY_SELECTION_OFFER_V1_REQUEST_DESTROY,										 ZWP_PRIMARY_SELECTION_DEVICE_MANAGER_V1_REQUEST_CREATE_SOURCE,
		ZWP_PRIMARY_SELECTION_SOURCE_V1_REQUEST_OFFER,																					       ZWP_PRIMARY_SELECTION_SOURCE_V1_EVENT_SEND,
		ZWP_PRIMARY_SELECTION_SOURCE_V1_EVENT_CANCELLED,																															 ZWP_PRIMARY_SELECTION_SOURCE_V1_REQUEST_DESTROY},
};
static const struct protocol *p;

static struct ends *begin(struct filter_test *t, enum policy_answer answer)
{
	filter_test_init(t);
	t->policy->answers[p->key] = answer;
	filter_test_start(t);
	return selection_test_connect(t);
}

enum { OFFER = FIRST_SERVER_ID };

/* The host's selection is announced to a client that has the keyboard, as an offer of ours. */
static void announce(struct ends *ends)
{
	selection_test_offer(ends, p->device, OFFER);
	EXPECT_NOTHING(&ends->client); // its purpose is not yet known
	SEND(&ends->host, p->device, p->selection, "o", OFFER);
	selection_test_expect_offer(ends, p->device, OFFER);
	EXPECT(&ends->client, p->device, p->selection, "o", OFFER);
	selection_test_enter(ends, 100);
}

/* A read that must be refused: an empty pipe, and nothing at the compositor. */
static void expect_refusal(struct filter_test *t, struct ends *ends, uint32_t offer, const char *type)
{
	int ends_of_pipe[2];
	filter_test_pipe(ends_of_pipe);
	SEND(&ends->client, offer, p->receive, "sh", type, ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT_TEXT(t, ends_of_pipe[0], "");
	EXPECT_NOTHING(&ends->host);
}

static void expect_read(struct filter_test *t, struct ends *ends, uint32_t offer)
{
	int ends_of_pipe[2], got = -1;
	filter_test_pipe(ends_of_pipe);
	SEND(&ends->client, offer, p->receive, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT(&ends->host, OFFER, p->receive, "sh", "text/plain", &got);
	CHECK(write(got, "hello", 5) == 5);
	close(got);
	EXPECT_TEXT(t, ends_of_pipe[0], "hello");
}

static void test_guarded_read(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_GUARDED);
	announce(ends);
	expect_refusal(&t, ends, OFFER, "text/plain");
	// The release of a key is no input; a press is, and before it the selection is announced again.
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_KEY, "uuuu", 101, 0, 30, WL_KEYBOARD_KEY_STATE_RELEASED);
	EXPECT(&ends->client, KEYBOARD, WL_KEYBOARD_EVENT_KEY, "uuuu", 101, 0, 30, WL_KEYBOARD_KEY_STATE_RELEASED);
	expect_refusal(&t, ends, OFFER, "text/plain");
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_KEY, "uuuu", 102, 0, 30, WL_KEYBOARD_KEY_STATE_PRESSED);
	selection_test_expect_offer(ends, p->device, OFFER + 1);
	EXPECT(&ends->client, p->device, p->selection, "o", OFFER + 1);
	EXPECT(&ends->client, KEYBOARD, WL_KEYBOARD_EVENT_KEY, "uuuu", 102, 0, 30, WL_KEYBOARD_KEY_STATE_PRESSED);
	expect_read(&t, ends, OFFER + 1);
	expect_read(&t, ends, OFFER);
	expect_refusal(&t, ends, OFFER, "text/x-not-offered");
	// Nothing was refused since: nothing is announced again.
	selection_test_press(ends, 103);
	// The client drops its offers; ours alone are gone.
	SEND(&ends->client, OFFER, p->destroy_offer, "");
	SEND(&ends->client, OFFER + 1, p->destroy_offer, "");
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 2);
}

static void test_guarded_focus(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_GUARDED);
	announce(ends);
	selection_test_press(ends, 101);
	selection_test_leave(ends, 102);
	expect_refusal(&t, ends, OFFER, "text/plain");
	selection_test_enter(ends, 103);
	expect_read(&t, ends, OFFER);
	t.filter->last_input = seat_now_ms() - SEAT_RECENT_MS - 1000;
	expect_refusal(&t, ends, OFFER, "text/plain");
	filter_test_finish(&t, 2);
	CHECK(strcmp(t.last.key, policy_key_name(p->key)) == 0 && strcmp(t.last.request, "receive") == 0);
}

/* Input to another client of the project counts, its keyboard does not. */
static void test_guarded_project(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_GUARDED), *other = selection_test_connect(&t);
	announce(ends);
	selection_test_enter(other, 100);
	selection_test_press(other, 101);
	expect_read(&t, ends, OFFER);
	selection_test_leave(ends, 102);
	expect_refusal(&t, ends, OFFER, "text/plain");
	filter_test_finish(&t, 1);
}

/* A new selection replaces the old one, upstream too, and what is left of the old gives nothing. */
static void test_replaced(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_GUARDED);
	announce(ends);
	selection_test_press(ends, 101);
	selection_test_offer(ends, p->device, OFFER + 1);
	SEND(&ends->host, p->device, p->selection, "o", OFFER + 1);
	EXPECT(&ends->host, OFFER, p->destroy_offer, "");
	selection_test_expect_offer(ends, p->device, OFFER + 1);
	EXPECT(&ends->client, p->device, p->selection, "o", OFFER + 1);
	expect_refusal(&t, ends, OFFER, "text/plain");
	SEND(&ends->host, p->device, p->selection, "o", 0);
	EXPECT(&ends->host, OFFER + 1, p->destroy_offer, "");
	EXPECT(&ends->client, p->device, p->selection, "o", 0);
	expect_refusal(&t, ends, OFFER + 1, "text/plain");
	// Nothing is left to be announced again.
	selection_test_press(ends, 102);
	filter_test_finish(&t, 0);
}

static void create_source(struct ends *ends, uint32_t id)
{
	SEND(&ends->client, p->manager, p->create_source, "n", id);
	EXPECT(&ends->host, p->manager, p->create_source, "n", id);
	SEND(&ends->client, id, p->offer, "s", "text/plain");
	EXPECT(&ends->host, id, p->offer, "s", "text/plain");
}

static void test_guarded_set(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_GUARDED);
	create_source(ends, SOURCE);
	selection_test_enter(ends, 100);
	SEND(&ends->client, p->device, p->set_selection, "ou", SOURCE, 100);
	EXPECT(&ends->client, SOURCE, p->cancelled, "");
	EXPECT_NOTHING(&ends->host);
	selection_test_press(ends, 101);
	SEND(&ends->client, p->device, p->set_selection, "ou", SOURCE, 99); // was never sent
	EXPECT(&ends->client, SOURCE, p->cancelled, "");
	EXPECT_NOTHING(&ends->host);
	SEND(&ends->client, p->device, p->set_selection, "ou", SOURCE, 100); // keyboard.enter, as wl-copy has
	EXPECT(&ends->host, p->device, p->set_selection, "ou", SOURCE, 100);
	// The host reads: neither side holds the other's descriptor.
	int ends_of_pipe[2], got = -1;
	filter_test_pipe(ends_of_pipe);
	SEND(&ends->host, SOURCE, p->send, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT(&ends->client, SOURCE, p->send, "sh", "text/plain", &got);
	CHECK(write(got, "from inside", 11) == 11);
	close(got);
	EXPECT_TEXT(&t, ends_of_pipe[0], "from inside");
	SEND(&ends->client, p->device, p->set_selection, "ou", 0, 100);
	EXPECT(&ends->host, p->device, p->set_selection, "ou", 0, 100);
	filter_test_finish(&t, 2);
}

static void test_deny(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_DENY);
	selection_test_offer(ends, p->device, OFFER);
	SEND(&ends->host, p->device, p->selection, "o", OFFER);
	EXPECT(&ends->client, p->device, p->selection, "o", 0);
	EXPECT(&ends->host, OFFER, p->destroy_offer, "");
	selection_test_enter(ends, 100);
	selection_test_press(ends, 101);
	create_source(ends, SOURCE);
	SEND(&ends->client, p->device, p->set_selection, "ou", SOURCE, 101);
	EXPECT(&ends->client, SOURCE, p->cancelled, "");
	SEND(&ends->client, p->device, p->set_selection, "ou", 0, 101);
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 2);
}

/* With nobody to ask, ask is a refusal of every read. */
static void test_ask(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_ASK);
	announce(ends);
	selection_test_press(ends, 101);
	expect_refusal(&t, ends, OFFER, "text/plain");
	filter_test_finish(&t, 1);
}

static void test_allow(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_ALLOW);
	selection_test_offer(ends, p->device, OFFER);
	selection_test_expect_offer(ends, p->device, OFFER);
	SEND(&ends->host, p->device, p->selection, "o", OFFER);
	EXPECT(&ends->client, p->device, p->selection, "o", OFFER);
	int got = -1;
	SEND(&ends->client, OFFER, p->receive, "sh", "text/anything", STDERR_FILENO);
	EXPECT(&ends->host, OFFER, p->receive, "sh", "text/anything", &got);
	close(got);
	create_source(ends, SOURCE);
	SEND(&ends->client, p->device, p->set_selection, "ou", SOURCE, 77);
	EXPECT(&ends->host, p->device, p->set_selection, "ou", SOURCE, 77);
	filter_test_finish(&t, 0);
}

/* A client may name a file to receive into: only pipes are written to. */
static void test_file(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_GUARDED);
	announce(ends);
	selection_test_press(ends, 101);
	int fd = filter_test_memfd(0);
	SEND(&ends->client, OFFER, p->receive, "sh", "text/plain", fd);
	EXPECT_NOTHING(&ends->host);
	close(fd);
	filter_test_finish(&t, 0);
}

/* Too many types, and too long ones, are left out. */
static void test_types(void)
{
	struct filter_test t;
	char type[300];
	struct ends *ends = begin(&t, POLICY_GUARDED);
	SEND(&ends->client, p->manager, p->create_source, "n", SOURCE);
	EXPECT(&ends->host, p->manager, p->create_source, "n", SOURCE);
	memset(type, 'x', sizeof type);
	type[sizeof type - 1] = '\0';
	SEND(&ends->client, SOURCE, p->offer, "s", type);
	EXPECT_NOTHING(&ends->host);
	for (int i = 0; i < 300; i++) {
		snprintf(type, sizeof type, "x-type/%d", i);
		SEND(&ends->client, SOURCE, p->offer, "s", type);
		if (i < 256)
			EXPECT(&ends->host, SOURCE, p->offer, "s", type);
		else
			EXPECT_NOTHING(&ends->host);
	}
	filter_test_finish(&t, 0);
}

/* Writes until it is refused, reading meanwhile; returns the bytes that arrived. */
static size_t pump(struct filter_test *t, int from, int to)
{
	static char data[65536];
	size_t arrived = 0;
	ssize_t n;
	CHECK(fcntl(from, F_SETFL, O_NONBLOCK) == 0);
	do {
		CHECK(write(from, data, sizeof data) != 0);
		engine_dispatch(t->fixture.engine, 0);
		while ((n = read(to, data, sizeof data)) > 0)
			arrived += (size_t)n;
	} while (n < 0 && errno == EAGAIN);
	return arrived;
}

/* Whoever sends without end is cut off at MaxClipboard, in both directions, by the default. */
static void test_size(void)
{
	struct filter_test t;
	int ends_of_pipe[2], got = -1;
	struct ends *ends = begin(&t, POLICY_GUARDED);
	const size_t most = t.policy->limits[POLICY_MAX_CLIPBOARD];
	CHECK(most == 64 << 20);
	announce(ends);
	selection_test_press(ends, 101);
	filter_test_pipe(ends_of_pipe);
	SEND(&ends->client, OFFER, p->receive, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT(&ends->host, OFFER, p->receive, "sh", "text/plain", &got);
	CHECK(pump(&t, got, ends_of_pipe[0]) == most);
	close(got);
	close(ends_of_pipe[0]);
	create_source(ends, SOURCE);
	filter_test_pipe(ends_of_pipe);
	SEND(&ends->host, SOURCE, p->send, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT(&ends->client, SOURCE, p->send, "sh", "text/plain", &got);
	CHECK(pump(&t, got, ends_of_pipe[0]) == most);
	close(got);
	close(ends_of_pipe[0]);
	filter_test_finish(&t, 0);
}

/* Everything goes away in the middle, in every order. */
static void test_ends(void)
{
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_GUARDED);
	announce(ends);
	selection_test_press(ends, 101);
	int ends_of_pipe[2], got = -1;
	filter_test_pipe(ends_of_pipe);
	SEND(&ends->client, OFFER, p->receive, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT(&ends->host, OFFER, p->receive, "sh", "text/plain", &got);
	selection_test_offer(ends, p->device, OFFER + 1); // its purpose is never said
	if (p->device == DATA_DEVICE)
		SEND(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_RELEASE, "");
	else
		SEND(&ends->client, PRIMARY_DEVICE, ZWP_PRIMARY_SELECTION_DEVICE_V1_REQUEST_DESTROY, "");
	peer_drain(&ends->host);
	expect_refusal(&t, ends, OFFER, "text/plain");
	SEND(&ends->client, OFFER, p->destroy_offer, "");
	close(got);
	EXPECT_TEXT(&t, ends_of_pipe[0], "");
	ends = selection_test_connect(&t);
	announce(ends);
	selection_test_offer(ends, p->device, OFFER + 1);
	create_source(ends, SOURCE);
	filter_test_finish(&t, 0);
}

static void expect_no_focus(struct filter_test *t, struct ends *ends)
{
	CHECK(!seat_has_keyboard(session_data(ends->session)));
	expect_refusal(t, ends, OFFER, "text/plain");
}

/* A client that lets go of the keyboard, or of the surface that has it, need not be told when the keyboard goes elsewhere:
 * it must not pass for one that has it for ever. */
static void test_focus_let_go(void)
{
	enum { KEYBOARD_2 = SOURCE, SURFACE_2 };
	struct filter_test t;
	struct ends *ends = begin(&t, POLICY_GUARDED);
	announce(ends);
	selection_test_press(ends, 101);
	expect_read(&t, ends, OFFER);
	SEND(&ends->client, KEYBOARD, WL_KEYBOARD_REQUEST_RELEASE, "");
	EXPECT(&ends->host, KEYBOARD, WL_KEYBOARD_REQUEST_RELEASE, "");
	expect_no_focus(&t, ends);
	// Another keyboard is told that it is there, and then where the keyboard goes.
	SEND(&ends->client, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", KEYBOARD_2);
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE_2);
	peer_drain(&ends->host);
	expect_no_focus(&t, ends);
	SEND(&ends->host, KEYBOARD_2, WL_KEYBOARD_EVENT_ENTER, "uoa", 102, SURFACE_2, (size_t)0, "");
	peer_drain(&ends->client);
	CHECK(seat_has_keyboard(session_data(ends->session)));
	expect_read(&t, ends, OFFER);
	SEND(&ends->client, SURFACE_2, WL_SURFACE_REQUEST_DESTROY, "");
	EXPECT(&ends->host, SURFACE_2, WL_SURFACE_REQUEST_DESTROY, "");
	expect_no_focus(&t, ends);
	// It enters what is no more.
	SEND(&ends->host, KEYBOARD_2, WL_KEYBOARD_EVENT_ENTER, "uoa", 103, SURFACE_2, (size_t)0, "");
	peer_drain(&ends->client);
	expect_no_focus(&t, ends);
	// On two keyboards, of two seats: one is enough, whichever leaves first.
	SEND(&ends->client, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", SURFACE_2 + 1);
	SEND(&ends->host, KEYBOARD_2, WL_KEYBOARD_EVENT_ENTER, "uoa", 104, SURFACE, (size_t)0, "");
	SEND(&ends->host, SURFACE_2 + 1, WL_KEYBOARD_EVENT_ENTER, "uoa", 105, SURFACE, (size_t)0, "");
	SEND(&ends->host, KEYBOARD_2, WL_KEYBOARD_EVENT_LEAVE, "uo", 106, SURFACE);
	peer_drain(&ends->client);
	peer_drain(&ends->host);
	CHECK(seat_has_keyboard(session_data(ends->session)));
	expect_read(&t, ends, OFFER);
	filter_test_finish(&t, 4);
}

int main(void)
{
	for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
		p = &protocols[i];
		test_guarded_read();
		test_guarded_focus();
		test_focus_let_go();
		test_guarded_project();
		test_replaced();
		test_guarded_set();
		test_deny();
		test_ask();
		test_allow();
		test_file();
		test_types();
		test_size();
		test_ends();
	}
	return 0;
}
