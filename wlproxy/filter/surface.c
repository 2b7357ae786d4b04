/* wl_compositor: surfaces are passed as they are, and counted (MaxSurfaces). */
#include "client.h"

#include "protocol-opcodes.h"

static void handle_destroyed(struct object *object)
{
	struct client *client = client_of(object->session);
	client->surfaces--;
	seat_forget_surface(client, object);
}

static enum verdict handle_create_surface(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	if (client->surfaces >= client_policy(client)->limits[POLICY_MAX_SURFACES])
		return client_limit(client, message, POLICY_MAX_SURFACES);
	client->surfaces++;
	wire_object(message, 0)->destroyed = handle_destroyed;
	return VERDICT_FORWARD;
}

static const struct hook hooks[] = {
	{"wl_compositor", DIRECTION_REQUEST, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, handle_create_surface},
};

const struct family family_surface = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
