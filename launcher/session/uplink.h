/* isolate-network: what connects a container with [Network] Mode=internet. The helper says when the network is there; the
 * container is not up before. When it dies, the network is gone and nothing takes its place. */
#pragma once

#include "client.h"
#include "session.h"

struct uplink_forward {
	guint16 port, inside;
	gboolean removed;
};

/* Starts the helper where the plan has such a network. FALSE with an error that says what this machine lacks. */
gboolean uplink_new(struct session *session, GError **error);

/* Hands it the container that is being started. */
gboolean uplink_attach(struct session *session, GError **error);

/* Takes NULL, like those below: a container without is ready. */
gboolean uplink_is_ready(const struct uplink *uplink);
void uplink_free(struct uplink *uplink);

/* Adds "online" b and "forwards" as. */
void uplink_status(const struct uplink *uplink, GVariantDict *body);

/* Answers the client with Done or Error, later. */
gboolean uplink_forward(struct session *session, struct client *client, guint32 serial,
	const struct uplink_forward *forward, GError **error);
void uplink_forget_client(struct uplink *uplink, const struct client *client);
