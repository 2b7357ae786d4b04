/* Whether xdg-dbus-proxy keeps what it promises, tried out on the session bus that is there. */
#pragma once

#include <gio/gio.h>

/* FALSE with an error that says what it lets through, or why it could not be tried. */
gboolean trial_run(GError **error);
