/* wl_data_device and xdg_toplevel_drag_manager_v1: drag and drop (DragAndDrop).
 *
 * allow  An offer is the client's from the moment a drag enters one of its surfaces until it destroys the offer: programs
 *        read before the drop, to show what would become of it. Nothing goes through a pipe of ours: the person has
 *        chosen both ends.
 * deny   A drag that the client starts is cancelled; one that comes from elsewhere passes over it unseen. */
#include "selection.h"

#include "seat.h"

#include "protocol-opcodes.h"

static bool is_allowed(const struct client *client)
{
	return client_answer(client, POLICY_DRAG_AND_DROP) == POLICY_ALLOW;
}

static enum verdict handle_start_drag(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	struct object *object = wire_object(message, 0);
	if (!is_allowed(client)) {
		client_deny(client, message, POLICY_DRAG_AND_DROP);
		if (object)
			object_event(object, WL_DATA_SOURCE_EVENT_CANCELLED, NO_ARGS);
		return VERDICT_ANSWER;
	}
	struct source *source = object ? object->data : NULL;
	if (source && !source_promote(source)) {
		// What made it is gone, at the compositor or here.
		object_event(object, WL_DATA_SOURCE_EVENT_CANCELLED, NO_ARGS);
		return VERDICT_ANSWER;
	}
	if (source)
		source->in_drag = true;
	return VERDICT_FORWARD;
}

static enum verdict handle_toplevel_drag(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	struct object *object = wire_object(message, 1);
	if (!is_allowed(client)) {
		client_deny(client, message, POLICY_DRAG_AND_DROP);
		return VERDICT_ANSWER;
	}
	if (object && object->data && !source_promote(object->data))
		return VERDICT_ANSWER;
	return VERDICT_FORWARD;
}

static enum verdict handle_enter(struct session *session, struct wire_message *message)
{
	enum { SERIAL, SURFACE, X, Y, OFFER };
	struct client *client = client_of(session);
	struct selection_device *device = wire_target(message)->data;
	struct object *object = wire_object(message, OFFER);
	serials_add(&client->serials, wire_uint(message, SERIAL));
	struct host_offer *offer = object ? host_offer_of(object) : NULL;
	if (offer && offer->device != device)
		offer = NULL; // of another device: no compositor does that
	if (is_allowed(client)) {
		if (offer && !host_offer_reveal(offer))
			wire_set_object(message, OFFER, NULL);
		return VERDICT_FORWARD;
	}
	client_deny(client, message, POLICY_DRAG_AND_DROP);
	if (offer)
		host_offer_drop(offer);
	if (device)
		device->drag_hidden = true;
	return VERDICT_ANSWER;
}

static enum verdict handle_hidden(struct session *session, struct wire_message *message)
{
	struct selection_device *device = wire_target(message)->data;
	return device && device->drag_hidden ? VERDICT_ANSWER : VERDICT_FORWARD;
}

static enum verdict handle_leave(struct session *session, struct wire_message *message)
{
	struct selection_device *device = wire_target(message)->data;
	enum verdict verdict = handle_hidden(session, message);
	if (device)
		device->drag_hidden = false;
	return verdict;
}

/* Of an offer that is held back. */
static enum verdict handle_source_actions(struct session *session, struct wire_message *message)
{
	struct host_offer *offer = host_offer_of(wire_target(message));
	if (!offer)
		return VERDICT_FORWARD;
	offer->has_actions = true;
	offer->actions = wire_uint(message, 0);
	return VERDICT_ANSWER;
}

static const struct hook hooks[] = {
	HOOK_REQUEST("wl_data_device", WL_DATA_DEVICE_REQUEST_START_DRAG, handle_start_drag),
	HOOK_REQUEST("xdg_toplevel_drag_manager_v1", XDG_TOPLEVEL_DRAG_MANAGER_V1_REQUEST_GET_XDG_TOPLEVEL_DRAG,
		handle_toplevel_drag),
	HOOK_EVENT("wl_data_device", WL_DATA_DEVICE_EVENT_ENTER, handle_enter),
	HOOK_EVENT("wl_data_device", WL_DATA_DEVICE_EVENT_MOTION, handle_hidden),
	HOOK_EVENT("wl_data_device", WL_DATA_DEVICE_EVENT_DROP, handle_hidden),
	HOOK_EVENT("wl_data_device", WL_DATA_DEVICE_EVENT_LEAVE, handle_leave),
	HOOK_EVENT("wl_data_offer", WL_DATA_OFFER_EVENT_SOURCE_ACTIONS, handle_source_actions),
};

const struct family family_drag = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
