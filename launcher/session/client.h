/* A connection to the control socket. */
#pragma once

#include "session.h"

#include "message.h"

struct client {
	struct session *session;
	int socket;
	guint source;
	struct message *held; // a request that waits for the container to be up, and the reading with it
};

/* Somebody who will be answered later. */
struct client_wait {
	struct client *client;
	guint32 serial;
};

/* Takes whoever has connected. FALSE when there was no descriptor left for one who waits. */
gboolean client_accept_all(struct session *session);

/* The socket, which does not block, becomes the client's. */
void client_add(struct session *session, int socket);

/* Keeps a request, whose contents are taken, until the container is up; reads no further one before. */
void client_hold(struct client *client, struct message *message);
void client_resume_all(struct session *session);

/* Closes and forgets it. */
void client_drop(struct client *client);

/* A reply, or an event with serial 0. A client that does not read is dropped: not at once, but before the next request,
 * so that the caller's pointer stays good. fds stay the caller's. */
void client_send(struct client *client, guint32 serial, const char *name, GVariant *body, const int *fds, size_t n_fds);

/* An Error message with the error's text and exit status. */
void client_send_error(struct client *client, guint32 serial, const GError *error);
