#include "private.h"

#include "text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Parsing -------------------------------------------------------------------------------------------------------- */

static struct object *find(const struct wire_message *message, uint32_t id)
{
	return message->direction == DIRECTION_REQUEST ? find_client_id(message->session, id)
						       : find_upstream_id(message->session, id);
}

/* What the client names must be there, and of the right kind. */
static const char *parse_request_object(struct wire_message *message, unsigned i, struct object *object)
{
	const struct arg_desc *arg = &message->desc->args[i];
	message->code = ERROR_INVALID_OBJECT;
	if (!object || object_is_zombie(object))
		return "names an object that does not exist";
	if (arg->interface && object->interface != arg->interface)
		return "names an object of the wrong interface";
	message->objects[i] = object;
	return NULL;
}

/* What the compositor names may be unknown to the client: the message then does not reach it (see resolve()).
 * libwayland's client takes an object that it destroyed in its own range for NULL, but dies of one in the compositor's. */
static const char *parse_event_object(struct wire_message *message, unsigned i, struct object *object)
{
	const struct arg_desc *arg = &message->desc->args[i];
	if (!object || (arg->interface && object->interface != arg->interface)) {
		if (!message->desc->core)
			violation_of_host(message->session, false, message->id, message->target, message->desc,
				message->opcode, "names an object that does not exist");
	} else if (object->client_id != 0 || !object_is_zombie(object)) {
		message->objects[i] = object;
	} else if (arg->nullable) {
		store_word(message->bytes + message->offsets[i], 0);
	}
	return NULL;
}

static const char *parse_object(struct wire_message *message, unsigned i)
{
	uint32_t id = load_word(message->bytes + message->offsets[i]);
	message->objects[i] = NULL;
	message->code = ERROR_INVALID_METHOD;
	if (id == 0)
		return message->desc->args[i].nullable ? NULL : "lacks an object";
	if (message->direction == DIRECTION_REQUEST)
		return parse_request_object(message, i, find(message, id));
	return parse_event_object(message, i, find(message, id));
}

static const char *parse_new_id(struct wire_message *message, unsigned i)
{
	const struct interface *interface = message->desc->args[i].interface;
	uint32_t id = load_word(message->bytes + message->offsets[i]);
	const char *cause = NULL;
	message->objects[i] = NULL;
	if (!interface) // wl_registry.bind makes its own
		return message->desc->core ? NULL : "has a new id of no interface";
	if (message->session->n_objects >= message->session->engine->limits.objects) {
		message->code = ERROR_NO_MEMORY;
		return "exceeds the limit of objects";
	}
	if (message->direction == DIRECTION_REQUEST) {
		message->code = ERROR_INVALID_OBJECT;
		message->objects[i] =
			object_from_client(message->session, interface, message->target->version, id, &cause);
	} else {
		message->objects[i] =
			object_from_upstream(message->session, interface, message->target->version, id, &cause);
	}
	return cause;
}

/* A string or array: a length, the bytes, padding. Returns its size on the wire, 0 with *cause. */
static uint32_t check_bytes(const uint8_t *p, uint32_t room, const struct arg_desc *arg, const char **cause)
{
	uint32_t size = load_word(p);
	if (size > room - 4 || padded(size) > room - 4) {
		*cause = "has an argument that is longer than the message";
		return 0;
	}
	if (arg->type == 's') {
		if (size == 0 && !arg->nullable)
			*cause = "lacks a string";
		else if (size > 0 && p[4 + size - 1] != '\0')
			*cause = "has a string without a final NUL";
		else if (size > 0 && memchr(p + 4, '\0', size) != p + 4 + size - 1)
			*cause = "has a string with a NUL inside";
	}
	return *cause ? 0 : 4 + padded(size);
}

/* Sets the offsets. Nothing is looked up before all of the message is known to be well formed. */
static const char *check_layout(struct wire_message *message)
{
	const struct message_desc *desc = message->desc;
	const char *cause = NULL;
	uint32_t offset = 8;
	for (unsigned i = 0; i < desc->n_args; i++) {
		message->offsets[i] = (uint16_t)offset;
		char type = desc->args[i].type;
		if (type == 'h')
			continue;
		if (message->size - offset < 4)
			return "is too short";
		if (type == 's' || type == 'a')
			offset += check_bytes(message->bytes + offset, message->size - offset, &desc->args[i], &cause);
		else
			offset += 4;
		if (cause)
			return cause;
	}
	return offset == message->size ? NULL : "is too long";
}

