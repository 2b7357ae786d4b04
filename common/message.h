/* Our own messages between processes of isolate: one GVariant of type (usv) a datagram of a SOCK_SEQPACKET socket:
 * serial, name, body. A reply carries the serial of its request; what nobody asked for has serial 0.
 * A message that is larger than MESSAGE_INLINE_MAX travels in a sealed memory file. No GIO here: a join must be quick.
 * The messages themselves are documented in docs/control-protocol.md. */
#pragma once

#include "fd.h"

#include <glib.h>

enum {
	MESSAGE_INLINE_MAX = 60 * 1024,
	MESSAGE_MAX = 4 * 1024 * 1024,
	MESSAGE_FDS_MAX = FD_PASS_MAX - 1,
};

struct message {
	guint32 serial;
	char *name;
	GVariant *body;
	int fds[MESSAGE_FDS_MAX]; // owned: message_clear() closes those that were not stolen (set to -1)
	size_t n_fds;
};

/* Sends; fds stay the caller's; a floating body is consumed. Never blocks: a full socket is an error (EAGAIN), since a
 * peer that does not read must not hold us, unless the socket is a blocking one. */
gboolean message_send(
	int socket, guint32 serial, const char *name, GVariant *body, const int *fds, size_t n_fds, GError **error);

/* Receives one message. Returns 1, 0 at end of file (also when the peer died), -1 with an error. A message that does
 * not parse is an error: the sender is not to be talked to any more. */
int message_recv(int socket, struct message *message, GError **error);

/* Descriptor i of the message, now the caller's; -1 when there is none. */
int message_take_fd(struct message *message, size_t i);

void message_clear(struct message *message);
#define automessage __attribute__((cleanup(message_clear))) struct message
