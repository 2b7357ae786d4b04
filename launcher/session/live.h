/* The requests about the display of a container that runs: Policy, SetPolicy, Move of docs/control-protocol.md. */
#pragma once

#include "client.h"

gboolean live_policy(struct client *client, struct message *message, GError **error);
gboolean live_set_policy(struct client *client, struct message *message, GError **error);
gboolean live_move(struct client *client, struct message *message, GError **error);
