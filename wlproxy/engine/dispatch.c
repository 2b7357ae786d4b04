/* The loop over what was read: the one hot path of the proxy. */
#include "private.h"

#include "protocol-opcodes.h"

#define likely(x) __builtin_expect(!!(x), 1)

static enum verdict ask(struct wire_message *message)
{
	if (message->desc->core)
		return message->desc->core(message->session, message);
	if (!message->desc->handler)
		return VERDICT_FORWARD;
	message->handled = true;
	return message->desc->handler(message->session, message);
}

static void decide(struct wire_message *message)
{
	static const char *const names[] = {
		[VERDICT_FORWARD] = "forward",
		[VERDICT_DROP] = "drop",
		[VERDICT_ANSWER] = "answer",
		[VERDICT_ERROR] = "error",
	};
	enum verdict verdict = ask(message);
	if (message->done)
		return;
	if (verdict == VERDICT_FORWARD) {
		wire_forward(message);
		return;
	}
	if (message->session->engine->trace)
		trace_message(message, names[verdict]);
	if (verdict != VERDICT_ERROR)
		message_swallow(message);
}

static void fault(struct wire_message *message, const char *cause)
{
	if (message->direction == DIRECTION_REQUEST)
		violation_of_client(message->session, message->code, message->id, message->target, message->desc,
			message->opcode, cause);
	else
		violation_of_host(
			message->session, true, message->id, message->target, message->desc, message->opcode, cause);
}

static void handle(struct wire_message *message)
{
	const char *cause = message_parse(message);
	if (cause) {
		fault(message, cause);
	} else if (message->direction == DIRECTION_EVENT &&
		   (object_is_zombie(message->target) || message->desc->since > message->target->version)) {
		// On its way when the client destroyed the object; or newer than the client can know, which is reported.
		if (message->session->engine->trace)
			trace_message(message, "late");
		message_swallow(message);
	} else {
		decide(message);
	}
	message_discard(message);
	if (message->session->freed_objects)
		objects_free_deferred(message->session);
}

/* A request that cannot even be looked at. */
static void refuse_request(
	struct session *session, uint32_t id, struct object *target, const struct message_desc *desc, uint16_t opcode)
{
	if (!target || object_is_zombie(target))
		violation_of_client(session, ERROR_INVALID_OBJECT, id, NULL, NULL, opcode,
			target ? "is made on an object that it destroyed" : "is made on an object that does not exist");
	else
		violation_of_client(session, ERROR_INVALID_METHOD, id, target, desc, opcode,
			desc ? "is newer than the bound version" : "has an opcode that the interface lacks");
}

/* An event of which nothing is known: it is skipped by its size. */
static void refuse_event(struct session *session, uint32_t id, struct object *target, uint16_t opcode)
{
	violation_of_host(session, false, id, target, NULL, opcode,
		target ? "has an opcode that the interface lacks" : "is from an object that does not exist");
}

static const struct message_desc *find_desc(const struct object *object, enum direction direction, uint32_t opcode)
{
	const struct interface *interface = object->interface;
	if (direction == DIRECTION_REQUEST)
		return opcode < interface->n_requests ? &interface->requests[opcode] : NULL;
	return opcode < interface->n_events ? &interface->events[opcode] : NULL;
}

/* Everything but the plain case. Returns whether the message stays where it is, for forwarding. */
static bool handle_slowly(struct session *session, enum direction direction, struct object *target,
	const struct message_desc *desc, uint8_t *bytes, uint32_t size)
{
	uint32_t id = load_word(bytes);
	uint16_t opcode = (uint16_t)load_word(bytes + 4);
	bool too_new = desc && desc->since > target->version;
	if (direction == DIRECTION_REQUEST && (!desc || too_new || object_is_zombie(target))) {
		refuse_request(session, id, target, desc, opcode);
		return false;
	}
	if (!desc) {
		refuse_event(session, id, target, opcode);
		return false;
	}
	if (too_new)
		violation_of_host(session, false, id, target, desc, opcode, "is newer than the bound version");
	struct wire_message message;
	message.session = session;
	message.target = target;
	message.desc = desc;
	message.bytes = bytes;
	message.id = id;
	message.size = (uint16_t)size;
	message.opcode = opcode;
	message.direction = direction;
	message.handled = message.done = message.kept = false;
	message.replaced = message.changed = 0;
	handle(&message);
	return message.kept;
}

static inline bool is_delete_id(
	const struct session *session, const struct object *target, const struct message_desc *desc)
{
	return target == session->display && desc->opcode == WL_DISPLAY_EVENT_DELETE_ID;
}

static inline __attribute__((always_inline)) size_t dispatch(
	struct session *session, enum direction direction, uint8_t *data, size_t size)
{
	const bool request = direction == DIRECTION_REQUEST;
	struct connection *to = request ? &session->upstream : &session->client;
	struct batch *batch = to->batch;
	size_t pos = 0;
	batch->span = batch->span_end = data;
	while (size - pos >= 8) {
		uint8_t *bytes = data + pos;
		const uint32_t id = load_word(bytes), header = load_word(bytes + 4), length = header >> 16;
		if (length < 8 || length % 4 != 0 || length > size - pos)
			break;
		struct object *target = request ? find_client_id(session, id) : find_upstream_id(session, id);
		const struct message_desc *desc = target ? find_desc(target, direction, header & 0xffff) : NULL;
		if (likely(desc && length == desc->size && desc->since <= target->version &&
			    !(target->flags & OBJECT_ZOMBIE))) {
			const uint32_t other = request ? target->upstream_id : target->client_id;
			if (likely(desc->flags & MESSAGE_PLAIN && other != 0)) {
				store_word(bytes, other);
				pos += length;
				continue;
			}
			if (desc->flags & MESSAGE_LEAN &&
				(request ? lean_request(session, target, desc, bytes)
					 : is_delete_id(session, target, desc) &&
							lean_delete_id(session, target, bytes))) {
				pos += length;
				continue;
			}
		}
		batch->span_end = bytes;
		bool kept = handle_slowly(session, direction, target, desc, bytes, length);
		pos += length;
		if (session->state != SESSION_RUNNING)
			return size;
		if (!kept) {
			connection_close_span(to);
			batch->span = batch->span_end = data + pos;
		}
	}
	batch->span_end = data + pos;
	return pos;
}

/* What is left begins with a header that no message can have. */
static bool is_malformed(const uint8_t *data, size_t size)
{
	if (size < 8)
		return false;
	uint32_t length = load_word(data + 4) >> 16;
	return length < 8 || length % 4 != 0;
}

size_t dispatch_requests(struct session *session, uint8_t *data, size_t size)
{
	size_t used = dispatch(session, DIRECTION_REQUEST, data, size);
	if (used < size && is_malformed(data + used, size - used)) {
		uint32_t id = load_word(data + used);
		struct object *target = find_client_id(session, id);
		violation_of_client(session, ERROR_INVALID_METHOD, id, target, NULL,
			(uint16_t)load_word(data + used + 4), "has an impossible length");
		return size;
	}
	return used;
}

size_t dispatch_events(struct session *session, uint8_t *data, size_t size)
{
	size_t used = dispatch(session, DIRECTION_EVENT, data, size);
	if (used < size && is_malformed(data + used, size - used)) {
		uint32_t id = load_word(data + used);
		violation_of_host(session, true, id, find_upstream_id(session, id), NULL,
			(uint16_t)load_word(data + used + 4), "has an impossible length");
		return size;
	}
	return used;
}
