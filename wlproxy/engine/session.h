/* A session: one client, its connection and its own connection to the compositor. */
#pragma once

#include "engine.h"
#include "objects.h"

/* Codes of wl_display.error that are ours to send; any other number is the interface's own. */
enum {
	ERROR_INVALID_OBJECT = 0,
	ERROR_INVALID_METHOD = 1,
	ERROR_NO_MEMORY = 2,
	ERROR_IMPLEMENTATION = 3,
};

struct engine *session_engine(const struct session *session);
void *session_tag(const struct session *session);
void *session_data(const struct session *session);
void session_set_data(struct session *session, void *data);

/* The pid at the other end of the client's socket when it connected, as this process sees it; 0 when unknown. */
pid_t session_client_pid(const struct session *session);

/* A number that no other session of this process has had. */
uint32_t session_serial(const struct session *session);

/* True when much waits for the client to read it. Nothing that another client brings about is then to be added: no client
 * fills the memory of the proxy, or is disconnected, for what another does. */
bool session_is_behind(const struct session *session);

/* wl_display of this session. */
struct object *session_display(struct session *session);

/* The object with this id, or NULL. Zombies are not found. */
struct object *session_find_client_object(struct session *session, uint32_t client_id);

/* The live object after this one, in no particular order, the first after NULL; NULL after the last. An object that is
 * destroyed meanwhile may be the one that is passed in. */
struct object *session_next_object(struct session *session, struct object *object);

/* Ends the session with wl_display.error to the client about this object (NULL: wl_display). What the client sent so
 * far reaches the compositor, nothing after it does. Always returns VERDICT_ERROR, for handlers. */
enum verdict session_error(struct session *session, struct object *object, uint32_t code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Ends the session without a word. It is freed later: not a use after it within the same callback. */
void session_destroy(struct session *session);

/* Calls done when the compositor has answered everything that was sent to it so far: ties a local answer into the
 * order of its events. It is not called when the session ends first. -1 with ENOMEM. */
int session_sync(struct session *session, void (*done)(struct session *session, void *data), void *data);

/* Registry ------------------------------------------------------------------------------------------------------- */

enum announce {
	ANNOUNCE_ALWAYS,     // to every registry, before the compositor's globals
	ANNOUNCE_IF_MISSING, // after them, when none of that interface was offered
};

/* A global of ours: a bind makes a local object of it and calls the interface's bound hook. Returns its name, which no
 * global of the compositor has; 0 when memory is short. */
uint32_t session_add_global(
	struct session *session, const struct interface *interface, uint32_t version, enum announce announce);
/* Announces its removal. A bind that is on its way gets an inert object. */
void session_remove_global(struct session *session, uint32_t name);

/* Asks the global callback again for every global of the compositor and announces what changed. Objects that are
 * bound stay. */
void session_refresh_globals(struct session *session);

/* A global that the compositor has now, offered or not. *name 0 finds the first, else the one after it. */
bool session_find_global(struct session *session, const struct interface *interface, uint32_t *name, uint32_t *version);

/* Binds a global of the compositor for ourselves: an injected object, NULL with errno. version is capped to what both
 * the compositor and the table have. */
struct object *session_bind(struct session *session, uint32_t name, uint32_t version);
