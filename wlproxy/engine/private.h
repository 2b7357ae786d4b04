/* What the files of the engine share. */
#pragma once

#include "connection.h"
#include "hook.h"
#include "id-map.h"
#include "interfaces.h"

#include <wayland-server-core.h>

struct engine {
	struct wl_event_loop *loop;
	struct interfaces *interfaces;
	struct engine_callbacks callbacks;
	void *data;
	struct engine_limits limits;
	struct wl_list sessions; // session::link
	size_t n_sessions;
	uint32_t last_serial;
	bool trace;
	int epoll;	       // of the sessions' sockets and the loop
	struct wl_list unread; // connection::unread_link
	bool touched;	       // some session is
	const struct interface *wl_callback, *wl_registry;
	struct batch batches[2]; // by the direction of what is sent in them
	uint8_t *buffer; // of MESSAGE_SIZE_MAX for a partial message and READ_SIZE; the batches' sides are in it too
};

enum session_state {
	SESSION_RUNNING,
	SESSION_CLIENT_GONE,   // what it sent last still goes to the compositor
	SESSION_UPSTREAM_GONE, // what it, or we, sent last still goes to the client
	SESSION_DEAD,	       // freed before the next wait
};

enum global_kind {
	GLOBAL_HIDDEN,
	GLOBAL_PASS,
	GLOBAL_LOCAL, // ours, in the place of the compositor's
	GLOBAL_OURS,  // ours alone
	GLOBAL_OURS_IF_MISSING,
};

struct global {
	const struct interface *interface;
	uint32_t name;
	uint16_t upstream_version;
	uint16_t offered_version; // the highest that any registry was told; 0: never offered
	uint8_t kind;		  // enum global_kind
	bool removed;
};

struct session {
	struct wl_list link; // engine::sessions
	struct engine *engine;
	void *tag, *data;
	pid_t client_pid;
	uint32_t serial;
	enum session_state state;
	bool touched; // to be looked at before the next wait
	bool created; // the callbacks know it
	bool leaving; // the timer for its last words runs
	struct connection client, upstream;
	struct wl_event_source *timer;

	struct id_map client_ids, client_server_ids, upstream_ids, upstream_server_ids;
	struct object *display;
	struct object *free_objects, *freed_objects; // the latter: when the message at hand is done
	struct object_chunk *chunks;
	uint32_t n_objects;

	struct global *globals;
	uint32_t n_globals, globals_capacity;
	uint32_t last_name;	 // of our own globals
	struct object *registry; // injected, for session_bind()
	bool has_missing;	 // some global is GLOBAL_OURS_IF_MISSING
};

enum object_flags {
	OBJECT_ZOMBIE = 1 << 0,	  // destroyed, its id not yet deleted
	OBJECT_FREED = 1 << 1,	  // in session::freed_objects
	OBJECT_SYNC = 1 << 2,	  // data is a struct sync
	OBJECT_COMPLETE = 1 << 3, // a registry that was told of every global
};

enum {
	MESSAGE_ARGS_MAX = 20, // libwayland's WL_CLOSURE_MAX_ARGS
};

struct replacement {
	void *data; // malloc'ed; NULL is the null string
	uint32_t size;
};

struct wire_message {
	struct session *session;
	struct object *target;
	const struct message_desc *desc;
	uint8_t *bytes;
	uint32_t id; // of the target, as it came
	uint16_t size, opcode;
	enum direction direction;
	bool handled;		    // a filter has seen it
	bool done;		    // forwarded or swallowed
	bool kept;		    // forwarded where it lies: the open span goes on over it
	uint8_t code;		    // of wl_display.error, when message_parse() finds a fault
	uint32_t replaced, changed; // masks of arguments: strings and arrays; objects
	uint16_t offsets[MESSAGE_ARGS_MAX];
	struct object *objects[MESSAGE_ARGS_MAX];
	int fds[MESSAGE_ARGS_MAX]; // by argument; -1 when taken
	struct replacement replacements[MESSAGE_ARGS_MAX];
};

static inline uint32_t load_word(const uint8_t *p)
{
	return *(const uint32_t *)(const void *)p;
}
static inline void store_word(uint8_t *p, uint32_t value)
{
	*(uint32_t *)(void *)p = value;
}
static inline uint32_t padded(uint32_t size)
{
	return (size + 3) & ~3u;
}

