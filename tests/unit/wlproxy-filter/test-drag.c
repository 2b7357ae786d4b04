/* Drag and drop: allowed, an offer is the client's from its entering on; denied, it passes unseen. */
#include "selection-test.h"

#include <string.h>
#include <unistd.h>

enum { OFFER = FIRST_SERVER_ID };

static struct filter_test t;

static struct ends *begin(enum policy_answer drag, enum policy_answer clipboard)
{
	filter_test_init(&t);
	t.policy->answers[POLICY_DRAG_AND_DROP] = drag;
	t.policy->answers[POLICY_CLIPBOARD] = clipboard;
	filter_test_start(&t);
	return selection_test_connect(&t);
}

#define ENTER(offer) DATA_DEVICE, WL_DATA_DEVICE_EVENT_ENTER, "uoffo", 50, SURFACE, 256, 256, offer
#define MOTION DATA_DEVICE, WL_DATA_DEVICE_EVENT_MOTION, "uff", 0, 256, 256
#define DROP DATA_DEVICE, WL_DATA_DEVICE_EVENT_DROP, ""
#define LEAVE DATA_DEVICE, WL_DATA_DEVICE_EVENT_LEAVE, ""

static void send_offer(struct ends *ends, uint32_t id)
{
	selection_test_offer(ends, DATA_DEVICE, id);
	SEND(&ends->host, id, WL_DATA_OFFER_EVENT_SOURCE_ACTIONS, "u", 3);
}

/* Under every clipboard, the drag is the same: readable before the drop, without input, and after it. */
static void test_allow(enum policy_answer clipboard)
{
	struct ends *ends = begin(POLICY_ALLOW, clipboard);
	send_offer(ends, OFFER);
	SEND(&ends->host, ENTER(OFFER));
	selection_test_expect_offer(ends, DATA_DEVICE, OFFER);
	EXPECT(&ends->client, OFFER, WL_DATA_OFFER_EVENT_SOURCE_ACTIONS, "u", 3);
	EXPECT(&ends->client, ENTER(OFFER));
	SEND(&ends->host, MOTION);
	EXPECT(&ends->client, MOTION);
	SEND(&ends->client, OFFER, WL_DATA_OFFER_REQUEST_ACCEPT, "us", 50, "text/plain");
	EXPECT(&ends->host, OFFER, WL_DATA_OFFER_REQUEST_ACCEPT, "us", 50, "text/plain");
	SEND(&ends->client, OFFER, WL_DATA_OFFER_REQUEST_SET_ACTIONS, "uu", 1, 1);
	EXPECT(&ends->host, OFFER, WL_DATA_OFFER_REQUEST_SET_ACTIONS, "uu", 1, 1);
	SEND(&ends->host, OFFER, WL_DATA_OFFER_EVENT_ACTION, "u", 1);
	EXPECT(&ends->client, OFFER, WL_DATA_OFFER_EVENT_ACTION, "u", 1);
	int got = -1;
	SEND(&ends->client, OFFER, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", STDERR_FILENO);
	EXPECT(&ends->host, OFFER, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", &got);
	close(got);
	SEND(&ends->host, DROP);
	EXPECT(&ends->client, DROP);
	SEND(&ends->client, OFFER, WL_DATA_OFFER_REQUEST_FINISH, "");
	EXPECT(&ends->host, OFFER, WL_DATA_OFFER_REQUEST_FINISH, "");
	SEND(&ends->client, OFFER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	EXPECT(&ends->host, OFFER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	// Its own drag.
	SEND(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_START_DRAG, "ooou", 0, SURFACE, 0, 50);
	EXPECT(&ends->host, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_START_DRAG, "ooou", 0, SURFACE, 0, 50);
	filter_test_finish(&t, 0);
}

static void test_deny(enum policy_answer clipboard)
{
	struct ends *ends = begin(POLICY_DENY, clipboard);
	send_offer(ends, OFFER);
	SEND(&ends->host, ENTER(OFFER));
	EXPECT(&ends->host, OFFER, WL_DATA_OFFER_REQUEST_DESTROY, "");
	SEND(&ends->host, MOTION);
	SEND(&ends->host, DROP);
	SEND(&ends->host, LEAVE);
	EXPECT_NOTHING(&ends->client);
	SEND(&ends->client, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", SOURCE);
	peer_drain(&ends->host);
	SEND(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_REQUEST_START_DRAG, "ooou", SOURCE, SURFACE, 0, 50);
	EXPECT(&ends->client, SOURCE, WL_DATA_SOURCE_EVENT_CANCELLED, "");
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 2);
	CHECK(strcmp(t.last.allow, "DragAndDrop=allow") == 0);
}

/* A selection still passes when drags do not, and the other way round. */
static void test_selection_beside(void)
{
	struct ends *ends = begin(POLICY_DENY, POLICY_ALLOW);
	selection_test_offer(ends, DATA_DEVICE, OFFER);
	SEND(&ends->host, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", OFFER);
	selection_test_expect_offer(ends, DATA_DEVICE, OFFER);
	EXPECT(&ends->client, DATA_DEVICE, WL_DATA_DEVICE_EVENT_SELECTION, "o", OFFER);
	int got = -1;
	SEND(&ends->client, OFFER, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", STDERR_FILENO);
	EXPECT(&ends->host, OFFER, WL_DATA_OFFER_REQUEST_RECEIVE, "sh", "text/plain", &got);
	close(got);
	filter_test_finish(&t, 0);
}

static void test_toplevel_drag(void)
{
	enum { MANAGER = SOURCE, DRAG_SOURCE, DRAG };
	struct ends *ends = begin(POLICY_DENY, POLICY_GUARDED);
	filter_test_bind(ends, "xdg_toplevel_drag_manager_v1", 1, MANAGER);
	SEND(&ends->client, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", DRAG_SOURCE);
	peer_drain(&ends->host);
	SEND(&ends->client, MANAGER, XDG_TOPLEVEL_DRAG_MANAGER_V1_REQUEST_GET_XDG_TOPLEVEL_DRAG, "no", DRAG,
		DRAG_SOURCE);
	SEND(&ends->client, DRAG, XDG_TOPLEVEL_DRAG_V1_REQUEST_DESTROY, "");
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 1);

	ends = begin(POLICY_ALLOW, POLICY_PRIVATE);
	filter_test_bind(ends, "xdg_toplevel_drag_manager_v1", 1, MANAGER);
	SEND(&ends->client, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", DRAG_SOURCE);
	EXPECT_NOTHING(&ends->host);
	SEND(&ends->client, MANAGER, XDG_TOPLEVEL_DRAG_MANAGER_V1_REQUEST_GET_XDG_TOPLEVEL_DRAG, "no", DRAG,
		DRAG_SOURCE);
	EXPECT(&ends->host, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, "n", DRAG_SOURCE);
	EXPECT(&ends->host, MANAGER, XDG_TOPLEVEL_DRAG_MANAGER_V1_REQUEST_GET_XDG_TOPLEVEL_DRAG, "no", DRAG,
		DRAG_SOURCE);
	filter_test_finish(&t, 0);
}

int main(void)
{
	test_allow(POLICY_ALLOW);
	test_allow(POLICY_GUARDED);
	test_allow(POLICY_PRIVATE);
	test_allow(POLICY_DENY);
	test_deny(POLICY_ALLOW);
	test_deny(POLICY_GUARDED);
	test_deny(POLICY_PRIVATE);
	test_deny(POLICY_DENY);
	test_selection_beside();
	test_toplevel_drag();
	return 0;
}
