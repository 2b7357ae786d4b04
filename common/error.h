/* Errors of the launcher, session, helper and desktop code: a GError whose message is one line that says what, where
 * and what to do, built from the outermost part to the cause with g_prefix_error(). */
#pragma once

#include <glib.h>

#define ISOLATE_ERROR (isolate_error_quark())
GQuark isolate_error_quark(void);

/* The codes are the exit statuses that follow from them, as env(1) and container tools have it. */
enum isolate_error {
	ISOLATE_ERROR_FAILED = 125,
	ISOLATE_ERROR_NOT_EXECUTABLE = 126,
	ISOLATE_ERROR_NOT_FOUND = 127,
};

/* Sets an ISOLATE_ERROR_FAILED. Returns false, so that a caller can return it. */
gboolean error_set(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same, with ": " and the text of this errno at its end. */
gboolean error_set_errno(GError **error, int number, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The exit status for an error: its code when it is ours, else 125. */
int error_exit_status(const GError *error);
