/* Sources: what a client offers, as a selection or in a drag. Their types are few and short (mime.h), and what they send
 * goes through a pipe of ours. Under private a source is of the client's side alone until a drag needs it. */
#include "selection.h"

#include "protocol-opcodes.h"
#include "transfer.h"

#include <stdlib.h>

static void handle_source_destroyed(struct object *object)
{
	struct source *source = object->data;
	private_source_gone(source);
	source->replaced = false; // there is nobody left to be told
	move_source_gone(source);
	orphan_copies(&source->copies);
	mime_list_finish(&source->types, &source->selection->mime_bytes);
	object->data = NULL;
	free(source);
}

static enum verdict add_source(struct session *session, struct wire_message *message, enum selection_id id)
{
	struct selection *selection = &client_of(session)->selections[id];
	struct object *object = wire_object(message, 0);
	if (selection->mode == POLICY_ALLOW)
		return VERDICT_FORWARD;
	struct source *source = calloc(1, sizeof *source);
	if (!source)
		return session_error(session, NULL, ERROR_NO_MEMORY, "out of memory");
	source->selection = selection;
	source->object = object;
	source->manager = wire_target(message)->client_id;
	mime_list_init(&source->types);
	wl_list_init(&source->copies);
	wl_list_init(&source->pushed);
	object->data = source;
	object->destroyed = handle_source_destroyed;
	return selection->mode == POLICY_PRIVATE ? VERDICT_ANSWER : VERDICT_FORWARD;
}

static enum verdict handle_create_data_source(struct session *session, struct wire_message *message)
{
	return add_source(session, message, SELECTION_CLIPBOARD);
}

static enum verdict handle_create_primary_source(struct session *session, struct wire_message *message)
{
	return add_source(session, message, SELECTION_PRIMARY);
}

static enum verdict handle_type(struct session *session, struct wire_message *message)
{
	struct source *source = wire_target(message)->data;
	if (source && !mime_list_add(&source->types, wire_string(message, 0), &source->selection->mime_bytes))
		return VERDICT_DROP;
	return VERDICT_FORWARD;
}

static enum verdict handle_set_actions(struct session *session, struct wire_message *message)
{
	struct source *source = wire_target(message)->data;
	if (source) {
		source->has_actions = true;
		source->actions = wire_uint(message, 0);
	}
	return VERDICT_FORWARD;
}

/* The compositor asks for the data, on behalf of the host. */
static enum verdict handle_send(struct session *session, struct wire_message *message)
{
	if (move_send(message))
		return VERDICT_ANSWER;
	struct source *source = wire_target(message)->data;
	if (!source)
		return VERDICT_FORWARD;
	struct filter *filter = source->selection->client->filter;
	uint64_t limit = source->in_drag ? UINT64_MAX : filter->policy->limits[POLICY_MAX_CLIPBOARD];
	int fd = transfers_start(filter->transfers, session_serial(session), wire_take_fd(message, 1), false, limit);
	if (fd < 0)
		return VERDICT_DROP;
	wire_set_fd(message, 1, fd);
	return VERDICT_FORWARD;
}

static enum verdict handle_cancelled(struct session *session, struct wire_message *message)
{
	return move_cancelled(message) ? VERDICT_ANSWER : VERDICT_FORWARD;
}

bool source_promote(struct source *source)
{
	const struct selection_kind *kind = source->selection->kind;
	if (!object_is_local(source->object))
		return true;
	struct object *manager = client_find(source->selection->client, source->manager, kind->manager);
	if (!manager || object_request(manager, kind->manager_create_source, ARGS({.o = source->object})) < 0)
		return false;
	for (const struct mime_type *type = source->types.first; type; type = type->next)
		object_request(source->object, kind->source_offer, ARGS({.s = type->name}));
	if (source->has_actions)
		object_request(source->object, WL_DATA_SOURCE_REQUEST_SET_ACTIONS, ARGS({.u = source->actions}));
	return true;
}

static const struct hook hooks[] = {
	HOOK_REQUEST(
		"wl_data_device_manager", WL_DATA_DEVICE_MANAGER_REQUEST_CREATE_DATA_SOURCE, handle_create_data_source),
	HOOK_REQUEST("wl_data_source", WL_DATA_SOURCE_REQUEST_OFFER, handle_type),
	HOOK_REQUEST("wl_data_source", WL_DATA_SOURCE_REQUEST_SET_ACTIONS, handle_set_actions),
	HOOK_EVENT("wl_data_source", WL_DATA_SOURCE_EVENT_SEND, handle_send),
	HOOK_EVENT("wl_data_source", WL_DATA_SOURCE_EVENT_CANCELLED, handle_cancelled),
	HOOK_REQUEST("zwp_primary_selection_device_manager_v1",
		ZWP_PRIMARY_SELECTION_DEVICE_MANAGER_V1_REQUEST_CREATE_SOURCE, handle_create_primary_source),
	HOOK_REQUEST("zwp_primary_selection_source_v1", ZWP_PRIMARY_SELECTION_SOURCE_V1_REQUEST_OFFER, handle_type),
	HOOK_EVENT("zwp_primary_selection_source_v1", ZWP_PRIMARY_SELECTION_SOURCE_V1_EVENT_SEND, handle_send),
	HOOK_EVENT(
		"zwp_primary_selection_source_v1", ZWP_PRIMARY_SELECTION_SOURCE_V1_EVENT_CANCELLED, handle_cancelled),
};

const struct family family_source = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
