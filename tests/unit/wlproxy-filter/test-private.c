/* Clipboard=private and Primary=private: one selection for the clients of a project, none of it at the host. */
#include "selection-test.h"

#include "client.h"
#include "private.h"
#include "selection.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OFFER = FIRST_SERVER_ID };

static struct filter_test t;

/* The keyboard enters: before that, the client is told of the selection, or that there is none. */
static void enter(struct ends *ends, uint32_t serial, uint32_t offer)
{
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_ENTER, "uoa", serial, SURFACE, (size_t)0, "");
	if (offer)
		selection_test_expect_offer(ends, DATA_DEVICE, offer);
	EXPECT(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", offer);
	EXPECT(&ends->client, PRIMARY_DEVICE, ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_SELECTION, "o", 0);
	EXPECT(&ends->client, KEYBOARD, WL_KEYBOARD_EVENT_ENTER, "uoa", serial, SURFACE, (size_t)0, "");
}

static void begin(void)
{
	filter_test_init(&t);
	t.policy->answers[POLICY_CLIPBOARD] = POLICY_PRIVATE;
	t.policy->answers[POLICY_PRIMARY] = POLICY_PRIVATE;
	filter_test_start(&t);
}

/* A source of text/plain and text/html, of which the compositor hears nothing. */
static void create_source(struct ends *ends, uint32_t id)
{
	SEND(&ends->client, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", id);
	SEND(&ends->client, id, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/plain");
	SEND(&ends->client, id, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/html");
	SEND(&ends->client, id, WL_DATA_SOURCE_REQUEST_SET_ACTIONS, "u", 3);
	EXPECT_NOTHING(&ends->host);
}

static void set_selection(struct ends *ends, uint32_t source)
{
	SEND(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_SET_SELECTION, "ou", source, 0);
	EXPECT_NOTHING(&ends->host);
}

static void expect_selection(struct ends *ends, uint32_t offer)
{
	if (offer)
		selection_test_expect_offer(ends, DATA_DEVICE, offer);
	EXPECT(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", offer);
}

/* Reads in one client what another has; nothing goes over the host. */
static void expect_text(struct ends *reader, uint32_t offer, struct ends *owner, uint32_t source)
{
	int ends_of_pipe[2], got = -1;
	filter_test_pipe(ends_of_pipe);
	SEND(&reader->client, offer, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/html", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT(&owner->client, source, WL_DATA_SOURCE_EVENT_SEND, "sh", "text/html", &got);
	CHECK(write(got, "<p>", 3) == 3);
	close(got);
	EXPECT_TEXT(&t, ends_of_pipe[0], "<p>");
	EXPECT_NOTHING(&reader->host);
	EXPECT_NOTHING(&owner->host);
}

static void expect_no_text(struct ends *reader, uint32_t offer)
{
	int ends_of_pipe[2];
	filter_test_pipe(ends_of_pipe);
	SEND(&reader->client, offer, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT_TEXT(&t, ends_of_pipe[0], "");
	EXPECT_NOTHING(&reader->host);
}

static void test_shared(void)
{
	begin();
	struct ends *a = selection_test_connect(&t), *b = selection_test_connect(&t);
	enter(a, 100, 0);
	create_source(a, SOURCE);
	set_selection(a, SOURCE);
	// The one who has the keyboard is told at once, also of its own.
	expect_selection(a, OFFER);
	expect_text(a, OFFER, a, SOURCE);
	EXPECT_NOTHING(&b->client);
	// The other is told when the keyboard enters it, before it does, and once.
	selection_test_leave(a, 101);
	enter(b, 102, OFFER);
	expect_text(b, OFFER, a, SOURCE);
	// It sets another: the first is cancelled.
	create_source(b, SOURCE);
	set_selection(b, SOURCE);
	EXPECT(&a->client, SOURCE, WL_DATA_SOURCE_EVENT_CANCELLED, "");
	expect_selection(b, OFFER + 1);
	expect_no_text(b, OFFER); // what was copied before is gone
	expect_text(b, OFFER + 1, b, SOURCE);
	EXPECT_NOTHING(&a->client);
	filter_test_finish(&t, 0);
}

/* The host's selection is neither told nor touched; its event says that the keyboard is about to enter. */
static void test_host(void)
{
	begin();
	struct ends *a = selection_test_connect(&t), *b = selection_test_connect(&t);
	create_source(a, SOURCE);
	set_selection(a, SOURCE);
	EXPECT_NOTHING(&a->client); // no keyboard
	selection_test_offer(b, DATA_DEVICE, OFFER);
	SEND(&b->host, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", OFFER);
	expect_selection(b, OFFER); // ours, under an id that happens to be the same
	SEND(&b->host, PRIMARY_DEVICE, ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_SELECTION, "o", 0);
	EXPECT(&b->client, PRIMARY_DEVICE, ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_SELECTION, "o", 0);
	selection_test_enter(b, 100);
	SEND(&b->host, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", 0);
	EXPECT(&b->host, OFFER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	EXPECT_NOTHING(&b->client);
	expect_text(b, OFFER, a, SOURCE);
	filter_test_finish(&t, 0);
}

static void test_gone(void)
{
	begin();
	struct ends *a = selection_test_connect(&t), *b = selection_test_connect(&t);
	create_source(a, SOURCE);
	set_selection(a, SOURCE);
	enter(b, 102, OFFER);
	// The owner destroys it.
	SEND(&a->client, SOURCE, WL_DATA_SOURCE_REQUEST_DESTROY, "");
	EXPECT(&a->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SOURCE);
	expect_selection(b, 0);
	expect_no_text(b, OFFER);
	// The owner dies while its data is being read.
	create_source(a, SOURCE);
	set_selection(a, SOURCE);
	expect_selection(b, OFFER + 1);
	int ends_of_pipe[2], got = -1;
	filter_test_pipe(ends_of_pipe);
	SEND(&b->client, OFFER + 1, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT(&a->client, SOURCE, WL_DATA_SOURCE_EVENT_SEND, "sh", "text/plain", &got);
	CHECK(write(got, "half", 4) == 4);
	close(got);
	peer_close(&a->client);
	expect_selection(b, 0);
	EXPECT_TEXT(&t, ends_of_pipe[0], "half");
	expect_no_text(b, OFFER + 1);
	filter_test_finish(&t, 0);
}

/* A drag is the compositor's: the source becomes known there when one starts, with all that was said about it. */
static void test_drag(void)
{
	begin();
	struct ends *a = selection_test_connect(&t);
	create_source(a, SOURCE);
	SEND(&a->client, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_START_DRAG, "ooou", SOURCE, SURFACE, 0, 100);
	EXPECT(&a->host, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", SOURCE);
	EXPECT(&a->host, SOURCE, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/plain");
	EXPECT(&a->host, SOURCE, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/html");
	EXPECT(&a->host, SOURCE, WL_DATA_SOURCE_REQUEST_SET_ACTIONS, "u", 3);
	EXPECT(&a->host, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_START_DRAG, "ooou", SOURCE, SURFACE, 0, 100);
	SEND(&a->host, SOURCE, WL_DATA_SOURCE_EVENT_DND_DROP_PERFORMED, "");
	EXPECT(&a->client, SOURCE, WL_DATA_SOURCE_EVENT_DND_DROP_PERFORMED, "");
	SEND(&a->client, SOURCE, WL_DATA_SOURCE_REQUEST_DESTROY, "");
	EXPECT(&a->host, SOURCE, WL_DATA_SOURCE_REQUEST_DESTROY, "");
	filter_test_finish(&t, 0);
}

/* A device that is made while the keyboard is there. */
static void test_late_device(void)
{
	begin();
	struct ends *a = selection_test_connect(&t);
	create_source(a, SOURCE);
	set_selection(a, SOURCE);
	SEND(&a->host, KEYBOARD, WL_KEYBOARD_EVENT_ENTER, "uoa", 102, SURFACE, (size_t)0, "");
	peer_drain(&a->client);
	// Upstream, where the source is not known, ids are dense without it.
	SEND(&a->client, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_GET_DATA_DEVICE, "no", SOURCE + 1, SEAT);
	EXPECT(&a->host, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_GET_DATA_DEVICE, "no", SOURCE, SEAT);
	selection_test_expect_offer(a, SOURCE + 1, OFFER + 1);
	EXPECT(&a->client, SOURCE + 1, WL_DATA_DEVICE_EVENT_SELECTION, "o", OFFER + 1);
	EXPECT_NOTHING(&a->client);
	filter_test_finish(&t, 0);
}

/* Sources without end, and every client a selection. */
static void test_many(void)
{
	begin();
	for (uint32_t i = 0; i < 20; i++) {
		struct ends *ends = selection_test_connect(&t);
		for (uint32_t j = 0; j < 50; j++) {
			create_source(ends, SOURCE + j);
			set_selection(ends, SOURCE + j);
		}
	}
	filter_test_finish(&t, 0);
}

#define SET_SELECTION(source, serial) DATA_DEVICE, WL_DATA_DEVICE_REQUEST_SET_SELECTION, "ou", source, serial

/* The project's becomes the host's: read there, and gone when the host has another, or with its owner. */
static void test_push(void)
{
	enum { PUSHED = SOURCE }; // upstream the project's source has no id
	int ends_of_pipe[2], got = -1;
	begin();
	struct ends *a = selection_test_connect(&t), *b = selection_test_connect(&t);
	CHECK(filter_push_selection(t.filter, false) == -1 && errno == ENODATA);
	create_source(a, SOURCE);
	set_selection(a, SOURCE);
	CHECK(filter_push_selection(t.filter, false) == -1 && errno == EHOSTUNREACH);
	enter(b, 100, OFFER);
	CHECK(filter_push_selection(t.filter, false) == 0);
	EXPECT(&b->host, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", PUSHED);
	EXPECT(&b->host, PUSHED, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/plain");
	EXPECT(&b->host, PUSHED, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/html");
	EXPECT(&b->host, SET_SELECTION(PUSHED, 100));
	filter_test_pipe(ends_of_pipe);
	SEND(&b->host, PUSHED, WL_DATA_SOURCE_EVENT_SEND, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT(&a->client, SOURCE, WL_DATA_SOURCE_EVENT_SEND, "sh", "text/plain", &got);
	CHECK(write(got, "pushed", 6) == 6);
	close(got);
	EXPECT_TEXT(&t, ends_of_pipe[0], "pushed");
	// Another is copied in the project: the first is still the host's, and its owner is told when it no longer is.
	create_source(b, SOURCE);
	SEND(&b->client, SET_SELECTION(SOURCE, 100));
	expect_selection(b, OFFER + 1);
	EXPECT_NOTHING(&a->client);
	EXPECT_NOTHING(&b->host);
	SEND(&b->host, PUSHED, WL_DATA_SOURCE_EVENT_CANCELLED, "");
	EXPECT(&b->host, PUSHED, WL_DATA_SOURCE_REQUEST_DESTROY, "");
	EXPECT(&a->client, SOURCE, WL_DATA_SOURCE_EVENT_CANCELLED, "");
	SEND(&b->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", PUSHED);
	EXPECT_NOTHING(&b->client);
	// The owner goes: so does the host's.
	CHECK(filter_push_selection(t.filter, false) == 0);
	peer_drain(&b->host);
	SEND(&b->client, SOURCE, WL_DATA_SOURCE_REQUEST_DESTROY, "");
	EXPECT(&b->host, PUSHED, WL_DATA_SOURCE_REQUEST_DESTROY, "");
	filter_test_finish(&t, 0);
}

/* It takes little before it reads. */
static void make_slow(struct ends *ends)
{
	int size = 4096;
	CHECK(setsockopt(ends->session->client.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0);
}

/* A client that changes the selection all the time neither fills the memory for one that does not read nor has it
 * disconnected; when that reads again, it is told of the selection that there is. */
static void test_flood(void)
{
	enum { ROUNDS = 3000, EACH = 20, KEPT_MAX = 128 * 1024, ONE_OFFER = 12 + 2 * 24 + 12 };
	begin();
	struct ends *a = selection_test_connect(&t), *b = selection_test_connect(&t);
	enter(b, 100, 0);
	create_source(a, SOURCE);
	create_source(a, SOURCE + 1);
	make_slow(b);
	uint32_t buffer[EACH * 4];
	size_t size = 0;
	for (uint32_t i = 0; i < EACH; i++)
		size += peer_encode((uint8_t *)buffer + size, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_SET_SELECTION, "ou",
			SOURCE + i % 2, 0);
	peer_send_raw(&a->client, buffer, size, NULL, 0);
	CHECK(peer_drain(&b->client) == ONE_OFFER); // the last one
	for (unsigned round = 0; round < ROUNDS; round++) {
		peer_send_raw(&a->client, buffer, size, NULL, 0);
		peer_drain(&a->client); // b does not read
		CHECK(connection_waiting(&b->session->client) < KEPT_MAX);
	}
	CHECK(session_is_behind(b->session) && engine_count_sessions(filter_engine(t.filter)) == 2);
	struct selection *selection = &((struct client *)session_data(b->session))->selections[SELECTION_CLIPBOARD];
	struct selection_device *device = wl_container_of(selection->devices.next, device, link);
	CHECK(device->seen != t.filter->shared[SELECTION_CLIPBOARD].generation);
	while (peer_drain(&b->client) > 0)
		;
	for (int i = 0; i < 50 && device->seen != t.filter->shared[SELECTION_CLIPBOARD].generation; i++)
		fixture_wait(&t.fixture, 100);
	CHECK(device->seen == t.filter->shared[SELECTION_CLIPBOARD].generation);
	CHECK(peer_drain(&b->client) > 0);
	filter_test_finish(&t, 0);
}

/* One that reads a selection over and over, while its owner does not answer, does not take all descriptors. */
static void test_many_reads(void)
{
	enum { READS = 2000, FDS_MAX = 100 };
	int pipe_ends[2];
	begin();
	struct ends *a = selection_test_connect(&t), *b = selection_test_connect(&t);
	create_source(a, SOURCE);
	set_selection(a, SOURCE);
	enter(b, 100, OFFER);
	make_slow(a);
	filter_test_pipe(pipe_ends);
	for (unsigned i = 0; i < READS; i++) {
		SEND(&b->client, OFFER, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", pipe_ends[1]);
		if (i % 10 == 0)
			peer_drain(&b->client); // a does not read
		CHECK(connection_waiting_fds(&a->session->client) < FDS_MAX);
	}
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	CHECK(session_is_behind(a->session) && engine_count_sessions(filter_engine(t.filter)) == 2);
	filter_test_finish(&t, 0);
}

int main(void)
{
	test_flood();
	test_many_reads();
	test_shared();
	test_host();
	test_gone();
	test_drag();
	test_late_device();
	test_push();
	test_many();
	return 0;
}
