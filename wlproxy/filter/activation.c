/* xdg_activation_v1: who may come to the front (StealFocus).
 *
 * - activate with a token that the launcher handed to an application passes, once; so does one that came from elsewhere
 *   on the host, which the compositor judges.
 * - A client gets a token of the compositor while input to the project is recent, or under allow; what it does with it
 *   is then the compositor's to judge too. Otherwise, and when it asks too often, it gets a dummy at once, since programs
 *   wait for it, and activating with the dummy does nothing.
 * - Under ask, activating with the dummy asks a person; on yes a token of ours is fetched and used for the surface.
 * - The app_id that goes with a token is the one of the client's windows. */
#include "client.h"
#include "identity.h"

#include "protocol-opcodes.h"

#include <stdlib.h>
#include <string.h>

enum { TOKENS_PER_SECOND = 10 };

static const char dummy_token[] = "isolate-refused";

/* Counts one more; false when there were too many. */
static bool is_slow_enough(struct client *client)
{
	uint64_t now = seat_now_ms();
	if (now - client->tokens_since >= 1000) {
		client->tokens_since = now;
		client->n_tokens = 0;
	}
	return client->n_tokens++ < TOKENS_PER_SECOND;
}

static enum verdict handle_commit(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	bool allowed = client_answer(client, POLICY_STEAL_FOCUS) == POLICY_ALLOW || seat_is_recent(client) ||
		       ask_is_granted(client, POLICY_STEAL_FOCUS);
	if (is_slow_enough(client) && allowed)
		return VERDICT_FORWARD;
	client_deny(client, message, POLICY_STEAL_FOCUS);
	object_event(wire_target(message), XDG_ACTIVATION_TOKEN_V1_EVENT_DONE, ARGS({.s = dummy_token}));
	return VERDICT_ANSWER;
}

/* The data of a token of ours, which the client does not know. */
struct fetch {
	uint32_t activation, surface; // the client's ids
};

static void handle_fetch_destroyed(struct object *object)
{
	free(object->data);
}

static void handle_granted(struct client *client, uint32_t surface)
{
	struct object *activation = client_find(client, client->activation, "xdg_activation_v1");
	const struct interface *interface = engine_interface(client->filter->engine, "xdg_activation_token_v1");
	struct fetch *fetch = activation ? malloc(sizeof *fetch) : NULL;
	struct object *token = fetch ? object_create(client->session, interface, activation->version) : NULL;
	if (!token) {
		free(fetch);
		return;
	}
	*fetch = (struct fetch){client->activation, surface};
	token->data = fetch;
	token->destroyed = handle_fetch_destroyed;
	if (object_request(activation, XDG_ACTIVATION_V1_REQUEST_GET_ACTIVATION_TOKEN, ARGS({.o = token})) < 0)
		object_delete(token);
	else
		object_request(token, XDG_ACTIVATION_TOKEN_V1_REQUEST_COMMIT, NO_ARGS);
}

static enum verdict handle_done(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	struct object *token = wire_target(message);
	if (token->destroyed != handle_fetch_destroyed)
		return VERDICT_FORWARD;
	const struct fetch *fetch = token->data;
	struct object *activation = client_find(client, fetch->activation, "xdg_activation_v1");
	struct object *surface = client_find(client, fetch->surface, "wl_surface");
	if (activation && surface)
		object_request(activation, XDG_ACTIVATION_V1_REQUEST_ACTIVATE,
			ARGS({.s = wire_string(message, 0)}, {.o = surface}));
	object_request(token, XDG_ACTIVATION_TOKEN_V1_REQUEST_DESTROY, NO_ARGS);
	return VERDICT_ANSWER;
}

static enum verdict handle_activate(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	const char *token = wire_string(message, 0);
	if (g_hash_table_remove(client->filter->tokens, token) || strcmp(token, dummy_token) != 0)
		return VERDICT_FORWARD;
	client_deny(client, message, POLICY_STEAL_FOCUS);
	if (client_answer(client, POLICY_STEAL_FOCUS) == POLICY_ASK) {
		client->activation = wire_target(message)->client_id;
		ask_start(client, POLICY_STEAL_FOCUS, handle_granted, wire_object(message, 1)->client_id);
	}
	return VERDICT_ANSWER;
}

static enum verdict handle_set_app_id(struct session *session, struct wire_message *message)
{
	char app_id[IDENTITY_MAX + 1];
	identity_app_id(client_policy(client_of(session)), wire_string(message, 0), app_id);
	wire_set_string(message, 0, app_id);
	return VERDICT_FORWARD;
}

static const struct hook hooks[] = {
	{"xdg_activation_v1",	      DIRECTION_REQUEST, XDG_ACTIVATION_V1_REQUEST_ACTIVATE,	     handle_activate  },
	{"xdg_activation_token_v1", DIRECTION_REQUEST, XDG_ACTIVATION_TOKEN_V1_REQUEST_SET_APP_ID, handle_set_app_id},
	{"xdg_activation_token_v1", DIRECTION_REQUEST, XDG_ACTIVATION_TOKEN_V1_REQUEST_COMMIT,     handle_commit    },
	{"xdg_activation_token_v1", DIRECTION_EVENT,   XDG_ACTIVATION_TOKEN_V1_EVENT_DONE,	 handle_done	    },
};

const struct family family_activation = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
