/* wl_data_device_manager and zwp_primary_selection_device_manager_v1: the clipboard and the primary selection. Each has a
 * key of its own (Clipboard, Primary), whose value is fixed when a client connects:
 *
 * allow    Passed. Only then are types and sizes not bounded and descriptors passed on as they are.
 * guarded  The client reads the host's selection only while one of its surfaces has the keyboard and input is recent
 *          (seat.h). A read that is refused gets an empty pipe; since programs remember that for as long as the offer
 *          lives, the selection is announced to them again, as a new offer, before the next press of a key or button.
 *          The client sets the host's selection with a serial that it was sent, while input is recent; a source that is
 *          refused is cancelled, as if another had replaced it.
 * ask      As guarded, and a read is refused until a person has said yes; then the selection is announced again.
 * private  See private-selection.c.
 * deny     Nothing is read and nothing is set.
 *
 * The client never holds the host's offer, except for a drag: what it is told of is an offer of ours (offer.c), so that it
 * can be announced again and so that refusing is in one place. An offer of the host is held back until the compositor
 * says whether it is of a selection or of a drag (drag.c). */
#include "selection.h"

#include "seat.h"

#include "protocol-opcodes.h"

#include <stdlib.h>

const struct selection_kind selection_kinds[SELECTION_COUNT] = {
	{
		.id = SELECTION_CLIPBOARD,
		.key = POLICY_CLIPBOARD,
		.manager = "wl_data_device_manager",
		.source = "wl_data_source",
		.offer = "wl_data_offer",
		.manager_create_source = WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE,
		.device_set_selection = WL_DATA_DEVICE_REQUEST_SET_SELECTION,
		.source_offer = WL_DATA_SOURCE_REQUEST_OFFER,
		.source_destroy = WL_DATA_SOURCE_REQUEST_DESTROY,
		.offer_receive = WL_DATA_OFFER_REQUEST_RECEIVE,
		.offer_destroy = WL_DATA_OFFER_REQUEST_DESTROY,
		.device_data_offer = WL_DATA_DEVICE_EVENT_DATA_OFFER,
		.device_selection = WL_DATA_DEVICE_EVENT_SELECTION,
		.offer_offer = WL_DATA_OFFER_EVENT_OFFER,
		.source_send = WL_DATA_SOURCE_EVENT_SEND,
		.source_cancelled = WL_DATA_SOURCE_EVENT_CANCELLED,
	 },
	{
		.id = SELECTION_PRIMARY,
		.key = POLICY_PRIMARY,
		.manager = "zwp_primary_selection_device_manager_v1",
		.source = "zwp_primary_selection_source_v1",
		.offer = "zwp_primary_selection_offer_v1",
		.manager_create_source = ZWP_PRIMARY_SELECTION_DEVICE_MANAGER_V1_REQUEST_CREATE_SOURCE,
		.device_set_selection = ZWP_PRIMARY_SELECTION_DEVICE_V1_REQUEST_SET_SELECTION,
		.source_offer = ZWP_PRIMARY_SELECTION_SOURCE_V1_REQUEST_OFFER,
		.source_destroy = ZWP_PRIMARY_SELECTION_SOURCE_V1_REQUEST_DESTROY,
		.offer_receive = ZWP_PRIMARY_SELECTION_OFFER_V1_REQUEST_RECEIVE,
		.offer_destroy = ZWP_PRIMARY_SELECTION_OFFER_V1_REQUEST_DESTROY,
		.device_data_offer = ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_DATA_OFFER,
		.device_selection = ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_SELECTION,
		.offer_offer = ZWP_PRIMARY_SELECTION_OFFER_V1_EVENT_OFFER,
		.source_send = ZWP_PRIMARY_SELECTION_SOURCE_V1_EVENT_SEND,
		.source_cancelled = ZWP_PRIMARY_SELECTION_SOURCE_V1_EVENT_CANCELLED,
	 },
};

static void handle_device_destroyed(struct object *object)
{
	struct selection_device *device = object->data;
	struct host_offer *current = device->current;
	device->current = NULL;
	device_forget(device);
	if (current)
		host_offer_drop(current);
	wl_list_remove(&device->link);
	free(device);
}