/* objects.c */
static inline struct object *find_client_id(const struct session *session, uint32_t id)
{
	if (__builtin_expect(id < ID_SERVER_FIRST, 1))
		return id_map_get(&session->client_ids, id);
	return id_map_get(&session->client_server_ids, id - ID_SERVER_FIRST + 1);
}
static inline struct object *find_upstream_id(const struct session *session, uint32_t id)
{
	if (__builtin_expect(id < ID_SERVER_FIRST, 1))
		return id_map_get(&session->upstream_ids, id);
	return id_map_get(&session->upstream_server_ids, id - ID_SERVER_FIRST + 1);
}
int objects_init(struct session *session);
void objects_finish(struct session *session);
void objects_free_deferred(struct session *session);
/* With an id that the peer chose. NULL with *cause when it may not. */
struct object *object_from_client(
	struct session *session, const struct interface *interface, uint32_t version, uint32_t id, const char **cause);
struct object *object_from_upstream(
	struct session *session, const struct interface *interface, uint32_t version, uint32_t id, const char **cause);
/* Gives it the id it lacks, ours to choose. -1 with ENOMEM. */
int object_allocate_upstream(struct object *object);
int object_allocate_client(struct object *object);
/* A destructor request of the client was handled; forwarded says whether the compositor got it. */
void object_client_destroyed(struct object *object, bool forwarded);
/* We sent a destructor request. */
void object_upstream_destroyed(struct object *object);
/* A destructor event went by. */
void object_ended_by_event(struct object *object);
/* The compositor deleted an id: returns the client's to be deleted in turn, or 0. */
uint32_t object_upstream_deleted(struct object *object);
/* An object that the client will never know: destroyed upstream when that takes no argument. */
void object_abandon(struct object *object);

/* message.c */
/* Checks the arguments, finds their objects and makes the new ones. NULL, or what is wrong with it. */
const char *message_parse(struct wire_message *message);
/* Does what follows from not passing it on. */
void message_swallow(struct wire_message *message);
/* Closes and frees what is still the message's. */
void message_discard(struct wire_message *message);

/* lean.c */
/* Forward a MESSAGE_LEAN of the right size, where it lies. False: nothing was done, it has to go the long way. The only
 * such event is delete_id. */
bool lean_request(
	struct session *session, const struct object *target, const struct message_desc *desc, uint8_t *bytes);
bool lean_delete_id(struct session *session, const struct object *display, uint8_t *bytes);

/* compose.c */
/* Sends the message with its strings and arrays replaced; takes the descriptors. -1: memory is short. */
int compose_replaced(struct wire_message *message, struct connection *to, const int *fds, unsigned n_fds);

/* dispatch.c */
/* Handles what was read. Returns the bytes that were used: the rest is the start of a message. */
size_t dispatch_requests(struct session *session, uint8_t *data, size_t size);
size_t dispatch_events(struct session *session, uint8_t *data, size_t size);

/* session.c */
struct session *session_create(struct engine *engine, int client_fd, int upstream_fd, void *tag);
void session_free(struct session *session);
/* Has its queues sent and its state looked at soon, when it is not the session whose messages are being handled. */
void session_touch(struct session *session);
void session_attend(struct session *session);
/* Looks at those that are touched; frees the dead. */
void sessions_attend(struct engine *engine);
/* events are epoll's. */
void session_on_socket(struct connection *connection, uint32_t events);

/* sockets.c */
int sockets_open(struct engine *engine);
void sockets_close(struct engine *engine);
/* Waits for these of epoll's events from now on. -1 with errno. */
int socket_watch(struct connection *connection, uint32_t mask);
void socket_unwatch(struct connection *connection);
/* Whether it is to be read again although no event will say so. */
void socket_set_unread(struct connection *connection, bool unread);

/* violation.c */
/* Reports; a fatal one of the client also ends the session with wl_display.error. message may be NULL. */
void violation_of_client(struct session *session, uint32_t code, uint32_t object_id, const struct object *object,
	const struct message_desc *desc, uint16_t opcode, const char *cause);
void violation_of_host(struct session *session, bool fatal, uint32_t object_id, const struct object *object,
	const struct message_desc *desc, uint16_t opcode, const char *cause);

/* registry.c */
enum verdict registry_get(struct session *session, struct wire_message *message);
enum verdict registry_bind(struct session *session, struct wire_message *message);
enum verdict registry_global(struct session *session, struct wire_message *message);
enum verdict registry_global_remove(struct session *session, struct wire_message *message);

/* display.c */
int core_install(struct engine *engine);
struct sync {
	void (*done)(struct session *session, void *data);
	void *data;
};

/* trace.c */
void trace_message(const struct wire_message *message, const char *verdict);
void trace_composed(struct session *session, enum direction direction, struct object *object,
	const struct message_desc *desc, const union arg *args);
