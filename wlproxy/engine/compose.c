#include "private.h"

#include "text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct composition {
	struct session *session;
	const struct message_desc *desc;
	enum direction direction;
	const union arg *args;
	uint32_t lengths[MESSAGE_ARGS_MAX]; // of strings with their NUL and of arrays
	int fds[MESSAGE_ARGS_MAX];
	unsigned n_fds;
};

static uint32_t own_id(const struct composition *composition, const struct object *object)
{
	return composition->direction == DIRECTION_REQUEST ? object->upstream_id : object->client_id;
}

static bool is_object_fit(
	const struct composition *composition, const struct arg_desc *arg, const struct object *object)
{
	if (!object)
		return arg->type == 'o' && arg->nullable;
	if (arg->interface && object->interface != arg->interface)
		return false;
	uint32_t id = own_id(composition, object);
	if (arg->type == 'n')
		return id == 0 && (arg->interface || composition->desc->core) && !object_is_zombie(object);
	return id != 0 && !(composition->direction == DIRECTION_REQUEST && object_is_zombie(object));
}

/* Cuts strings until the message fits: the longest one that there is first. */
static bool cut_to_fit(struct composition *composition, const char *const *texts, uint32_t *size)
{
	while (*size > COMPOSED_SIZE_MAX) {
		unsigned longest = 0;
		uint32_t length = 0;
		for (unsigned i = 0; i < composition->desc->n_args; i++) {
			if (texts[i] && composition->lengths[i] > length) {
				longest = i;
				length = composition->lengths[i];
			}
		}
		uint32_t excess = *size - COMPOSED_SIZE_MAX, room = padded(length);
		if (room <= excess)
			return false;
		room -= excess;
		uint32_t cut = (uint32_t)text_utf8_cut(texts[longest], length - 1, room - 1) + 1;
		*size -= padded(length) - padded(cut);
		composition->lengths[longest] = cut;
	}
	return true;
}

static uint8_t *put_bytes(uint8_t *p, const void *data, uint32_t size, bool is_string)
{
	store_word(p, size);
	p += 4;
	if (size == 0)
		return p;
	store_word(p + padded(size) - 4, 0);
	memcpy(p, data, is_string ? size - 1 : size);
	if (is_string)
		p[size - 1] = '\0';
	return p + padded(size);
}

static const void *bytes_of(const struct composition *composition, unsigned i)
{
	const union arg *arg = &composition->args[i];
	if (composition->desc->args[i].type == 's')
		return arg->s;
	return arg->a ? arg->a->data : NULL;
}

static uint8_t *put_arg(const struct composition *composition, uint8_t *p, unsigned i)
{
	const union arg *arg = &composition->args[i];
	char type = composition->desc->args[i].type;
	switch (type) {
	case 'h':
		return p;
	case 's':
	case 'a':
		return put_bytes(p, bytes_of(composition, i), composition->lengths[i], type == 's');
	case 'o':
	case 'n':
		store_word(p, arg->o ? own_id(composition, arg->o) : 0);
		return p + 4;
	default:
		store_word(p, arg->u);
		return p + 4;
	}
}

/* Sizes, descriptors and whether everything can be sent at all. */
static int measure(struct composition *composition, uint32_t *size)
{
	const struct message_desc *desc = composition->desc;
	const char *texts[MESSAGE_ARGS_MAX] = {0};
	*size = 8;
	bool fits = true;
	for (unsigned i = 0; i < desc->n_args; i++) {
		const union arg *arg = &composition->args[i];
		switch (desc->args[i].type) {
		case 'h':
			composition->fds[composition->n_fds++] = arg->h;
			continue;
		case 's':
			texts[i] = arg->s;
			fits &= arg->s || desc->args[i].nullable;
			composition->lengths[i] = arg->s ? (uint32_t)strnlen(arg->s, UINT16_MAX) + 1 : 0;
			*size += padded(composition->lengths[i]);
			break;
		case 'a':
			composition->lengths[i] = arg->a ? (uint32_t)arg->a->size : 0;
			if (arg->a && arg->a->size > COMPOSED_SIZE_MAX) {
				errno = E2BIG;
				fits = false;
				composition->lengths[i] = 0;
			}
			*size += padded(composition->lengths[i]);
			break;
		case 'o':
		case 'n':
			fits &= is_object_fit(composition, &desc->args[i], arg->o);
			break;
		default:
			break;
		}
		*size += 4;
	}
	if (!fits) {
		errno = EINVAL;
		return -1;
	}
	if (!cut_to_fit(composition, texts, size)) {
		errno = E2BIG;
		return -1;
	}
	return 0;
}

