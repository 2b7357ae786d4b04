/* xdg_wm_base: the name and the title of a window.
 *
 * - app_id is isolate.<project>.<app> from the moment the window exists, whatever the client sets, or if it never does.
 * - The title carries TitlePrefix and no character that acts on a line of text; at most MaxTitle bytes.
 * - Fullscreen=deny: set_fullscreen is answered by a configure event that says "not full screen", which is what a
 *   compositor that refuses does; unset_fullscreen asks for that event. */
#include "client.h"
#include "identity.h"

#include "protocol-opcodes.h"

enum { TITLE_MAX = 3072 }; // what fits into one message beside its header, with room to spare

static void send_title(struct object *toplevel, const struct policy *policy)
{
	char title[TITLE_MAX + 1];
	identity_title(policy, NULL, title, sizeof title);
	object_request(toplevel, XDG_TOPLEVEL_REQUEST_SET_TITLE, ARGS({.s = title}));
}

static void send_app_id(struct object *toplevel, const struct client *client)
{
	char app_id[IDENTITY_MAX + 1];
	identity_app_id(client_policy(client), client->app, app_id);
	object_request(toplevel, XDG_TOPLEVEL_REQUEST_SET_APP_ID, ARGS({.s = app_id}));
}

static enum verdict handle_get_toplevel(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	struct object *toplevel = wire_object(message, 0);
	wire_forward(message);
	if (toplevel->upstream_id == 0)
		return VERDICT_FORWARD;
	send_app_id(toplevel, client);
	send_title(toplevel, client_policy(client));
	return VERDICT_FORWARD;
}

static enum verdict handle_set_app_id(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	char app_id[IDENTITY_MAX + 1];
	client_set_app(client, wire_string(message, 0));
	identity_app_id(client_policy(client), wire_string(message, 0), app_id);
	wire_set_string(message, 0, app_id);
	return VERDICT_FORWARD;
}

static enum verdict handle_set_title(struct session *session, struct wire_message *message)
{
	char title[TITLE_MAX + 1];
	identity_title(client_policy(client_of(session)), wire_string(message, 0), title, sizeof title);
	wire_set_string(message, 0, title);
	return VERDICT_FORWARD;
}

static enum verdict handle_set_fullscreen(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	if (client_answer(client, POLICY_FULLSCREEN) == POLICY_ALLOW)
		return VERDICT_FORWARD;
	client_deny(client, message, POLICY_FULLSCREEN);
	object_request(wire_target(message), XDG_TOPLEVEL_REQUEST_UNSET_FULLSCREEN, NO_ARGS);
	return VERDICT_ANSWER;
}

static const struct hook hooks[] = {
	{"xdg_surface",	DIRECTION_REQUEST, XDG_SURFACE_REQUEST_GET_TOPLEVEL,    handle_get_toplevel	},
	{"xdg_toplevel", DIRECTION_REQUEST, XDG_TOPLEVEL_REQUEST_SET_APP_ID,     handle_set_app_id    },
	{"xdg_toplevel", DIRECTION_REQUEST, XDG_TOPLEVEL_REQUEST_SET_TITLE,	    handle_set_title	    },
	{"xdg_toplevel", DIRECTION_REQUEST, XDG_TOPLEVEL_REQUEST_SET_FULLSCREEN, handle_set_fullscreen},
};

const struct family family_toplevel = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
