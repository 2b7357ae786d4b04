/* The engine: sessions between clients and a compositor, on the wire. It checks every message against its table, keeps
 * both id spaces, descriptors and order, and knows no policy: that is what its hooks and callbacks are for.
 *
 * One thread, one loop: engine_dispatch(). Everything here is called from its callbacks. A callback may destroy any
 * object, global or session, its own included: they are freed when the message at hand is done. */
#pragma once

#include "interfaces.h"

#include <sys/types.h>

struct engine;
struct wl_event_loop;

/* One row of a filter's table. Without handler the message passes unseen, at the speed of a copy. */
struct hook {
	const char *interface;
	enum direction direction;
	uint16_t opcode;
	hook_handler handler;
};
/* For tables of them, whose members are all named in one place. */
#define HOOK_REQUEST(interface, opcode, handler) ((struct hook){interface, DIRECTION_REQUEST, opcode, handler})
#define HOOK_EVENT(interface, opcode, handler) ((struct hook){interface, DIRECTION_EVENT, opcode, handler})

enum offer {
	OFFER_HIDE,  // not announced; a bind by its number is the client's fault
	OFFER_PASS,  // announced, with at most *version; a bind goes to the compositor
	OFFER_LOCAL, // announced in the place of the compositor's; a bind makes a local object
};

enum culprit { CULPRIT_CLIENT, CULPRIT_HOST, CULPRIT_ISOLATE };

/* A fault that the engine found itself, for the audit. All text is for the length of the call; cause may quote the
 * client and passes text_sanitize() before it is shown. */
struct violation {
	enum culprit culprit;
	enum direction direction;
	bool fatal;	       // the session ends of it
	const char *interface; // NULL when the object is unknown
	const char *message;   // NULL when the opcode is unknown
	uint32_t object_id;    // in the id space of the culprit
	uint16_t opcode;
	const char *cause;
};

/* Any of them may be NULL: the default then is what its comment says. */
struct engine_callbacks {
	/* A session exists, nothing has passed through it yet: the place for session_set_data() and
	 * session_add_global(). Returning false ends it at once. */
	bool (*session_created)(struct session *session);
	/* Its objects' destroyed callbacks were called before. Free session_data() here. */
	void (*session_destroyed)(struct session *session);
	/* The compositor has this global, for which there is a table. *version is the most that can be offered (the
	 * compositor's or the table's) and may be lowered. Asked once per global and session, and again by
	 * session_refresh_globals(). Default: OFFER_PASS. */
	enum offer (*global)(
		struct session *session, const struct interface *interface, uint32_t name, uint32_t *version);
	/* Default: a line in the log. */
	void (*violation)(struct session *session, const struct violation *violation);
};

struct engine_limits {
	uint32_t objects;  // per session, both sides together; above it no_memory
	uint32_t sessions; // session_create() fails above it (EUSERS)
	uint32_t buffer;   // bytes that wait for a peer that does not read, per direction
	uint32_t fds;	   // descriptors that wait, of all sessions together: nobody then takes more than it passes on
};
#define ENGINE_LIMITS_DEFAULT                                                                                          \
	{                                                                                                              \
		.objects = 65536, .sessions = 128, .buffer = 1024 * 1024, .fds = 4096                                  \
	}

/* callbacks is copied. NULL with errno. destroy ends every session; it accepts NULL. */
struct engine *engine_create(struct wl_event_loop *loop, const struct engine_callbacks *callbacks, void *data);
void engine_destroy(struct engine *engine);

/* One turn: waits for at most timeout ms (-1: without end) until something happens in a session or in the loop, whose
 * own dispatch this replaces. -1 with errno. */
int engine_dispatch(struct engine *engine, int timeout);

void *engine_data(const struct engine *engine);
struct wl_event_loop *engine_loop(const struct engine *engine);
void engine_set_limits(struct engine *engine, const struct engine_limits *limits);

const struct interface *engine_interface(struct engine *engine, const char *name);

/* Registers handlers, before the first session. Each (interface, direction, opcode) has at most one; wl_display and
 * wl_registry have none (the callbacks serve instead). A row whose interface or opcode has no table is an error of ours:
 * -1 with ENOENT and a line in the log; EEXIST when there is a handler already. */
int engine_hook(struct engine *engine, const struct hook *hooks, size_t n_hooks);

/* Called when a client has bound a global of this interface: after the request went to the compositor, or, for a local
 * global, to send its first events. */
int engine_hook_bound(
	struct engine *engine, const char *interface, void (*bound)(struct session *session, struct object *object));

/* Makes a session of two connected stream sockets, which it owns from now on, also when it fails. tag is for the caller
 * (session_tag()). NULL with errno. */
struct session *engine_add_session(struct engine *engine, int client_fd, int upstream_fd, void *tag);

/* The session after this one, the first after NULL; NULL after the last. */
struct session *engine_next_session(struct engine *engine, struct session *session);
size_t engine_count_sessions(const struct engine *engine);