static enum verdict add_device(struct session *session, struct wire_message *message, enum selection_id id)
{
	struct selection *selection = &client_of(session)->selections[id];
	struct object *object = wire_object(message, 0);
	struct selection_device *device = calloc(1, sizeof *device);
	if (!device)
		return session_error(session, NULL, ERROR_NO_MEMORY, "out of memory");
	device->selection = selection;
	device->object = object;
	device->manager = wire_target(message)->client_id;
	wl_list_init(&device->offers);
	wl_list_init(&device->copies);
	wl_list_insert(&selection->devices, &device->link);
	object->data = device;
	object->destroyed = handle_device_destroyed;
	if (selection->mode == POLICY_PRIVATE && seat_has_keyboard(selection->client)) {
		wire_forward(message);
		private_announce(device);
	}
	return VERDICT_FORWARD;
}

static enum verdict handle_get_data_device(struct session *session, struct wire_message *message)
{
	return add_device(session, message, SELECTION_CLIPBOARD);
}

static enum verdict handle_get_primary_device(struct session *session, struct wire_message *message)
{
	return add_device(session, message, SELECTION_PRIMARY);
}

static bool holds_back(const struct selection_device *device)
{
	const struct selection *selection = device->selection;
	return selection->mode != POLICY_ALLOW ||
	       (selection->kind->id == SELECTION_CLIPBOARD &&
		       client_answer(selection->client, POLICY_DRAG_AND_DROP) != POLICY_ALLOW);
}

static enum verdict handle_data_offer(struct session *session, struct wire_message *message)
{
	struct selection_device *device = wire_target(message)->data;
	if (!device || !holds_back(device))
		return VERDICT_FORWARD;
	struct object *object = wire_object(message, 0);
	if (!host_offer_create(object, device))
		return session_error(session, NULL, ERROR_NO_MEMORY, "out of memory");
	return VERDICT_ANSWER;
}

/* The types of an offer that is held back. */
static enum verdict handle_offer_type(struct session *session, struct wire_message *message)
{
	struct host_offer *offer = host_offer_of(wire_target(message));
	if (!offer)
		return VERDICT_FORWARD;
	mime_list_add(&offer->types, wire_string(message, 0), &offer->mime_bytes);
	return VERDICT_ANSWER;
}

static enum verdict announce_host(
	struct selection_device *device, struct wire_message *message, struct host_offer *host)
{
	device->current = host;
	device->refused = false;
	wire_set_object(message, 0, host ? offer_copy_announce(device, host, NULL) : NULL);
	return VERDICT_FORWARD;
}

static enum verdict handle_selection(struct session *session, struct wire_message *message)
{
	struct selection_device *device = wire_target(message)->data;
	struct object *object = wire_object(message, 0);
	if (!device)
		return VERDICT_FORWARD;
	struct host_offer *host = object ? host_offer_of(object) : NULL, *old = device->current;
	if (host && host->device != device)
		host = NULL; // of another device: no compositor does that
	device->current = NULL;
	if (old && old != host)
		host_offer_drop(old);
	switch (device->selection->mode) {
	case POLICY_ALLOW:
		if (host && !host_offer_reveal(host))
			wire_set_object(message, 0, NULL);
		return VERDICT_FORWARD;
	case POLICY_GUARDED:
	case POLICY_ASK:
		return announce_host(device, message, host);
	case POLICY_PRIVATE:
		device->current = host; // kept for "isolate clipboard pull"
		private_announce(device);
		return VERDICT_ANSWER;
	case POLICY_DENY:
		break;
	}
	if (host)
		host_offer_drop(host);
	wire_set_object(message, 0, NULL);
	return VERDICT_FORWARD;
}

static bool may_set(const struct selection *selection, uint32_t serial)
{
	const struct client *client = selection->client;
	return (selection->mode == POLICY_GUARDED || selection->mode == POLICY_ASK) &&
	       serials_has(&client->serials, serial) && seat_is_recent(client);
}

static enum verdict handle_set_selection(struct session *session, struct wire_message *message)
{
	struct selection_device *device = wire_target(message)->data;
	struct object *object = wire_object(message, 0);
	if (!device || device->selection->mode == POLICY_ALLOW)
		return VERDICT_FORWARD;
	struct selection *selection = device->selection;
	if (selection->mode == POLICY_PRIVATE) {
		private_set(selection->client->filter, selection->kind->id, object ? object->data : NULL);
		return VERDICT_ANSWER;
	}
	if (may_set(selection, wire_uint(message, 1)))
		return VERDICT_FORWARD;
	client_deny(selection->client, message, selection->kind->key);
	if (object)
		object_event(object, selection->kind->source_cancelled, NO_ARGS);
	return VERDICT_ANSWER;
}

