/* "ask": what is refused at once, what a person is asked, and what is done afresh on a yes. */
#include "selection-test.h"

#include "client.h"

#include <string.h>
#include <unistd.h>

static struct filter_test t;
static unsigned questions;
static uint32_t last_id;
static char last_key[32], last_app[AUDIT_APP_MAX + 1];

static bool show(const struct ask_question *question, void *data)
{
	questions++;
	last_id = question->id;
	g_strlcpy(last_key, question->key, sizeof last_key);
	g_strlcpy(last_app, question->app, sizeof last_app);
	return true;
}

static void begin(void)
{
	filter_test_init(&t);
	t.policy->answers[POLICY_CLIPBOARD] = POLICY_ASK;
	filter_test_start(&t);
	filter_set_ask(t.filter, show, NULL);
	questions = 0;
}

enum { OFFER = FIRST_SERVER_ID };

#define SELECTION(offer) DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", offer

static struct ends *with_offer(void)
{
	struct ends *ends = selection_test_connect(&t);
	selection_test_offer(ends, DATA_DEVICE, OFFER);
	SEND(&ends->host, SELECTION(OFFER));
	selection_test_expect_offer(ends, DATA_DEVICE, OFFER);
	EXPECT(&ends->client, SELECTION(OFFER));
	selection_test_enter(ends, 100);
	return ends;
}