const char *message_parse(struct wire_message *message)
{
	const struct message_desc *desc = message->desc;
	message->code = ERROR_INVALID_METHOD;
	// First of all: whatever is wrong with it, message_discard() closes those that are set.
	if (desc->n_fds > 0)
		memset(message->fds, -1, sizeof message->fds);
	const char *cause = check_layout(message);
	if (cause)
		return cause;
	struct connection *from =
		message->direction == DIRECTION_REQUEST ? &message->session->client : &message->session->upstream;
	if (connection_count_fds(from) < desc->n_fds)
		return "lacks a file descriptor";
	for (unsigned i = 0; i < desc->n_args && !cause; i++) {
		if (desc->args[i].type == 'o')
			cause = parse_object(message, i);
		else if (desc->args[i].type == 'n')
			cause = parse_new_id(message, i);
		else if (desc->args[i].type == 'h')
			message->fds[i] = connection_take_fd(from);
	}
	return cause;
}

/* What handlers see ---------------------------------------------------------------------------------------------- */

struct object *wire_target(const struct wire_message *message)
{
	return message->target;
}

enum direction wire_direction(const struct wire_message *message)
{
	return message->direction;
}

uint16_t wire_opcode(const struct wire_message *message)
{
	return message->opcode;
}

const char *wire_name(const struct wire_message *message)
{
	return message->desc->name;
}

static inline bool is_one_of(char type, const char *types)
{
	while (*types && *types != type)
		types++;
	return *types;
}

/* types is a constant of one or two letters: inlined, this is cheaper than a call of strchr(), which a pool of shared memory
 * and its buffer would make seven times. */
static inline __attribute__((always_inline)) const uint8_t *arg_bytes(
	const struct wire_message *message, unsigned i, const char *types)
{
	assert(i < message->desc->n_args && is_one_of(message->desc->args[i].type, types));
	return message->bytes + message->offsets[i];
}

int32_t wire_int(const struct wire_message *message, unsigned i)
{
	return (int32_t)load_word(arg_bytes(message, i, "if"));
}

uint32_t wire_uint(const struct wire_message *message, unsigned i)
{
	return load_word(arg_bytes(message, i, "u"));
}

const char *wire_string(const struct wire_message *message, unsigned i)
{
	const uint8_t *p = arg_bytes(message, i, "s");
	if (message->replaced >> i & 1)
		return message->replacements[i].data;
	return load_word(p) == 0 ? NULL : (const char *)p + 4;
}

struct object *wire_object(const struct wire_message *message, unsigned i)
{
	arg_bytes(message, i, "on");
	return message->objects[i];
}

const void *wire_array(const struct wire_message *message, unsigned i, size_t *size)
{
	const uint8_t *p = arg_bytes(message, i, "a");
	if (message->replaced >> i & 1) {
		*size = message->replacements[i].size;
		return message->replacements[i].data;
	}
	*size = load_word(p);
	return p + 4;
}

int wire_fd(const struct wire_message *message, unsigned i)
{
	arg_bytes(message, i, "h");
	return message->fds[i];
}

int wire_take_fd(struct wire_message *message, unsigned i)
{
	int fd = wire_fd(message, i);
	message->fds[i] = -1;
	return fd;
}

void wire_set_int(struct wire_message *message, unsigned i, int32_t value)
{
	store_word((uint8_t *)arg_bytes(message, i, "if"), (uint32_t)value);
}

void wire_set_uint(struct wire_message *message, unsigned i, uint32_t value)
{
	store_word((uint8_t *)arg_bytes(message, i, "u"), value);
}

static void replace(struct wire_message *message, unsigned i, const void *data, size_t size)
{
	assert(i < MESSAGE_ARGS_MAX);
	struct replacement *replacement = &message->replacements[i];
	void *copy = data ? malloc(size ? size : 1) : NULL;
	if (data && copy)
		memcpy(copy, data, size);
	if (message->replaced >> i & 1)
		free(replacement->data);
	message->replaced |= 1u << i;
	*replacement = (struct replacement){copy, copy ? (uint32_t)size : 0};
	if (data && !copy)
		session_destroy(message->session);
}

void wire_set_string(struct wire_message *message, unsigned i, const char *value)
{
	arg_bytes(message, i, "s");
	assert(value || message->desc->args[i].nullable);
	// Cut well below what fits, so that its size is no question; composing cuts further.
	size_t size = value ? strlen(value) : 0;
	char text[COMPOSED_SIZE_MAX];
	if (value) {
		size = text_utf8_cut(value, size, sizeof text - 1);
		memcpy(text, value, size);
		text[size++] = '\0';
	}
	replace(message, i, value ? text : NULL, size);
}

void wire_set_array(struct wire_message *message, unsigned i, const void *data, size_t size)
{
	arg_bytes(message, i, "a");
	assert(size <= COMPOSED_SIZE_MAX);
	replace(message, i, size ? data : "", size);
}

void wire_set_object(struct wire_message *message, unsigned i, struct object *value)
{
	arg_bytes(message, i, "o");
	message->objects[i] = value;
	message->changed |= 1u << i;
}

