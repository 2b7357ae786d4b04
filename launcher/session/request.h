/* The requests of docs/control-protocol.md. */
#pragma once

#include "client.h"

/* Carries one out, and answers it now or later. */
void request_serve(struct client *client, struct message *message);

/* run.c: the longest of them. Descriptors of the message are taken. */
gboolean request_run(struct client *client, struct message *message, GError **error);

/* Sets *value to what key holds, or leaves it alone when it is absent. FALSE with an error when it is of another type;
 * format is one of g_variant_get() that makes a copy. */
gboolean request_field(GVariant *body, const char *key, const char *format, gpointer value, GError **error);
