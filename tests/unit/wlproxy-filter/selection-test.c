#include "selection-test.h"

struct ends *selection_test_connect(struct filter_test *t)
{
	struct ends *ends = filter_test_connect(t);
	filter_test_bind(ends, "wl_seat", 5, SEAT);
	filter_test_bind(ends, "wl_data_device_manager", 3, DATA_MANAGER);
	filter_test_bind(ends, "zwp_primary_selection_device_manager_v1", 1, PRIMARY_MANAGER);
	filter_test_bind(ends, "wl_compositor", 4, COMPOSITOR);
	SEND(&ends->client, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", KEYBOARD);
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	SEND(&ends->client, DATA_MANAGER, WL_DATA_DEVICE_MANAGER_REQUEST_GET_DATA_DEVICE, "no", DATA_DEVICE, SEAT);
	SEND(&ends->client, PRIMARY_MANAGER, ZWP_PRIMARY_SELECTION_DEVICE_MANAGER_V1_REQUEST_GET_DEVICE, "no",
		PRIMARY_DEVICE, SEAT);
	peer_drain(&ends->host);
	return ends;
}

void selection_test_enter(struct ends *ends, uint32_t serial)
{
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_ENTER, "uoa", serial, SURFACE, (size_t)0, "");
	EXPECT(&ends->client, KEYBOARD, WL_KEYBOARD_EVENT_ENTER, "uoa", serial, SURFACE, (size_t)0, "");
}

void selection_test_leave(struct ends *ends, uint32_t serial)
{
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_LEAVE, "uo", serial, SURFACE);
	EXPECT(&ends->client, KEYBOARD, WL_KEYBOARD_EVENT_LEAVE, "uo", serial, SURFACE);
}

void selection_test_press(struct ends *ends, uint32_t serial)
{
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_KEY, "uuuu", serial, 0, 30, WL_KEYBOARD_KEY_STATE_PRESSED);
	EXPECT(&ends->client, KEYBOARD, WL_KEYBOARD_EVENT_KEY, "uuuu", serial, 0, 30, WL_KEYBOARD_KEY_STATE_PRESSED);
}

/* data_offer and offer are the first events of both protocols. */
_Static_assert(WL_DATA_DEVICE_EVENT_DATA_OFFER == 0 && ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_DATA_OFFER == 0, "");
_Static_assert(WL_DATA_OFFER_EVENT_OFFER == 0 && ZWP_PRIMARY_SELECTION_OFFER_V1_EVENT_OFFER == 0, "");

void selection_test_offer(struct ends *ends, uint32_t device, uint32_t id)
{
	SEND(&ends->host, device, 0, "n", id);
	SEND(&ends->host, id, 0, "s", "text/plain");
	SEND(&ends->host, id, 0, "s", "text/html");
}

void selection_test_expect_offer(struct ends *ends, uint32_t device, uint32_t id)
{
	EXPECT(&ends->client, device, 0, "n", id);
	EXPECT(&ends->client, id, 0, "s", "text/plain");
	EXPECT(&ends->client, id, 0, "s", "text/html");
}