void wire_set_fd(struct wire_message *message, unsigned i, int fd)
{
	arg_bytes(message, i, "h");
	if (message->fds[i] >= 0)
		close(message->fds[i]);
	message->fds[i] = fd;
}

static void close_fds(struct wire_message *message)
{
	for (unsigned i = 0; message->desc->n_fds > 0 && i < message->desc->n_args; i++)
		if (message->desc->args[i].type == 'h' && message->fds[i] >= 0)
			close(message->fds[i]);
}

static void clear_changes(struct wire_message *message)
{
	for (unsigned i = 0; i < MESSAGE_ARGS_MAX && message->replaced >> i; i++)
		if (message->replaced >> i & 1)
			free(message->replacements[i].data);
	message->replaced = 0;
}

void message_discard(struct wire_message *message)
{
	close_fds(message);
	clear_changes(message);
}

/* Forwarding ----------------------------------------------------------------------------------------------------- */

static uint32_t other_id(const struct wire_message *message, const struct object *object)
{
	return message->direction == DIRECTION_REQUEST ? object->upstream_id : object->client_id;
}

/* Puts the receiver's ids into the message; false when the receiver does not know something that it names. */
static bool resolve(struct wire_message *message)
{
	const struct message_desc *desc = message->desc;
	uint32_t target = other_id(message, message->target);
	if (target == 0)
		return false;
	store_word(message->bytes, target);
	for (unsigned i = 0; i < desc->n_args; i++) {
		if (desc->args[i].type != 'o')
			continue;
		uint8_t *word = message->bytes + message->offsets[i];
		const struct object *object = message->objects[i];
		uint32_t id = object ? other_id(message, object) : 0;
		if (id == 0 && (object || (load_word(word) != 0 && !(message->changed >> i & 1))))
			return false;
		store_word(word, id);
	}
	return true;
}

static bool allocate_new_ids(struct wire_message *message)
{
	const struct message_desc *desc = message->desc;
	for (unsigned i = 0; desc->flags & MESSAGE_CREATES && i < desc->n_args; i++) {
		struct object *object = message->objects[i];
		if (desc->args[i].type != 'n')
			continue;
		assert(object && other_id(message, object) == 0);
		int result = message->direction == DIRECTION_REQUEST ? object_allocate_upstream(object)
								     : object_allocate_client(object);
		if (result < 0)
			return false;
		store_word(message->bytes + message->offsets[i], other_id(message, object));
	}
	return true;
}

static unsigned collect_fds(struct wire_message *message, int *fds)
{
	unsigned n = 0;
	for (unsigned i = 0; message->desc->n_fds > 0 && i < message->desc->n_args; i++) {
		if (message->desc->args[i].type != 'h')
			continue;
		assert(message->fds[i] >= 0); // taken from a message that is forwarded
		fds[n++] = message->fds[i];
		message->fds[i] = -1;
	}
	return n;
}

static void send(struct wire_message *message)
{
	struct connection *to =
		message->direction == DIRECTION_REQUEST ? &message->session->upstream : &message->session->client;
	int fds[MESSAGE_ARGS_MAX];
	unsigned n_fds = collect_fds(message, fds);
	if (message->replaced) {
		if (compose_replaced(message, to, fds, n_fds) < 0)
			session_destroy(message->session);
		return;
	}
	connection_add_fds(to, fds, n_fds);
	to->batch->span_end = message->bytes + message->size;
	message->kept = true;
}

void message_swallow(struct wire_message *message)
{
	const struct message_desc *desc = message->desc;
	message->done = true;
	if (message->direction == DIRECTION_EVENT && desc->flags & MESSAGE_CREATES && !message->handled)
		for (unsigned i = 0; i < desc->n_args; i++)
			if (desc->args[i].type == 'n' && message->objects[i])
				object_abandon(message->objects[i]);
	if (!(desc->flags & MESSAGE_DESTRUCTOR))
		return;
	if (message->direction == DIRECTION_REQUEST)
		object_client_destroyed(message->target, false);
	else
		object_ended_by_event(message->target);
}

void wire_forward(struct wire_message *message)
{
	const struct message_desc *desc = message->desc;
	struct object *target = message->target;
	bool trace = message->session->engine->trace;
	if (message->done)
		return;
	if (!resolve(message)) {
		if (trace)
			trace_message(message, "swallow");
		message_swallow(message);
		return;
	}
	message->done = true;
	if (trace)
		trace_message(message, message->replaced || message->changed ? "rewrite" : "forward");
	if (!allocate_new_ids(message)) {
		session_destroy(message->session);
		return;
	}
	send(message);
	if (!(desc->flags & MESSAGE_DESTRUCTOR))
		return;
	if (message->direction == DIRECTION_REQUEST)
		object_client_destroyed(target, true);
	else
		object_ended_by_event(target);
}
