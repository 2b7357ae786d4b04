/* What a session's replies and the files that it keeps hold, for printing. */
#pragma once

#include <glib.h>

/* A number of any of the types that the protocol has; 0 when it is missing. */
gint64 reply_number(GVariant *body, const char *key);
/* "" when it is missing; owned by body. */
const char *reply_text(GVariant *body, const char *key);

/* The body of the reply, or NULL: with an error, or without one where the project is known and does not run. */
GVariant *reply_ask(const char *project, const char *request, const char *reply, GError **error);

/* A moment of the past as local time, in new memory. */
char *reply_clock(gint64 microseconds);
