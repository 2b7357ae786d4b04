#include "private.h"

#include "protocol-opcodes.h"

#include <errno.h>
#include <stdlib.h>

enum { CHUNK_OBJECTS = 36 }; // two kibibytes

struct object_chunk {
	struct object_chunk *next;
	struct object objects[CHUNK_OBJECTS];
};

static int add_chunk(struct session *session)
{
	struct object_chunk *chunk = malloc(sizeof *chunk);
	if (!chunk)
		return -1;
	chunk->next = session->chunks;
	session->chunks = chunk;
	for (int i = CHUNK_OBJECTS - 1; i >= 0; i--) {
		chunk->objects[i].flags = OBJECT_FREED;
		chunk->objects[i].slot = (uint16_t)i;
		chunk->objects[i].next = session->free_objects;
		session->free_objects = &chunk->objects[i];
	}
	return 0;
}

struct object *object_create(struct session *session, const struct interface *interface, uint32_t version)
{
	if (!session->free_objects && add_chunk(session) < 0)
		return NULL;
	struct object *object = session->free_objects;
	session->free_objects = object->next;
	session->n_objects++;
	*object = (struct object){
		.interface = interface, .session = session, .version = (uint16_t)version, .slot = object->slot};
	return object;
}

static void release(struct object *object)
{
	struct session *session = object->session;
	object->flags |= OBJECT_FREED;
	object->next = session->freed_objects;
	session->freed_objects = object;
	if (!session->client.batch)
		session_touch(session);
}

void objects_free_deferred(struct session *session)
{
	while (session->freed_objects) {
		struct object *object = session->freed_objects;
		session->freed_objects = object->next;
		object->next = session->free_objects;
		session->free_objects = object;
		session->n_objects--;
	}
}

static void notify_destroyed(struct object *object)
{
	void (*destroyed)(struct object *) = object->destroyed;
	object->destroyed = NULL;
	if (destroyed)
		destroyed(object);
	object->data = NULL;
}

bool object_is_zombie(const struct object *object)
{
	return object->flags & (OBJECT_ZOMBIE | OBJECT_FREED);
}

/* Ids ------------------------------------------------------------------------------------------------------------ */

static void forget_client_id(struct object *object)
{
	struct session *session = object->session;
	uint32_t id = object->client_id;
	if (id == 0)
		return;
	if (id < ID_SERVER_FIRST)
		id_map_remove(&session->client_ids, id, false);
	else
		id_map_remove(&session->client_server_ids, id - ID_SERVER_FIRST + 1, true);
	object->client_id = 0;
}

static void forget_upstream_id(struct object *object)
{
	struct session *session = object->session;
	uint32_t id = object->upstream_id;
	if (id == 0)
		return;
	if (id < ID_SERVER_FIRST)
		id_map_remove(&session->upstream_ids, id, true);
	else
		id_map_remove(&session->upstream_server_ids, id - ID_SERVER_FIRST + 1, false);
	object->upstream_id = 0;
}

static const char *put_error(void)
{
	return errno == EEXIST ? "new id is in use" : errno == EINVAL ? "new id leaves a gap" : "out of memory";
}

struct object *object_from_client(
	struct session *session, const struct interface *interface, uint32_t version, uint32_t id, const char **cause)
{
	if (id == 0 || id >= ID_SERVER_FIRST) {
		*cause = "new id is not in the client's range";
		return NULL;
	}
	struct object *object = object_create(session, interface, version);
	if (!object) {
		*cause = "out of memory";
		return NULL;
	}
	if (id_map_put(&session->client_ids, id, object) < 0) {
		*cause = put_error();
		release(object);
		return NULL;
	}
	object->client_id = id;
	return object;
}

/* The compositor gives a number of its range again: what had it before has ended. The client knows that only of what it
 * destroyed itself: anything else lives on at the client's side alone. */
static void take_back(struct object *object)
{
	forget_upstream_id(object);
	if (object->flags & OBJECT_ZOMBIE)
		release(object);
	else if (object->client_id == 0) {
		notify_destroyed(object);
		release(object);
	}
}

struct object *object_from_upstream(
	struct session *session, const struct interface *interface, uint32_t version, uint32_t id, const char **cause)
{
	if (id < ID_SERVER_FIRST) {
		*cause = "new id is not in the compositor's range";
		return NULL;
	}
	struct object *before = find_upstream_id(session, id);
	if (before)
		take_back(before);
	struct object *object = object_create(session, interface, version);
	if (!object) {
		*cause = "out of memory";
		return NULL;
	}
	if (id_map_put(&session->upstream_server_ids, id - ID_SERVER_FIRST + 1, object) < 0) {
		*cause = put_error();
		release(object);
		return NULL;
	}
	object->upstream_id = id;
	return object;
}

int object_allocate_upstream(struct object *object)
{
	object->upstream_id = id_map_add(&object->session->upstream_ids, object);
	return object->upstream_id ? 0 : -1;
}