static int allocate_new_ids(const struct composition *composition)
{
	const struct message_desc *desc = composition->desc;
	for (unsigned i = 0; desc->flags & MESSAGE_CREATES && i < desc->n_args; i++) {
		if (desc->args[i].type != 'n')
			continue;
		struct object *object = composition->args[i].o;
		int result = composition->direction == DIRECTION_REQUEST ? object_allocate_upstream(object)
									 : object_allocate_client(object);
		if (result < 0)
			return -1;
	}
	return 0;
}

static void close_fds(const int *fds, unsigned n_fds)
{
	int saved = errno;
	for (unsigned i = 0; i < n_fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	errno = saved;
}

static int compose(struct composition *composition, struct object *object)
{
	struct session *session = composition->session;
	const struct message_desc *desc = composition->desc;
	bool request = composition->direction == DIRECTION_REQUEST;
	uint32_t size;
	if (measure(composition, &size) < 0 || allocate_new_ids(composition) < 0) {
		close_fds(composition->fds, composition->n_fds);
		return -1;
	}
	uint8_t *p = connection_reserve(
		request ? &session->upstream : &session->client, size, composition->fds, composition->n_fds);
	if (!p) {
		session_destroy(session);
		errno = ENOMEM;
		return -1;
	}
	store_word(p, own_id(composition, object));
	store_word(p + 4, size << 16 | desc->opcode);
	p += 8;
	for (unsigned i = 0; i < desc->n_args; i++)
		p = put_arg(composition, p, i);
	if (session->engine->trace)
		trace_composed(session, composition->direction, object, desc, composition->args);
	session_touch(session);
	return 0;
}

static void close_arg_fds(const struct message_desc *desc, const union arg *args)
{
	for (unsigned i = 0; desc && i < desc->n_args; i++)
		if (desc->args[i].type == 'h' && args[i].h >= 0)
			close(args[i].h);
}

static int send_message(struct object *object, enum direction direction, uint16_t opcode, const union arg *args)
{
	const struct interface *interface = object->interface;
	bool request = direction == DIRECTION_REQUEST;
	const struct message_desc *desc = NULL;
	if (opcode < (request ? interface->n_requests : interface->n_events))
		desc = request ? &interface->requests[opcode] : &interface->events[opcode];
	uint32_t id = request ? object->upstream_id : object->client_id;
	if (!desc || desc->since > object->version || id == 0 || object_is_zombie(object)) {
		close_arg_fds(desc, args);
		errno = EINVAL;
		return -1;
	}
	struct composition composition = {
		.session = object->session, .desc = desc, .direction = direction, .args = args};
	if (compose(&composition, object) < 0)
		return -1;
	if (request && desc->flags & MESSAGE_DESTRUCTOR)
		object_upstream_destroyed(object);
	return 0;
}

int object_request(struct object *object, uint16_t opcode, const union arg *args)
{
	return send_message(object, DIRECTION_REQUEST, opcode, args);
}

int object_event(struct object *object, uint16_t opcode, const union arg *args)
{
	return send_message(object, DIRECTION_EVENT, opcode, args);
}

/* A forwarded message with other strings and arrays: copied piece by piece. */
int compose_replaced(struct wire_message *message, struct connection *to, const int *fds, unsigned n_fds)
{
	const struct message_desc *desc = message->desc;
	struct composition composition = {.desc = desc};
	const char *texts[MESSAGE_ARGS_MAX] = {0};
	uint32_t size = 8;
	for (unsigned i = 0; i < desc->n_args; i++) {
		if (desc->args[i].type == 'h')
			continue;
		uint32_t length = 0;
		if (message->replaced >> i & 1)
			length = message->replacements[i].size;
		else if (desc->args[i].type == 's' || desc->args[i].type == 'a')
			length = load_word(message->bytes + message->offsets[i]);
		if (message->replaced >> i & 1 && desc->args[i].type == 's')
			texts[i] = message->replacements[i].data;
		composition.lengths[i] = length;
		size += 4 + padded(length);
	}
	(void)cut_to_fit(&composition, texts, &size);
	if (size > COMPOSED_SIZE_MAX) {
		close_fds(fds, n_fds);
		errno = E2BIG;
		return -1;
	}
	uint8_t *p = connection_reserve(to, size, fds, n_fds);
	if (!p)
		return -1;
	store_word(p, load_word(message->bytes));
	store_word(p + 4, size << 16 | message->opcode);
	p += 8;
	for (unsigned i = 0; i < desc->n_args; i++) {
		const uint8_t *from = message->bytes + message->offsets[i];
		char type = desc->args[i].type;
		if (type == 's' || type == 'a') {
			const void *data =
				message->replaced >> i & 1 ? message->replacements[i].data : (const void *)(from + 4);
			p = put_bytes(p, data, composition.lengths[i], type == 's');
		} else if (type != 'h') {
			store_word(p, load_word(from));
			p += 4;
		}
	}
	return 0;
}