static void receive(struct ends *ends, uint32_t offer, bool allowed)
{
	int ends_of_pipe[2], got = -1;
	filter_test_pipe(ends_of_pipe);
	SEND(&ends->client, offer, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", ends_of_pipe[1]);
	close(ends_of_pipe[1]);
	if (allowed) {
		EXPECT(&ends->host, OFFER, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", &got);
		CHECK(write(got, "x", 1) == 1);
		close(got);
	}
	EXPECT_TEXT(&t, ends_of_pipe[0], allowed ? "x" : "");
}

static void test_once(void)
{
	begin();
	struct ends *ends = with_offer(), *other = with_offer();
	receive(ends, OFFER, false); // in the background: nobody is bothered
	CHECK(questions == 0);
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_KEY, "uuuu", 101, 0, 30, 1);
	peer_drain(&ends->client);
	receive(ends, OFFER + 1, false);
	receive(ends, OFFER + 1, false);
	CHECK(questions == 1 && strcmp(last_key, "Clipboard") == 0);
	CHECK(filter_answer(t.filter, last_id, ASK_ONCE));
	CHECK(!filter_answer(t.filter, last_id, ASK_ONCE));
	selection_test_expect_offer(ends, DATA_DEVICE, OFFER + 2);
	EXPECT(&ends->client, SELECTION(OFFER + 2));
	receive(ends, OFFER + 2, true);
	receive(ends, OFFER + 2, true);
	// Another client is asked about on its own.
	receive(other, OFFER, false);
	CHECK(questions == 2);
	filter_test_finish(&t, 4);
}

static void test_no(void)
{
	begin();
	struct ends *ends = with_offer();
	selection_test_press(ends, 101);
	receive(ends, OFFER, false);
	CHECK(filter_answer(t.filter, last_id, ASK_NO));
	EXPECT_NOTHING(&ends->client);
	receive(ends, OFFER, false);
	CHECK(questions == 1); // not again so soon
	filter_test_finish(&t, 2);
}

static void test_always(void)
{
	begin();
	struct ends *ends = with_offer(), *other = with_offer();
	selection_test_press(ends, 101);
	receive(ends, OFFER, false);
	CHECK(filter_answer(t.filter, last_id, ASK_ALWAYS));
	peer_drain(&ends->client);
	receive(ends, OFFER, true);
	receive(other, OFFER, true);
	CHECK(questions == 1);
	filter_test_finish(&t, 1);
}

/* The one who asked is gone, and so is the question. */
static void test_gone(void)
{
	begin();
	struct ends *ends = with_offer();
	selection_test_press(ends, 101);
	receive(ends, OFFER, false);
	peer_close(&ends->client);
	fixture_run(&t.fixture);
	CHECK(!filter_answer(t.filter, last_id, ASK_ALWAYS));
	filter_test_finish(&t, 1);
}

/* Many clients cannot fill a person's screen. */
static void test_many(void)
{
	begin();
	for (int i = 0; i < 12; i++) {
		struct ends *ends = with_offer();
		selection_test_press(ends, 101);
		receive(ends, OFFER, false);
	}
	CHECK(questions == ASK_PENDING_MAX);
	filter_test_finish(&t, 12);
}

enum { MANAGER = SOURCE, INHIBITOR };
#define INHIBIT                                                                                                        \
	MANAGER, ZWP_KEYBOARD_SHORTCUTS_INHIBIT_MANAGER_V1_REQUEST_INHIBIT_SHORTCUTS, "noo", INHIBITOR, SURFACE, SEAT
#define ACTIVE INHIBITOR, ZWP_KEYBOARD_SHORTCUTS_INHIBITOR_V1_EVENT_ACTIVE, ""
#define DESTROY INHIBITOR, ZWP_KEYBOARD_SHORTCUTS_INHIBITOR_V1_REQUEST_DESTROY, ""

static struct ends *with_inhibitor(void)
{
	begin();
	struct ends *ends = selection_test_connect(&t);
	filter_test_bind(ends, "zwp_keyboard_shortcuts_inhibit_manager_v1", 1, MANAGER);
	SEND(&ends->client, INHIBIT);
	EXPECT_NOTHING(&ends->host);
	CHECK(questions == 1 && strcmp(last_key, "InhibitShortcuts") == 0);
	return ends;
}

static void test_inhibit(void)
{
	struct ends *ends = with_inhibitor();
	CHECK(filter_answer(t.filter, last_id, ASK_ONCE));
	EXPECT(&ends->host, INHIBIT);
	SEND(&ends->host, ACTIVE);
	EXPECT(&ends->client, ACTIVE);
	SEND(&ends->client, DESTROY);
	EXPECT(&ends->host, DESTROY);
	filter_test_finish(&t, 1);
}

/* What the request named is gone when the answer comes: nothing happens. */
static void test_inhibit_gone(void)
{
	struct ends *ends = with_inhibitor();
	SEND(&ends->client, DESTROY);
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", INHIBITOR);
	// Its id is something else now.
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", INHIBITOR);
	EXPECT(&ends->host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", INHIBITOR);
	CHECK(filter_answer(t.filter, last_id, ASK_ONCE));
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 1);

	ends = with_inhibitor();
	SEND(&ends->client, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
	EXPECT(&ends->host, SURFACE, WL_SURFACE_REQUEST_DESTROY, "");
	CHECK(filter_answer(t.filter, last_id, ASK_ALWAYS));
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 1);
}

static void test_activate(void)
{
	enum { ACTIVATION = SOURCE, TOKEN };
	begin();
	struct ends *ends = selection_test_connect(&t);
	filter_test_bind(ends, "xdg_activation_v1", 1, ACTIVATION);
	SEND(&ends->client, ACTIVATION, XDG_ACTIVATION_V1_REQUEST_ACTIVATE, "so", "isolate-refused", SURFACE);
	EXPECT_NOTHING(&ends->host);
	CHECK(questions == 1 && strcmp(last_key, "StealFocus") == 0);
	CHECK(filter_answer(t.filter, last_id, ASK_ONCE));
	EXPECT(&ends->host, ACTIVATION, XDG_ACTIVATION_V1_REQUEST_GET_ACTIVATION_TOKEN, "n", TOKEN);
	EXPECT(&ends->host, TOKEN, XDG_ACTIVATION_TOKEN_V1_REQUEST_COMMIT, "");
	SEND(&ends->host, TOKEN, XDG_ACTIVATION_TOKEN_V1_EVENT_DONE, "s", "real");
	EXPECT(&ends->host, ACTIVATION, XDG_ACTIVATION_V1_REQUEST_ACTIVATE, "so", "real", SURFACE);
	EXPECT(&ends->host, TOKEN, XDG_ACTIVATION_TOKEN_V1_REQUEST_DESTROY, "");
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", TOKEN);
	EXPECT_NOTHING(&ends->client);
	filter_test_finish(&t, 1);
}

/* A no is good for those too that connect after it: a program could ask for ever by connecting again. */
static void test_no_again(void)
{
	begin();
	struct ends *ends = with_offer(), *other = with_offer();
	selection_test_press(ends, 101);
	receive(ends, OFFER, false);
	CHECK(questions == 1 && filter_answer(t.filter, last_id, ASK_NO));
	peer_close(&ends->client);
	ends = with_offer();
	receive(ends, OFFER, false);
	CHECK(questions == 1);
	receive(other, OFFER, false); // it was there before, and is somebody else
	CHECK(questions == 2);
	filter_test_finish(&t, 3);
}

int main(void)
{
	test_once();
	test_no();
	test_no_again();
	test_always();
	test_gone();
	test_many();
	test_inhibit();
	test_inhibit_gone();
	test_activate();
	return 0;
}
