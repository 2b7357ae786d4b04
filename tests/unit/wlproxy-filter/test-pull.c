/* isolate clipboard pull: the host's selection is copied into a private one, type after type, whatever its owner does. */
#include "selection-test.h"

#include "client.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { OFFER = FIRST_SERVER_ID, HOST_OFFER = FIRST_SERVER_ID, NOT_YET = -1 };

static struct filter_test t;
static int result;

static void on_pulled(int error, void *data)
{
	CHECK(result == NOT_YET && data == &t);
	result = error;
}

static int pull(bool primary)
{
	result = NOT_YET;
	return filter_pull_selection(t.filter, primary, on_pulled, &t);
}

/* limit: MaxClipboard, 0 for the default. */
static void begin(uint64_t limit)
{
	filter_test_init(&t);
	t.policy->answers[POLICY_CLIPBOARD] = POLICY_PRIVATE;
	t.policy->answers[POLICY_PRIMARY] = POLICY_PRIVATE;
	if (limit)
		t.policy->limits[POLICY_MAX_CLIPBOARD] = limit;
	filter_test_start(&t);
}

/* A client that gets the keyboard and what the host has. */
static struct ends *begin_with_offer(uint64_t limit)
{
	begin(limit);
	struct ends *ends = selection_test_connect(&t);
	selection_test_offer(ends, DATA_DEVICE, HOST_OFFER);
	SEND(&ends->host, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", HOST_OFFER);
	SEND(&ends->host, PRIMARY_DEVICE, ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_SELECTION, "o", 0);
	EXPECT(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", 0); // of the project
	EXPECT(&ends->client, PRIMARY_DEVICE, ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_SELECTION, "o", 0);
	selection_test_enter(ends, 100);
	return ends;
}

static int expect_receive(struct ends *ends, const char *type)
{
	int got = -1;
	EXPECT(&ends->host, HOST_OFFER, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", type, &got);
	return got;
}

/* The host's program sends this. */
static void answer(struct ends *ends, const char *type, const char *text)
{
	int got = expect_receive(ends, type);
	EXPECT_NOTHING(&ends->host); // one at a time
	CHECK(write(got, text, strlen(text)) == (ssize_t)strlen(text));
	close(got);
	fixture_wait(&t.fixture, 10);
	fixture_wait(&t.fixture, 10);
}

static void expect_read(struct ends *ends, uint32_t offer, const char *type, const char *text)
{
	int ends_of_pipe[2];
	filter_test_pipe(ends_of_pipe);
	SEND(&ends->client, offer, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", type, ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	EXPECT_TEXT(&t, ends_of_pipe[0], text);
	EXPECT_NOTHING(&ends->host);
}

static void expect_one_type(struct ends *ends, uint32_t offer, const char *type)
{
	EXPECT(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_EVENT_DATA_OFFER, "n", offer);
	EXPECT(&ends->client, offer, WL_DATA_OFFER_EVENT_OFFER, "s", type);
	EXPECT(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", offer);
}

/* Another client has it when the one that was told of it, and the host's offer, are gone. */
static void test_copied(void)
{
	struct ends *a = begin_with_offer(0), *b = selection_test_connect(&t);
	CHECK(pull(true) == -1 && errno == ENODATA); // of the primary one there is nothing
	CHECK(pull(false) == 0);
	CHECK(filter_pull_selection(t.filter, false, on_pulled, &t) == -1 && errno == EBUSY);
	answer(a, "text/plain", "pulled");
	EXPECT_NOTHING(&a->client); // it is not whole
	CHECK(result == NOT_YET);
	answer(a, "text/html", "<p>");
	CHECK(result == 0);
	selection_test_expect_offer(a, DATA_DEVICE, OFFER);
	EXPECT(&a->client, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", OFFER);
	EXPECT_NOTHING(&b->client);
	peer_close(&a->client);
	SEND(&b->host, KEYBOARD, WL_KEYBOARD_EVENT_ENTER, "uoa", 100, SURFACE, (size_t)0, "");
	selection_test_expect_offer(b, DATA_DEVICE, OFFER);
	EXPECT(&b->client, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", OFFER);
	peer_drain(&b->client);
	for (int i = 0; i < 2; i++) {
		expect_read(b, OFFER, "text/html", "<p>");
		expect_read(b, OFFER, "text/plain", "pulled");
	}
	expect_read(b, OFFER, "image/png", "");
	// It cannot be pushed back, and ends when something else is copied.
	CHECK(filter_push_selection(t.filter, false) == -1 && errno == ENODATA);
	SEND(&b->client, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", SOURCE);
	SEND(&b->client, SOURCE, WL_DATA_SOURCE_REQUEST_OFFER, "s", "text/plain");
	SEND(&b->client, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_SET_SELECTION, "ou", SOURCE, 0);
	expect_one_type(b, OFFER + 1, "text/plain");
	expect_read(b, OFFER, "text/plain", "");
	filter_test_finish(&t, 0);
}

/* MaxClipboard is for all types together, to the byte; what does not fit leaves the rest, and what was there before. */
static void test_limit(void)
{
	struct ends *a = begin_with_offer(10);
	CHECK(pull(false) == 0);
	answer(a, "text/plain", "0123456789a");
	answer(a, "text/html", "0123456789");
	CHECK(result == 0);
	expect_one_type(a, OFFER, "text/html");
	expect_read(a, OFFER, "text/html", "0123456789");
	CHECK(pull(false) == 0);
	answer(a, "text/plain", "0123456");
	answer(a, "text/html", "0123");
	CHECK(result == 0);
	expect_one_type(a, OFFER + 1, "text/plain");
	CHECK(pull(false) == 0);
	answer(a, "text/plain", "0123456789a");
	answer(a, "text/html", "0123456789a");
	CHECK(result == EFBIG);
	EXPECT_NOTHING(&a->client);
	expect_read(a, OFFER + 1, "text/plain", "0123456");
	filter_test_finish(&t, 0);
}

/* A compositor gives nothing to those without the keyboard: that is no selection. */
static void test_nothing(void)
{
	begin(0);
	CHECK(pull(false) == -1 && errno == ENODATA);
	filter_test_finish(&t, 0);
	struct ends *a = begin_with_offer(0);
	CHECK(pull(false) == 0);
	answer(a, "text/plain", "");
	answer(a, "text/html", "");
	CHECK(result == ENODATA);
	EXPECT_NOTHING(&a->client);
	filter_test_finish(&t, 0);
}

/* The host has something else, or the client dies, in the middle: what came is kept, and nothing more is asked for. */
static void test_gone(bool client)
{
	struct ends *a = begin_with_offer(0);
	CHECK(pull(false) == 0);
	int got = expect_receive(a, "text/plain");
	CHECK(write(got, "ha", 2) == 2);
	fixture_run(&t.fixture);
	if (client) {
		peer_close(&a->client);
	} else {
		SEND(&a->host, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", 0);
		EXPECT(&a->host, HOST_OFFER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	}
	CHECK(write(got, "lf", 2) == 2);
	close(got);
	fixture_wait(&t.fixture, 10);
	fixture_wait(&t.fixture, 10);
	CHECK(result == 0);
	if (client)
		a = selection_test_connect(&t);
	SEND(&a->host, KEYBOARD, WL_KEYBOARD_EVENT_ENTER, "uoa", 101, SURFACE, (size_t)0, "");
	expect_one_type(a, OFFER, "text/plain");
	expect_read(a, OFFER, "text/plain", "half");
	filter_test_finish(&t, 0);
}

/* One that never writes costs one type; one that never ends costs the pull, after a time; the proxy goes on meanwhile. */
static void test_slow(void)
{
	struct ends *a = begin_with_offer(0);
	uint64_t begun = seat_now_ms();
	CHECK(pull(false) == 0);
	int silent = expect_receive(a, "text/plain"), endless = -1;
	for (unsigned i = 0; result == NOT_YET; i++) {
		fixture_wait(&t.fixture, 50);
		CHECK(seat_now_ms() - begun < 30000);
		if (endless < 0 && seat_now_ms() - begun > 2500)
			endless = expect_receive(a, "text/html");
		if (endless >= 0 && result == NOT_YET)
			CHECK(write(endless, "x", 1) == 1);
		if (i % 10 == 0 && (endless >= 0 || seat_now_ms() - begun < 1500)) {
			SEND(&a->client, 1, WL_DISPLAY_REQUEST_SYNC, "n", SOURCE);
			EXPECT(&a->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", SOURCE);
			SEND(&a->host, SOURCE, WL_CALLBACK_EVENT_DONE, "u", 1);
			SEND(&a->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SOURCE);
			EXPECT(&a->client, SOURCE, WL_CALLBACK_EVENT_DONE, "u", 1);
			EXPECT(&a->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", SOURCE);
		}
	}
	CHECK(result == ETIMEDOUT && endless >= 0 && seat_now_ms() - begun > 8000);
	EXPECT_NOTHING(&a->client);
	// Nobody reads what they would still send.
	CHECK(write(silent, "x", 1) == -1 && errno == EPIPE && write(endless, "x", 1) == -1 && errno == EPIPE);
	close(silent);
	close(endless);
	filter_test_finish(&t, 0);
}

/* The proxy ends: whoever waits is told. */
static void test_cancelled(void)
{
	struct ends *a = begin_with_offer(0);
	CHECK(pull(false) == 0);
	close(expect_receive(a, "text/plain"));
	fixture_wait(&t.fixture, 10);
	int got = expect_receive(a, "text/html");
	t.fds_before++; // that one
	t.fixture.fds_before++;
	filter_test_finish(&t, 0);
	CHECK(result == ECANCELED);
	close(got);
}

int main(void)
{
	test_copied();
	test_limit();
	test_nothing();
	test_gone(false);
	test_gone(true);
	test_cancelled();
	test_slow();
	return 0;
}