int object_allocate_client(struct object *object)
{
	uint32_t index = id_map_add(&object->session->client_server_ids, object);
	if (index == 0)
		return -1;
	object->client_id = ID_SERVER_FIRST + index - 1;
	return 0;
}

/* Ends ----------------------------------------------------------------------------------------------------------- */

static void send_delete_id(struct object *object)
{
	if (object->client_id != 0 && object->client_id < ID_SERVER_FIRST)
		object_event(object->session->display, WL_DISPLAY_EVENT_DELETE_ID, ARGS({.u = object->client_id}));
}

void object_client_destroyed(struct object *object, bool forwarded)
{
	if (object->upstream_id == 0) {
		notify_destroyed(object);
		send_delete_id(object);
		forget_client_id(object);
		release(object);
		return;
	}
	if (!forwarded) {
		// The handler keeps the compositor's half, and its data with it.
		send_delete_id(object);
		forget_client_id(object);
		return;
	}
	object->flags |= OBJECT_ZOMBIE;
	notify_destroyed(object);
	if (object->client_id >= ID_SERVER_FIRST)
		forget_client_id(object); // libwayland's client has forgotten it too: it is to be given again
}

void object_upstream_destroyed(struct object *object)
{
	if (object->client_id != 0) {
		object_split(object);
		return;
	}
	object->flags |= OBJECT_ZOMBIE;
	notify_destroyed(object);
}

void object_ended_by_event(struct object *object)
{
	// In the client's range delete_id follows. In the compositor's nothing does: both sides forget it now.
	if (object->upstream_id < ID_SERVER_FIRST || object->flags & OBJECT_ZOMBIE)
		return;
	forget_upstream_id(object);
	if (object->client_id != 0 && object->client_id < ID_SERVER_FIRST)
		return;
	notify_destroyed(object);
	forget_client_id(object);
	release(object);
}

uint32_t object_upstream_deleted(struct object *object)
{
	uint32_t id = object->client_id;
	forget_upstream_id(object);
	if (id >= ID_SERVER_FIRST && !(object->flags & OBJECT_ZOMBIE))
		return 0; // shown to the client in the compositor's range: its half lives on
	notify_destroyed(object);
	forget_client_id(object);
	release(object);
	return id < ID_SERVER_FIRST ? id : 0;
}

void object_abandon(struct object *object)
{
	if (object->interface->destructor >= 0)
		object_request(object, (uint16_t)object->interface->destructor, NO_ARGS);
}

void object_delete(struct object *object)
{
	if (object->upstream_id != 0 || object_is_zombie(object))
		return;
	object_client_destroyed(object, false);
}

void object_callback_done(struct object *callback, uint32_t data)
{
	object_event(callback, WL_CALLBACK_EVENT_DONE, ARGS({.u = data}));
	object_delete(callback);
}

struct object *object_split(struct object *object)
{
	struct session *session = object->session;
	if (object->upstream_id == 0)
		return NULL;
	struct object *half = object_create(session, object->interface, object->version);
	if (!half)
		return NULL;
	uint32_t id = half->upstream_id = object->upstream_id;
	if (id < ID_SERVER_FIRST)
		session->upstream_ids.slots[id] = half;
	else
		session->upstream_server_ids.slots[id - ID_SERVER_FIRST + 1] = half;
	object->upstream_id = 0;
	return half;
}

/* All of a session ----------------------------------------------------------------------------------------------- */

int objects_init(struct session *session)
{
	if (id_map_init(&session->client_ids) < 0 || id_map_init(&session->client_server_ids) < 0 ||
		id_map_init(&session->upstream_ids) < 0 || id_map_init(&session->upstream_server_ids) < 0)
		return -1;
	const struct interface *interface = engine_interface(session->engine, "wl_display");
	const char *cause;
	session->display = object_from_client(session, interface, 1, 1, &cause);
	if (!session->display || object_allocate_upstream(session->display) < 0)
		return -1;
	return 0;
}

struct object *session_next_object(struct session *session, struct object *object)
{
	struct object_chunk *chunk = session->chunks;
	size_t i = 0;
	if (object) {
		struct object *first = object - object->slot;
		chunk = wl_container_of(first, chunk, objects);
		i = object->slot + 1u;
	}
	for (; chunk; chunk = chunk->next, i = 0)
		for (; i < CHUNK_OBJECTS; i++)
			if (!object_is_zombie(&chunk->objects[i]))
				return &chunk->objects[i];
	return NULL;
}

void objects_finish(struct session *session)
{
	for (struct object *object = NULL; (object = session_next_object(session, object));)
		notify_destroyed(object);
	id_map_finish(&session->client_ids);
	id_map_finish(&session->client_server_ids);
	id_map_finish(&session->upstream_ids);
	id_map_finish(&session->upstream_server_ids);
	while (session->chunks) {
		struct object_chunk *chunk = session->chunks;
		session->chunks = chunk->next;
		free(chunk);
	}
	session->free_objects = session->freed_objects = NULL;
	session->n_objects = 0;
}
