/* Objects and their two ids.
 *
 *              client_id  upstream_id
 *   forwarded      x           x       both sides know it
 *   local          x           0       the client alone: we are its compositor
 *   injected       0           x       the compositor alone: we are its client
 *   new            0           0       neither yet: it gets its id where it is first sent as a new_id, so a local object
 *                                      becomes forwarded ("promoted") by being sent upstream, an injected one by being
 *                                      sent to the client
 *
 * Requests on a local object without a handler are swallowed, and what they create is local; so are forwarded requests
 * with a local object among their arguments. Events for an injected object without a handler are swallowed, and so are
 * events that name one; what they create stays injected and is destroyed upstream when its interface has a plain
 * destructor and no handler saw the event. */
#pragma once

#include "interfaces.h"

struct object {
	const struct interface *interface;
	struct session *session;
	void *data; // the filter's, as amount is
	void (*destroyed)(
		struct object *object);	 // the filter's, called once: when the client (for an injected object, we)
					 // destroyed it, when its id was deleted, or at the end of the session
	struct object *next;		 // the engine's
	uint32_t client_id, upstream_id; // read only for filters
	uint32_t amount;		 // so that what is only charged for needs no memory of its own
	uint16_t version;		 // may exceed the table's: a child has its parent's
	uint16_t flags;			 // the engine's
	uint16_t slot;			 // in its chunk; the engine's
};

/* Arguments of a composed message, in the order of the protocol. */
union arg {
	int32_t i; // int, fixed (24.8)
	uint32_t u;
	const char *s;		  // UTF-8 or NULL; cut at a character when the message would exceed 4096 bytes
	struct object *o;	  // object (NULL allowed where the protocol does) or new_id
	const struct wl_array *a; // at most what fits into 4096 bytes
	int h;			  // a descriptor, which the call takes over also when it fails
};
#define ARGS(...) ((const union arg[]){__VA_ARGS__})
#define NO_ARGS ((const union arg *)NULL)

static inline bool object_is_local(const struct object *object)
{
	return object->client_id != 0 && object->upstream_id == 0;
}

static inline bool object_is_injected(const struct object *object)
{
	return object->client_id == 0 && object->upstream_id != 0;
}

/* True once it is destroyed and only remembered for what is still on its way. */
bool object_is_zombie(const struct object *object);

/* A new object, to be passed as the new_id of a composed message. NULL with ENOMEM. */
struct object *object_create(struct session *session, const struct interface *interface, uint32_t version);

/* Sends a request on it to the compositor, after everything that was forwarded so far (see wire_forward()). A destructor
 * ends an injected object; on a forwarded one it leaves the client's side, which becomes local. An untyped new_id (only
 * wl_registry.bind has one) is not for here: session_bind(). -1 with EINVAL (no upstream id, or the object's version
 * has no such request, or an object argument that the compositor does not know), E2BIG, ENOMEM. */
int object_request(struct object *object, uint16_t opcode, const union arg *args);

/* Sends an event of it to the client. Errors as above. */
int object_event(struct object *object, uint16_t opcode, const union arg *args);

/* Ends an object whose life the compositor ends, such as a wl_callback after done: the client gets delete_id. For
 * local objects, and new ones that were never sent. A forwarded object is left to the compositor. */
void object_delete(struct object *object);

/* The done event and the end of a local wl_callback. */
void object_callback_done(struct object *callback, uint32_t data);

/* Separates a forwarded object: the client's half stays as the object at hand, local from now on; the returned injected
 * object has the upstream id, version and no data. NULL when it has no upstream half or memory is short. */
struct object *object_split(struct object *object);
