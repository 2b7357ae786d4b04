/* Interface tables: what wayland-scanner made of each protocol, compiled for checking a message in one pass.
 * A table is compiled when its interface is first asked for. An interface without a table does not exist here: its
 * global is never offered. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-util.h>

struct session;
struct object;
struct wire_message;
struct interfaces;

enum direction {
	DIRECTION_REQUEST, // from the client to the compositor
	DIRECTION_EVENT,   // from the compositor to the client
};

/* What a handler decides about a message; see hook.h. */
enum verdict {
	VERDICT_FORWARD, // pass it on, with what the handler changed in it
	VERDICT_DROP,	 // do not pass it on
	VERDICT_ANSWER,	 // the same; the handler did itself what there was to do (the trace tells them apart)
	VERDICT_ERROR,	 // the session ends; only as the value of session_error()
};
typedef enum verdict (*hook_handler)(struct session *session, struct wire_message *message);

struct arg_desc {
	char type; // i u f s o n a h, as in wl_message.signature: the untyped new_id of bind is three, "sun"
	bool nullable;
	const struct interface *interface; // of an object or new_id; NULL when the protocol leaves it open
};

enum { LEAN_ARGS_MAX = 8 };

enum message_flags {
	MESSAGE_DESTRUCTOR = 1 << 0, // the target is gone after it
	MESSAGE_PLAIN = 1 << 1,	     // int, uint and fixed arguments only, and nobody wants to see it
	MESSAGE_CREATES = 1 << 2,    // has a new_id
	MESSAGE_LEAN = 1 << 3, // of fixed size, with objects or a new_id; no descriptor, and nobody wants to see it
};

struct message_desc {
	const char *name;
	const struct arg_desc *args;
	hook_handler handler; // a filter's, or NULL
	hook_handler core;    // the engine's own, for wl_display and wl_registry
	uint16_t opcode;
	uint16_t size; // bytes with the header; 0 when strings or arrays make it vary
	uint16_t flags;
	uint8_t since;
	uint8_t n_args;
	uint8_t n_fds;
};

struct interface {
	const char *name;
	const struct wl_interface *wayland;
	uint16_t version; // the table's; what is offered is capped to it
	uint16_t index;
	uint16_t n_requests, n_events;
	struct message_desc *requests, *events;
	int destructor; // opcode of a destructor request without arguments, or -1
	void (*bound)(struct session *session, struct object *object);
};

/* all_seen: no message is plain, because all are to be traced. NULL when memory is short. destroy accepts NULL. */
struct interfaces *interfaces_create(bool all_seen);
void interfaces_destroy(struct interfaces *interfaces);

/* The table of this name, or NULL: there is none. The result lives as long as interfaces. */
const struct interface *interfaces_find(struct interfaces *interfaces, const char *name);

/* Name of every interface that has a table, sorted; NULL after the last. For documentation and tests. */
const char *interfaces_name(size_t i);

/* The opcode of a request or event by its name; -1 when the table has none. Filters know theirs at build time:
 * protocol-opcodes.h has XDG_TOPLEVEL_REQUEST_SET_TITLE and XDG_TOPLEVEL_EVENT_CONFIGURE, protocol-enums.h the values. */
int interface_request(const struct interface *interface, const char *name);
int interface_event(const struct interface *interface, const char *name);
