/* The container's processes as the session sees them: the engine's child, and init behind its socket. */
#pragma once

#include "session.h"

#include "init-protocol.h"

/* Starts the engine. session_up() follows, or session_down() with session->failure. */
gboolean container_start(struct session *session, GError **error);

/* Sends a request to init; fds stay the caller's. */
gboolean container_send(
	struct session *session, const struct init_request *request, const int *fds, size_t n_fds, GError **error);

/* TRUE when nobody has init's end of the socket. */
gboolean container_is_gone(const struct session *session);

/* The container cannot be what it should be: error, which is taken, is what everybody is told. */
void container_fail(struct session *session, GError *error);

/* Up, once init has said hello and the network is there. */
void container_ready(struct session *session);

/* The end of everything inside, now. session_down() follows. */
void container_kill(struct session *session);
