/* Globals: which the client is told of, and what it may bind. A bind is checked against what this session was ever
 * offered, on any of its registries: Xwayland binds through one what another announced. */
#include "private.h"

#include "protocol-opcodes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OWN_NAMES_FIRST = 0xfe000000, // names of our own globals; compositors count from 1
	GLOBALS_MAX = 4096,
};

static struct global *find_global(struct session *session, uint32_t name)
{
	for (uint32_t i = 0; i < session->n_globals; i++)
		if (session->globals[i].name == name)
			return &session->globals[i];
	return NULL;
}

/* A removed global is kept, since a bind of it may be on its way; but an output that comes and goes must not fill memory. */
static void forget_oldest_removed(struct session *session)
{
	for (uint32_t i = 0; i < session->n_globals; i++) {
		if (!session->globals[i].removed)
			continue;
		session->n_globals--;
		memmove(&session->globals[i], &session->globals[i + 1],
			(session->n_globals - i) * sizeof *session->globals);
		return;
	}
}

static struct global *add_global(struct session *session, const struct interface *interface, uint32_t name)
{
	if (session->n_globals == GLOBALS_MAX)
		forget_oldest_removed(session);
	if (session->n_globals == session->globals_capacity) {
		uint32_t capacity = session->globals_capacity ? session->globals_capacity * 2 : 32;
		struct global *globals =
			capacity > 2 * GLOBALS_MAX ? NULL : reallocarray(session->globals, capacity, sizeof *globals);
		if (!globals)
			return NULL;
		session->globals = globals;
		session->globals_capacity = capacity;
	}
	struct global *global = &session->globals[session->n_globals++];
	*global = (struct global){.interface = interface, .name = name};
	return global;
}

static bool is_offered(const struct global *global)
{
	return !global->removed && global->kind != GLOBAL_HIDDEN;
}

static bool is_ours(const struct global *global)
{
	return global->kind == GLOBAL_OURS || global->kind == GLOBAL_OURS_IF_MISSING;
}

/* Asks the policy. Returns the version to offer, 0 to hide it. */
static uint32_t decide(struct session *session, struct global *global)
{
	const struct interface *interface = global->interface;
	uint32_t cap = global->upstream_version < interface->version ? global->upstream_version : interface->version;
	uint32_t version = cap;
	enum offer offer = OFFER_PASS;
	if (session->engine->callbacks.global)
		offer = session->engine->callbacks.global(session, interface, global->name, &version);
	uint32_t most = offer == OFFER_LOCAL ? interface->version : cap;
	if (version > most)
		version = most;
	if (offer == OFFER_HIDE || version == 0) {
		global->kind = GLOBAL_HIDDEN;
		return 0;
	}
	global->kind = offer == OFFER_LOCAL ? GLOBAL_LOCAL : GLOBAL_PASS;
	return version;
}

static void announce(struct object *registry, const struct global *global)
{
	object_event(registry, WL_REGISTRY_EVENT_GLOBAL,
		ARGS({.u = global->name}, {.s = global->interface->name}, {.u = global->offered_version}));
}

static struct object *next_registry(struct session *session, struct object *registry)
{
	do
		registry = session_next_object(session, registry);
	while (registry && (registry->interface != session->engine->wl_registry || registry->client_id == 0));
	return registry;
}

static void announce_to_all(struct session *session, const struct global *global)
{
	for (struct object *registry = NULL; (registry = next_registry(session, registry));)
		announce(registry, global);
}

static void announce_removal(struct session *session, uint32_t name)
{
	for (struct object *registry = NULL; (registry = next_registry(session, registry));)
		object_event(registry, WL_REGISTRY_EVENT_GLOBAL_REMOVE, ARGS({.u = name}));
}

/* The client's registry -------------------------------------------------------------------------------------------- */

static bool is_missing(const struct session *session, const struct interface *interface)
{
	for (uint32_t i = 0; i < session->n_globals; i++) {
		const struct global *global = &session->globals[i];
		if (global->interface == interface && is_offered(global) && !is_ours(global))
			return false;
	}
	return true;
}

static bool is_wanted(const struct session *session, const struct global *global)
{
	return global->kind == GLOBAL_OURS_IF_MISSING && !global->removed && is_missing(session, global->interface);
}

