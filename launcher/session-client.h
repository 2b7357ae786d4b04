/* The client's side of the control socket: docs/control-protocol.md. */
#pragma once

#include "message.h"

#include <glib.h>
#include <signal.h>

enum session_flags {
	SESSION_HOLD = 1 << 0,	 // a container that is started stays until an application has run in it
	SESSION_REVIEW = 1 << 1, // the gate asks even if nothing has changed
};

/* A connection to the project's session; -1 with an error, or without one when none is running. */
int session_connect(const char *project, GError **error);

/* The same; where there is none it is started, with the gate's questions on this terminal. *started may be NULL. */
int session_open(const char *project, unsigned flags, gboolean *started, GError **error);

/* The same in two steps, for who has something else to do while a session starts. Whatever comes between them, the second has
 * to be taken. */
struct session_opening {
	const char *project; // borrowed
	unsigned flags;
	int socket;    // -1: not connected
	int answers;   // of a session that was started, else -1
	pid_t pid;     // of that one
	GError *error; // why neither came about
	struct sigaction interrupt, quit;
};
void session_open_begin(struct session_opening *opening, const char *project, unsigned flags);
int session_open_end(struct session_opening *opening, gboolean *started, GError **error);

/* Waits for the reply to this serial and says whether it has this name; the events that come first are passed over. An Error
 * becomes error. *gone is set, without an error, when the session ended before it answered or is about to: the same can be
 * asked of the next one. gone may be NULL: then that is an error too. */
gboolean session_receive(
	int socket, guint32 serial, const char *name, struct message *reply, gboolean *gone, GError **error);

/* Sends one request to a project that must be running, and returns the body of the reply. NULL with an error. */
GVariant *session_ask(const char *project, const char *request, GVariant *body, const char *reply, GError **error);

/* An Error message as an error. */
void session_error(const struct message *message, GError **error);