static void announce_again(struct selection *selection)
{
	struct selection_device *device;
	wl_list_for_each (device, &selection->devices, link) {
		if (!device->refused || !device->current)
			continue;
		device->refused = false;
		struct object *copy = offer_copy_announce(device, device->current, NULL);
		if (copy)
			object_event(device->object, selection->kind->device_selection, ARGS({.o = copy}));
	}
}

/* A person allowed what was refused: the program gets the same selection again, to read it. */
static void handle_granted(struct client *client, uint32_t id)
{
	announce_again(&client->selections[id]);
}

bool selection_may_read(const struct selection_device *device)
{
	struct selection *selection = device->selection;
	struct client *client = selection->client;
	if (!seat_has_keyboard(client) || !seat_is_recent(client))
		return false;
	if (selection->mode == POLICY_ASK && !ask_is_granted(client, selection->kind->key)) {
		ask_start(client, selection->kind->key, handle_granted, selection->kind->id);
		return false;
	}
	return true;
}

void selection_before_input(struct client *client)
{
	for (int i = 0; i < SELECTION_COUNT; i++)
		announce_again(&client->selections[i]);
}

void selection_focus(struct client *client)
{
	for (int i = 0; i < SELECTION_COUNT; i++) {
		struct selection_device *device;
		if (client->selections[i].mode != POLICY_PRIVATE)
			continue;
		wl_list_for_each (device, &client->selections[i].devices, link)
			private_announce(device);
	}
}

void selection_blur(struct client *client)
{
	for (int i = 0; i < SELECTION_COUNT; i++) {
		struct selection_device *device;
		wl_list_for_each (device, &client->selections[i].devices, link)
			device->seen = 0; // a client forgets offers with the keyboard
	}
}

static bool start(struct client *client)
{
	client->selections = calloc(SELECTION_COUNT, sizeof *client->selections);
	if (!client->selections)
		return false;
	for (int i = 0; i < SELECTION_COUNT; i++) {
		struct selection *selection = &client->selections[i];
		selection->client = client;
		selection->kind = &selection_kinds[i];
		selection->mode = client_answer(client, selection->kind->key);
		wl_list_init(&selection->devices);
	}
	return true;
}

static void finish(struct client *client)
{
	free(client->selections);
}

static const struct hook hooks[] = {
	HOOK_REQUEST("wl_data_device_manager", WL_DATA_DEVICE_MANAGER_REQUEST_GET_DATA_DEVICE, handle_get_data_device),
	HOOK_REQUEST("wl_data_device", WL_DATA_DEVICE_REQUEST_SET_SELECTION, handle_set_selection),
	HOOK_EVENT("wl_data_device", WL_DATA_DEVICE_EVENT_DATA_OFFER, handle_data_offer),
	HOOK_EVENT("wl_data_device", WL_DATA_DEVICE_EVENT_SELECTION, handle_selection),
	HOOK_EVENT("wl_data_offer", WL_DATA_OFFER_EVENT_OFFER, handle_offer_type),
	HOOK_REQUEST("zwp_primary_selection_device_manager_v1",
		ZWP_PRIMARY_SELECTION_DEVICE_MANAGER_V1_REQUEST_GET_DEVICE, handle_get_primary_device),
	HOOK_REQUEST("zwp_primary_selection_device_v1", ZWP_PRIMARY_SELECTION_DEVICE_V1_REQUEST_SET_SELECTION,
		handle_set_selection),
	HOOK_EVENT(
		"zwp_primary_selection_device_v1", ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_DATA_OFFER, handle_data_offer),
	HOOK_EVENT(
		"zwp_primary_selection_device_v1", ZWP_PRIMARY_SELECTION_DEVICE_V1_EVENT_SELECTION, handle_selection),
	HOOK_EVENT("zwp_primary_selection_offer_v1", ZWP_PRIMARY_SELECTION_OFFER_V1_EVENT_OFFER, handle_offer_type),
};

const struct family family_selection = {hooks, G_N_ELEMENTS(hooks), NULL, start, finish};
