#include "engine.h"

#include "private.h"

#include "fd.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_SIZE = (MESSAGE_SIZE_MAX + READ_SIZE + 63) & ~63 };

struct engine *engine_create(struct wl_event_loop *loop, const struct engine_callbacks *callbacks, void *data)
{
	struct engine *engine = calloc(1, sizeof *engine);
	if (!engine)
		return NULL;
	engine->loop = loop;
	engine->callbacks = *callbacks;
	engine->data = data;
	engine->limits = (struct engine_limits)ENGINE_LIMITS_DEFAULT;
	engine->trace = log_topic("wire");
	wl_list_init(&engine->sessions);
	int cause = sockets_open(engine) < 0 ? errno : 0;
	engine->buffer = malloc(BUFFER_SIZE + 2 * BATCH_SIDE);
	for (int i = 0; engine->buffer && i < 2; i++)
		engine->batches[i].side = engine->buffer + BUFFER_SIZE + i * BATCH_SIDE;
	engine->interfaces = interfaces_create(engine->trace);
	if (cause != 0 || !engine->buffer || !engine->interfaces || core_install(engine) < 0) {
		engine_destroy(engine);
		errno = cause != 0 ? cause : ENOMEM;
		return NULL;
	}
	return engine;
}

void engine_destroy(struct engine *engine)
{
	if (!engine)
		return;
	struct session *session, *next;
	wl_list_for_each_safe (session, next, &engine->sessions, link)
		session_free(session);
	sockets_close(engine);
	interfaces_destroy(engine->interfaces);
	free(engine->buffer);
	free(engine);
}

void *engine_data(const struct engine *engine)
{
	return engine->data;
}

struct wl_event_loop *engine_loop(const struct engine *engine)
{
	return engine->loop;
}

void engine_set_limits(struct engine *engine, const struct engine_limits *limits)
{
	engine->limits = *limits;
}

const struct interface *engine_interface(struct engine *engine, const char *name)
{
	return interfaces_find(engine->interfaces, name);
}

static int hook(struct engine *engine, const struct hook *hook)
{
	const struct interface *interface = interfaces_find(engine->interfaces, hook->interface);
	bool request = hook->direction == DIRECTION_REQUEST;
	if (!interface || hook->opcode >= (request ? interface->n_requests : interface->n_events)) {
		log_error("isolate: no table for %s, %s %u", hook->interface, request ? "request" : "event",
			hook->opcode);
		errno = ENOENT;
		return -1;
	}
	struct message_desc *desc = &(request ? interface->requests : interface->events)[hook->opcode];
	if (desc->core || desc->handler) {
		log_error("isolate: %s.%s has a handler already", interface->name, desc->name);
		errno = EEXIST;
		return -1;
	}
	desc->handler = hook->handler;
	desc->flags = (uint16_t)(desc->flags & ~(MESSAGE_PLAIN | MESSAGE_LEAN));
	return 0;
}

int engine_hook(struct engine *engine, const struct hook *hooks, size_t n_hooks)
{
	for (size_t i = 0; i < n_hooks; i++)
		if (hook(engine, &hooks[i]) < 0)
			return -1;
	return 0;
}

int engine_hook_bound(
	struct engine *engine, const char *interface, void (*bound)(struct session *session, struct object *object))
{
	// Through the table that owns it: what everybody else has is const.
	struct interface *owned = (struct interface *)interfaces_find(engine->interfaces, interface);
	if (!owned || owned->bound) {
		errno = owned ? EEXIST : ENOENT;
		return -1;
	}
	owned->bound = bound;
	return 0;
}

struct session *engine_add_session(struct engine *engine, int client_fd, int upstream_fd, void *tag)
{
	if (engine->n_sessions >= engine->limits.sessions) {
		fd_closep(&client_fd);
		fd_closep(&upstream_fd);
		errno = EUSERS;
		return NULL;
	}
	return session_create(engine, client_fd, upstream_fd, tag);
}

struct session *engine_next_session(struct engine *engine, struct session *session)
{
	struct wl_list *link = session ? session->link.next : engine->sessions.next;
	while (link != &engine->sessions) {
		struct session *next = wl_container_of(link, next, link);
		if (next->state == SESSION_RUNNING)
			return next;
		link = link->next;
	}
	return NULL;
}

size_t engine_count_sessions(const struct engine *engine)
{
	return engine->n_sessions;
}