/* The compositor has told everything to the registries that were there when this was asked; to newer ones it will have
 * told it by the next call. */
static void announce_missing(struct session *session, void *data)
{
	uint32_t id = (uint32_t)(uintptr_t)data;
	struct object *registry = session_find_client_object(session, id);
	if (!registry || registry->interface != session->engine->wl_registry || registry->flags & OBJECT_COMPLETE)
		return;
	registry->flags |= OBJECT_COMPLETE;
	for (uint32_t i = 0; i < session->n_globals; i++)
		if (is_wanted(session, &session->globals[i]))
			announce(registry, &session->globals[i]);
}

enum verdict registry_get(struct session *session, struct wire_message *message)
{
	struct object *registry = wire_object(message, 0);
	wire_forward(message);
	for (uint32_t i = 0; i < session->n_globals; i++)
		if (session->globals[i].kind == GLOBAL_OURS && !session->globals[i].removed)
			announce(registry, &session->globals[i]);
	if (session->has_missing)
		session_sync(session, announce_missing, (void *)(uintptr_t)registry->client_id);
	return VERDICT_FORWARD;
}

enum verdict registry_global(struct session *session, struct wire_message *message)
{
	uint32_t name = wire_uint(message, 0), version = wire_uint(message, 2);
	const struct interface *interface = interfaces_find(session->engine->interfaces, wire_string(message, 1));
	if (!interface)
		return VERDICT_DROP;
	if (name >= OWN_NAMES_FIRST) {
		violation_of_host(session, false, message->id, message->target, message->desc, message->opcode,
			"uses a name that is kept for globals of isolate");
		return VERDICT_DROP;
	}
	struct global *global = find_global(session, name);
	if (!global || global->removed || global->interface != interface) {
		if (!global)
			global = add_global(session, interface, name);
		if (!global)
			return VERDICT_DROP;
		*global = (struct global){.interface = interface, .name = name};
		global->upstream_version = (uint16_t)(version > UINT16_MAX ? UINT16_MAX : version);
		uint32_t offered = decide(session, global);
		// The callback may have added globals of ours.
		global = find_global(session, name);
		if (!global)
			return VERDICT_DROP;
		global->offered_version = (uint16_t)offered;
	}
	if (global->kind == GLOBAL_HIDDEN)
		return VERDICT_DROP;
	if (version != global->offered_version)
		wire_set_uint(message, 2, global->offered_version);
	return VERDICT_FORWARD;
}

enum verdict registry_global_remove(struct session *session, struct wire_message *message)
{
	struct global *global = find_global(session, wire_uint(message, 0));
	if (!global || is_ours(global))
		return VERDICT_DROP;
	global->removed = true;
	return global->kind == GLOBAL_HIDDEN ? VERDICT_DROP : VERDICT_FORWARD;
}

/* What is wrong with a bind, or NULL. */
static const char *check_bind(const struct global *global, const char *interface, uint32_t version)
{
	if (!global || global->offered_version == 0)
		return "was not offered";
	if (strcmp(interface, global->interface->name) != 0)
		return "has another interface";
	if (version == 0 || version > global->offered_version)
		return "was not offered with that version";
	return NULL;
}

enum verdict registry_bind(struct session *session, struct wire_message *message)
{
	uint32_t name = wire_uint(message, 0), version = wire_uint(message, 2);
	struct global *global = find_global(session, name);
	const char *cause = check_bind(global, wire_string(message, 1), version);
	char text[128];
	message->code = ERROR_INVALID_OBJECT;
	if (cause) {
		snprintf(text, sizeof text, "binds global %" PRIu32 ", which %s", name, cause);
		cause = text;
	} else if (session->n_objects >= session->engine->limits.objects) {
		message->code = ERROR_NO_MEMORY;
		cause = "exceeds the limit of objects";
	}
	struct object *object = NULL;
	uint32_t id = load_word(message->bytes + message->offsets[3]);
	if (!cause)
		object = object_from_client(session, global->interface, version, id, &cause);
	if (!object) {
		violation_of_client(
			session, message->code, message->id, message->target, message->desc, message->opcode, cause);
		return VERDICT_ERROR;
	}
	message->objects[3] = object;
	void (*bound)(struct session *, struct object *) = object->interface->bound;
	// Of a global that is gone: an object on which nothing happens.
	if (!is_offered(global))
		return VERDICT_ANSWER;
	bool pass = global->kind == GLOBAL_PASS;
	if (pass)
		wire_forward(message);
	if (bound)
		bound(session, object);
	return pass ? VERDICT_FORWARD : VERDICT_ANSWER;
}

