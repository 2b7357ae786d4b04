/* isolate-wlproxy, one for the project, and the sockets inside that lead to it: one for each compositor that a run request
 * brings, since a person may log in again, or have two. */
#pragma once

#include "client.h"

/* Nothing is started before the first compositor is known, unless this process has one in its environment. NULL without
 * [Display] Wayland. */
struct display *display_new(struct session *session);
void display_free(struct display *display);

/* Makes the compositor at this path (NULL: none is known) reachable and sets *wayland to what WAYLAND_DISPLAY is inside.
 * Where there is none that is an error if the application must have one; else *wayland stays NULL, and *warning tells of a
 * path at which nobody listens. token may be NULL. */
gboolean display_for_run(struct session *session, const char *compositor, const char *token, gboolean must,
	char **wayland, char **warning, GError **error);

/* What the proxy is told now: the plan's, with what was changed since. */
GVariant *display_policy(const struct display *display);

/* Tells the proxy, and the client with this reply, taken over, once that has taken it; with an Error when not. */
gboolean display_set_policy(struct display *display, GVariant *policy, const struct client_wait *wait, const char *name,
	GVariant *reply, GError **error);

/* Passes a Move request on, and what the proxy answers back. */
gboolean display_move(struct display *display, GVariant *body, const struct client_wait *wait, GError **error);

/* The connection is gone: nobody waits for an answer. */
void display_forget_client(struct display *display, const struct client *client);
