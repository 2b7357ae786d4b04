/* xdg_activation_v1: whose tokens pass, and that a refusal is answered at once. */
#include "filter-test.h"

#include "client.h"

#include <string.h>

enum { COMPOSITOR = 3, ACTIVATION, SURFACE, TOKEN };

static struct ends *with_surface(struct filter_test *t)
{
	struct ends *ends = filter_test_connect(t);
	filter_test_bind(ends, "wl_compositor", 4, COMPOSITOR);
	filter_test_bind(ends, "xdg_activation_v1", 1, ACTIVATION);
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	EXPECT(&ends->host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	return ends;
}

static void get_token(struct ends *ends, uint32_t id)
{
	SEND(&ends->client, ACTIVATION, XDG_ACTIVATION_V1_REQUEST_GET_ACTIVATION_TOKEN, "n", id);
	EXPECT(&ends->host, ACTIVATION, XDG_ACTIVATION_V1_REQUEST_GET_ACTIVATION_TOKEN, "n", id);
}

#define ACTIVATE(token) ACTIVATION, XDG_ACTIVATION_V1_REQUEST_ACTIVATE, "so", token, SURFACE
#define COMMIT(token) token, XDG_ACTIVATION_TOKEN_V1_REQUEST_COMMIT, ""

static void test_launcher(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->answers[POLICY_STEAL_FOCUS] = POLICY_DENY;
	filter_test_start(&t);
	filter_add_activation_token(t.filter, "of the launcher");
	struct ends *ends = with_surface(&t);
	SEND(&ends->client, ACTIVATE("of the launcher"));
	EXPECT(&ends->host, ACTIVATE("of the launcher"));
	// Even one that is named as our dummy is.
	filter_add_activation_token(t.filter, "isolate-refused");
	SEND(&ends->client, ACTIVATE("isolate-refused"));
	EXPECT(&ends->host, ACTIVATE("isolate-refused"));
	SEND(&ends->client, ACTIVATE("isolate-refused"));
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 1);
}

static void test_refused(void)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = with_surface(&t);
	get_token(ends, TOKEN);
	SEND(&ends->client, TOKEN, XDG_ACTIVATION_TOKEN_V1_REQUEST_SET_APP_ID, "s", "foot");
	EXPECT(&ends->host, TOKEN, XDG_ACTIVATION_TOKEN_V1_REQUEST_SET_APP_ID, "s", "isolate.first.foot");
	SEND(&ends->client, COMMIT(TOKEN));
	EXPECT(&ends->client, TOKEN, XDG_ACTIVATION_TOKEN_V1_EVENT_DONE, "s", "isolate-refused");
	EXPECT_NOTHING(&ends->host);
	SEND(&ends->client, ACTIVATE("isolate-refused"));
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 2);
	CHECK(strcmp(t.last.allow, "StealFocus=allow") == 0);
}

static void test_recent(void)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = with_surface(&t);
	t.filter->last_input = seat_now_ms() - SEAT_RECENT_MS / 2;
	get_token(ends, TOKEN);
	SEND(&ends->client, COMMIT(TOKEN));
	EXPECT(&ends->host, COMMIT(TOKEN));
	t.filter->last_input = seat_now_ms() - SEAT_RECENT_MS - 1000;
	get_token(ends, TOKEN + 1);
	SEND(&ends->client, COMMIT(TOKEN + 1));
	EXPECT(&ends->client, TOKEN + 1, XDG_ACTIVATION_TOKEN_V1_EVENT_DONE, "s", "isolate-refused");
	filter_test_finish(&t, 1);
}

/* A client that asks without end is answered without end, by us. */
static void test_flood(void)
{
	struct filter_test t;
	unsigned passed = 0, refused = 0;
	filter_test_init(&t);
	t.policy->answers[POLICY_STEAL_FOCUS] = POLICY_ALLOW;
	filter_test_start(&t);
	struct ends *ends = with_surface(&t);
	for (uint32_t i = 0; i < 200; i++) {
		get_token(ends, TOKEN + i);
		SEND(&ends->client, COMMIT(TOKEN + i));
		fixture_run(&t.fixture);
		if (peer_drain(&ends->host) > 0)
			passed++;
		if (peer_drain(&ends->client) > 0)
			refused++;
	}
	CHECK(passed + refused == 200 && passed >= 10 && passed <= 100);
	filter_test_finish(&t, refused);
}

int main(void)
{
	test_launcher();
	test_refused();
	test_recent();
	test_flood();
	return 0;
}