/* For filters ------------------------------------------------------------------------------------------------------ */

uint32_t session_add_global(
	struct session *session, const struct interface *interface, uint32_t version, enum announce when)
{
	if (session->last_name == 0)
		session->last_name = OWN_NAMES_FIRST - 1;
	if (session->last_name == UINT32_MAX)
		return 0;
	struct global *global = add_global(session, interface, session->last_name + 1);
	if (!global)
		return 0;
	session->last_name++;
	global->kind = when == ANNOUNCE_ALWAYS ? GLOBAL_OURS : GLOBAL_OURS_IF_MISSING;
	global->offered_version = (uint16_t)(version < interface->version ? version : interface->version);
	uint32_t name = global->name;
	if (when == ANNOUNCE_ALWAYS) {
		announce_to_all(session, global);
		return name;
	}
	session->has_missing = true;
	if (is_wanted(session, global))
		for (struct object *registry = NULL; (registry = next_registry(session, registry));)
			if (registry->flags & OBJECT_COMPLETE)
				announce(registry, global);
	return name;
}

void session_remove_global(struct session *session, uint32_t name)
{
	struct global *global = find_global(session, name);
	if (!global || global->removed || !is_ours(global))
		return;
	bool announced = global->kind == GLOBAL_OURS || is_wanted(session, global);
	global->removed = true;
	if (announced)
		announce_removal(session, name);
}

void session_refresh_globals(struct session *session)
{
	for (uint32_t i = 0; i < session->n_globals; i++) {
		if (session->globals[i].removed || is_ours(&session->globals[i]))
			continue;
		struct global before = session->globals[i];
		uint32_t version = decide(session, &session->globals[i]);
		struct global *global = &session->globals[i];
		bool same = global->kind == before.kind && (version == 0 || version == before.offered_version);
		if (same)
			continue;
		if (before.kind != GLOBAL_HIDDEN)
			announce_removal(session, global->name);
		if (version == 0)
			continue; // offered_version stays: a bind on its way gets an object on which nothing happens
		global->offered_version = (uint16_t)version;
		announce_to_all(session, global);
	}
}

bool session_find_global(struct session *session, const struct interface *interface, uint32_t *name, uint32_t *version)
{
	uint32_t i = 0;
	while (*name != 0 && i < session->n_globals && session->globals[i++].name != *name)
		;
	for (; i < session->n_globals; i++) {
		const struct global *global = &session->globals[i];
		if (global->interface != interface || global->removed || is_ours(global))
			continue;
		*name = global->name;
		*version = global->upstream_version;
		return true;
	}
	return false;
}

static int make_registry(struct session *session)
{
	if (session->registry)
		return 0;
	struct object *registry = object_create(session, session->engine->wl_registry, 1);
	if (!registry)
		return -1;
	if (object_request(session->display, WL_DISPLAY_REQUEST_GET_REGISTRY, ARGS({.o = registry})) < 0) {
		object_delete(registry);
		return -1;
	}
	session->registry = registry;
	return 0;
}

struct object *session_bind(struct session *session, uint32_t name, uint32_t version)
{
	struct global *global = find_global(session, name);
	if (!global || global->removed || is_ours(global)) {
		errno = ENOENT;
		return NULL;
	}
	const struct interface *interface = global->interface;
	if (version > interface->version)
		version = interface->version;
	if (version > global->upstream_version)
		version = global->upstream_version;
	if (make_registry(session) < 0)
		return NULL;
	struct object *object = object_create(session, interface, version);
	if (!object)
		return NULL;
	if (object_request(session->registry, WL_REGISTRY_REQUEST_BIND,
		    ARGS({.u = name}, {.s = interface->name}, {.u = version}, {.o = object})) < 0) {
		object_delete(object);
		return NULL;
	}
	return object;
}
