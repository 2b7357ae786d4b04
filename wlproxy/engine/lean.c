/* Messages that name or create objects and that nobody wants to see, without a struct wire_message: they are most of what
 * applications send besides the plain ones. Whatever is unusual goes the long way, which finds out what it is. */
#include "private.h"

#include "protocol-opcodes.h"

/* The compositor's id of what the client names; 0 when it is not simply that. */
static inline uint32_t upstream_id_of(const struct session *session, const struct arg_desc *arg, uint32_t id)
{
	const struct object *object = find_client_id(session, id);
	if (!object || object->flags & (OBJECT_ZOMBIE | OBJECT_FREED))
		return 0;
	return arg->interface && object->interface != arg->interface ? 0 : object->upstream_id;
}

static uint32_t create(
	struct session *session, const struct object *target, const struct interface *interface, uint32_t id)
{
	const char *cause;
	if (session->n_objects >= session->engine->limits.objects)
		return 0;
	struct object *object = object_from_client(session, interface, target->version, id, &cause);
	return object && object_allocate_upstream(object) == 0 ? object->upstream_id : 0;
}

bool lean_request(struct session *session, const struct object *target, const struct message_desc *desc, uint8_t *bytes)
{
	uint32_t ids[LEAN_ARGS_MAX];
	unsigned new_id = LEAN_ARGS_MAX;
	if (target->upstream_id == 0)
		return false;
	for (unsigned i = 0; i < desc->n_args; i++) {
		const struct arg_desc *arg = &desc->args[i];
		ids[i] = load_word(bytes + 8 + 4 * i);
		if (arg->type == 'n')
			new_id = i;
		else if (arg->type == 'o' && (ids[i] != 0 || !arg->nullable) &&
			 (ids[i] = upstream_id_of(session, arg, ids[i])) == 0)
			return false;
	}
	// Last, since nothing may have happened when it goes the long way.
	if (new_id < LEAN_ARGS_MAX &&
		(ids[new_id] = create(session, target, desc->args[new_id].interface, ids[new_id])) == 0)
		return false;
	store_word(bytes, target->upstream_id);
	for (unsigned i = 0; i < desc->n_args; i++)
		store_word(bytes + 8 + 4 * i, ids[i]);
	return true;
}

bool lean_delete_id(struct session *session, const struct object *display, uint8_t *bytes)
{
	uint32_t id = load_word(bytes + 8);
	struct object *object = id < ID_SERVER_FIRST ? find_upstream_id(session, id) : NULL;
	// What a filter does in destroyed() may compose messages, which need to know where this one ends.
	if (!object || object == display || object->destroyed || object->client_id == 0 ||
		object->client_id >= ID_SERVER_FIRST)
		return false;
	store_word(bytes, display->client_id);
	store_word(bytes + 8, object_upstream_deleted(object));
	objects_free_deferred(session);
	return true;
}
