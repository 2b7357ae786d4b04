/* zwp_keyboard_shortcuts_inhibit_manager_v1 (InhibitShortcuts), zwp_pointer_constraints_v1 (PointerLock),
 * zwp_idle_inhibit_manager_v1 (InhibitIdle).
 *
 * InhibitShortcuts=ask asks a person, and on yes the request is made at the compositor for the object that is there.
 *
 * A refused request makes an object of the client's side alone, which never becomes active: to the client it is a
 * compositor that does not feel like it now, which all of these protocols allow for, so the client goes on. */
#include "client.h"

#include "protocol-opcodes.h"

#include <stdlib.h>

static enum verdict decide(struct session *session, struct wire_message *message, enum policy_key key)
{
	struct client *client = client_of(session);
	if (client_answer(client, key) == POLICY_ALLOW)
		return VERDICT_FORWARD;
	client_deny(client, message, key);
	return VERDICT_ANSWER;
}

/* The data of an inhibitor that was refused while a person is asked: what the request named, by the client's ids, since
 * each may be gone when the answer comes. */
struct wish {
	uint32_t manager, surface, seat;
};

static void handle_wish_destroyed(struct object *object)
{
	free(object->data);
}

static void handle_granted(struct client *client, uint32_t id)
{
	struct object *inhibitor = client_find(client, id, "zwp_keyboard_shortcuts_inhibitor_v1");
	if (!inhibitor || inhibitor->destroyed != handle_wish_destroyed || !object_is_local(inhibitor))
		return;
	const struct wish *wish = inhibitor->data;
	struct object *manager = client_find(client, wish->manager, "zwp_keyboard_shortcuts_inhibit_manager_v1");
	struct object *surface = client_find(client, wish->surface, "wl_surface"),
		      *seat = client_find(client, wish->seat, "wl_seat");
	if (manager && surface && seat)
		object_request(manager, ZWP_KEYBOARD_SHORTCUTS_INHIBIT_MANAGER_V1_REQUEST_INHIBIT_SHORTCUTS,
			ARGS({.o = inhibitor}, {.o = surface}, {.o = seat}));
}

static enum verdict handle_inhibit_shortcuts(struct session *session, struct wire_message *message)
{
	enum { ID, SURFACE, SEAT };
	struct client *client = client_of(session);
	struct object *object = wire_object(message, ID);
	if (client_answer(client, POLICY_INHIBIT_SHORTCUTS) != POLICY_ASK)
		return decide(session, message, POLICY_INHIBIT_SHORTCUTS);
	if (ask_is_granted(client, POLICY_INHIBIT_SHORTCUTS))
		return VERDICT_FORWARD;
	struct wish *wish = malloc(sizeof *wish);
	if (wish) {
		*wish = (struct wish){wire_target(message)->client_id, wire_object(message, SURFACE)->client_id,
			wire_object(message, SEAT)->client_id};
		object->data = wish;
		object->destroyed = handle_wish_destroyed;
		ask_start(client, POLICY_INHIBIT_SHORTCUTS, handle_granted, object->client_id);
	}
	client_deny(client, message, POLICY_INHIBIT_SHORTCUTS);
	return VERDICT_ANSWER;
}

static enum verdict handle_constrain(struct session *session, struct wire_message *message)
{
	return decide(session, message, POLICY_POINTER_LOCK);
}

static enum verdict handle_inhibit_idle(struct session *session, struct wire_message *message)
{
	return decide(session, message, POLICY_INHIBIT_IDLE);
}

static const struct hook hooks[] = {
	{"zwp_keyboard_shortcuts_inhibit_manager_v1", DIRECTION_REQUEST,
		ZWP_KEYBOARD_SHORTCUTS_INHIBIT_MANAGER_V1_REQUEST_INHIBIT_SHORTCUTS,						     handle_inhibit_shortcuts},
	{"zwp_pointer_constraints_v1",		       DIRECTION_REQUEST, ZWP_POINTER_CONSTRAINTS_V1_REQUEST_LOCK_POINTER,
		handle_constrain															      },
	{"zwp_pointer_constraints_v1",		       DIRECTION_REQUEST, ZWP_POINTER_CONSTRAINTS_V1_REQUEST_CONFINE_POINTER,
		handle_constrain															      },
	{"zwp_idle_inhibit_manager_v1",		DIRECTION_REQUEST, ZWP_IDLE_INHIBIT_MANAGER_V1_REQUEST_CREATE_INHIBITOR,
		handle_inhibit_idle															   },
};

const struct family family_inhibit = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
