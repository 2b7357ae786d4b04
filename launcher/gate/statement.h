/* What isolate says before it asks: the permissions of a plan in plain words, or what is new in them. Text only; every
 * part of it that a path or a name chose is sanitised. */
#pragma once

#include "approval.h"
#include "plan.h"

/* For a terminal: several lines, each ends with '\n'. approved may be NULL. running: the container
 * runs, and is to be allowed more. */
char *statement_for_terminal(const struct plan *plan, const struct approval *approved, gboolean running);

/* For a notification, plain text, a few lines at most: the rest is what "Review" is for. */
char *statement_summary(const struct plan *plan, gboolean running);
char *statement_body(const struct plan *plan, const struct approval *approved);

/* One permission in plain words. free() with g_free. */
char *statement_permission(const char *permission);
