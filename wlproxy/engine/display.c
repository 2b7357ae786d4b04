/* The engine's own handlers: what wl_display and wl_callback mean to the id spaces. */
#include "private.h"

#include "protocol-opcodes.h"

#include <errno.h>
#include <stdlib.h>

static enum verdict on_error(struct session *session, struct wire_message *message)
{
	struct object *object = wire_object(message, 0);
	if (!object || object->client_id == 0) {
		// About an object of ours, which the client does not know.
		wire_set_object(message, 0, session->display);
		wire_set_uint(message, 1, ERROR_IMPLEMENTATION);
	}
	return VERDICT_FORWARD;
}

static enum verdict on_delete_id(struct session *session, struct wire_message *message)
{
	uint32_t id = wire_uint(message, 0);
	struct object *object = id < ID_SERVER_FIRST ? find_upstream_id(session, id) : NULL;
	if (!object || object == session->display) {
		violation_of_host(session, false, message->id, message->target, message->desc, message->opcode,
			"deletes an id that is not in use");
		return VERDICT_DROP;
	}
	uint32_t client_id = object_upstream_deleted(object);
	if (client_id == 0)
		return VERDICT_DROP;
	wire_set_uint(message, 0, client_id);
	return VERDICT_FORWARD;
}

static void free_sync(struct object *object)
{
	free(object->data);
}

static enum verdict on_callback_done(struct session *session, struct wire_message *message)
{
	struct object *object = wire_target(message);
	if (!(object->flags & OBJECT_SYNC))
		return VERDICT_FORWARD;
	struct sync *sync = object->data;
	object->data = NULL;
	object->destroyed = NULL;
	object->flags = (uint16_t)(object->flags & ~OBJECT_SYNC);
	if (sync)
		sync->done(session, sync->data);
	free(sync);
	return VERDICT_ANSWER;
}

int session_sync(struct session *session, void (*done)(struct session *session, void *data), void *data)
{
	struct sync *sync = malloc(sizeof *sync);
	struct object *callback = sync ? object_create(session, session->engine->wl_callback, 1) : NULL;
	if (!callback) {
		free(sync);
		errno = ENOMEM;
		return -1;
	}
	*sync = (struct sync){done, data};
	callback->data = sync;
	callback->destroyed = free_sync;
	callback->flags |= OBJECT_SYNC;
	if (object_request(session->display, WL_DISPLAY_REQUEST_SYNC, ARGS({.o = callback})) < 0) {
		object_delete(callback);
		return -1;
	}
	return 0;
}

/* wl_fixes.destroy_registry: the one request that destroys its argument. */
static enum verdict on_destroy_registry(struct session *session, struct wire_message *message)
{
	struct object *registry = wire_object(message, 0);
	wire_forward(message);
	object_client_destroyed(registry, registry->upstream_id != 0 && wire_target(message)->upstream_id != 0);
	return VERDICT_ANSWER;
}

static void install(struct message_desc *messages, unsigned opcode, hook_handler core)
{
	messages[opcode].core = core;
	messages[opcode].flags = (uint16_t)(messages[opcode].flags & ~(MESSAGE_PLAIN | MESSAGE_LEAN));
}

int core_install(struct engine *engine)
{
	const struct interface *display = interfaces_find(engine->interfaces, "wl_display");
	const struct interface *registry = interfaces_find(engine->interfaces, "wl_registry");
	const struct interface *callback = interfaces_find(engine->interfaces, "wl_callback");
	const struct interface *fixes = interfaces_find(engine->interfaces, "wl_fixes");
	if (!display || !registry || !callback) {
		errno = ENOMEM;
		return -1;
	}
	install(display->requests, WL_DISPLAY_REQUEST_GET_REGISTRY, registry_get);
	install(display->events, WL_DISPLAY_EVENT_ERROR, on_error);
	install(display->events, WL_DISPLAY_EVENT_DELETE_ID, on_delete_id);
	install(registry->requests, WL_REGISTRY_REQUEST_BIND, registry_bind);
	install(registry->events, WL_REGISTRY_EVENT_GLOBAL, registry_global);
	install(registry->events, WL_REGISTRY_EVENT_GLOBAL_REMOVE, registry_global_remove);
	callback->events[WL_CALLBACK_EVENT_DONE].core = on_callback_done;
	if (!engine->trace) {
		// Plain although a destructor: delete_id follows, so a forwarded callback's done needs no look.
		callback->events[WL_CALLBACK_EVENT_DONE].flags |= MESSAGE_PLAIN;
		display->events[WL_DISPLAY_EVENT_DELETE_ID].flags |= MESSAGE_LEAN;
	}
	int destroy_registry = fixes ? interface_request(fixes, "destroy_registry") : -1;
	if (destroy_registry >= 0)
		install(fixes->requests, (unsigned)destroy_registry, on_destroy_registry);
	engine->wl_callback = callback;
	engine->wl_registry = registry;
	return 0;
}
