/* xdg_activation_v1: who may come to the front (StealFocus).
 *
 * - activate with a token that the launcher handed to an application passes, once; so does one that came from elsewhere
 *   on the host, which the compositor judges.
 * - A client gets a token of the compositor while input to the project is recent, or under allow; what it does with it
 *   is then the compositor's to judge too. Otherwise, and when it asks too often, it gets a dummy at once, since programs
 *   wait for it, and activating with the dummy does nothing.
 * - The app_id that goes with a token is the one of the client's windows. */
#include "client.h"
#include "identity.h"

#include "protocol-opcodes.h"

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
	bool allowed = client_answer(client, POLICY_STEAL_FOCUS) == POLICY_ALLOW || seat_is_recent(client);
	if (is_slow_enough(client) && allowed)
		return VERDICT_FORWARD;
	client_deny(client, message, POLICY_STEAL_FOCUS);
	object_event(wire_target(message), XDG_ACTIVATION_TOKEN_V1_EVENT_DONE, ARGS({.s = dummy_token}));
	return VERDICT_ANSWER;
}

static enum verdict handle_activate(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	const char *token = wire_string(message, 0);
	if (g_hash_table_remove(client->filter->tokens, token) || strcmp(token, dummy_token) != 0)
		return VERDICT_FORWARD;
	client_deny(client, message, POLICY_STEAL_FOCUS);
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
};

const struct family family_activation = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
