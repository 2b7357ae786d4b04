/* How often a helper that ends by itself is started again: what ends at once each time would keep a processor busy. */
#pragma once

#include <glib.h>

struct restarts {
	gint64 since; // µs, monotonic
	guint count;
};

/* Counts one more; FALSE when there have been too many lately. */
gboolean restart_may(struct restarts *restarts);
