/* zwp_keyboard_shortcuts_inhibit_manager_v1 (InhibitShortcuts), zwp_pointer_constraints_v1 (PointerLock),
 * zwp_idle_inhibit_manager_v1 (InhibitIdle).
 *
 * A refused request makes an object of the client's side alone, which never becomes active: to the client it is a
 * compositor that does not feel like it now, which all of these protocols allow for, so the client goes on. */
#include "client.h"

#include "protocol-opcodes.h"

static enum verdict decide(struct session *session, struct wire_message *message, enum policy_key key)
{
	struct client *client = client_of(session);
	if (client_answer(client, key) == POLICY_ALLOW)
		return VERDICT_FORWARD;
	client_deny(client, message, key);
	return VERDICT_ANSWER;
}

static enum verdict handle_inhibit_shortcuts(struct session *session, struct wire_message *message)
{
	return decide(session, message, POLICY_INHIBIT_SHORTCUTS);
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
