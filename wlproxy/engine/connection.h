/* One end of a session: a stream socket with descriptors in order, read into a buffer that all share, written from that
 * very buffer. Only what a peer has not taken, or a message that is not whole yet, is kept per connection. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <wayland-util.h>

struct session;

enum {
	READ_SIZE = 64 * 1024,
	MESSAGE_SIZE_MAX = 65532, // what fits into the 16 bits of the header, aligned
	READ_FDS = 253,		  // SCM_MAX_FD: no datagram of the kernel carries more
	WRITE_FDS = 28,		  // libwayland's number, and what it has room for on receive
	WAITING_FDS_MAX = 1024,	  // received ahead of their messages; libwayland's number
	COMPOSED_SIZE_MAX = 4096, // libwayland's buffer: no message of ours is longer
	BATCH_SPANS = 64,
	BATCH_SIDE = 32 * 1024,
};

/* What is to be sent when the messages at hand are done: spans of the shared buffer and of side. The last
 * span is open: [span, span_end) of the shared buffer is not in the list yet. */
struct batch {
	uint8_t *span, *span_end;
	struct iovec spans[BATCH_SPANS];
	unsigned n_spans, n_fds;
	size_t size; // of the spans in the list
	int fds[WRITE_FDS];
	uint8_t *side; // composed and rewritten messages: BATCH_SIDE bytes
	size_t side_used;
};

struct waiting_fd {
	int fd;
	uint64_t offset; // in the stream: it goes with this byte or earlier
};

struct connection {
	int fd; // -1: closed; what is sent is thrown away
	struct session *session;
	uint32_t mask; // the events that are waited for, while it is watched
	bool watched;
	bool ending;  // the peer has hung up, but not everything is read
	bool unread;  // in the engine's list of what was left in the middle
	bool paused;  // not read, because the other end does not take what it has
	bool blocked; // the socket takes no more; wait until it is writable
	bool crowded; // blocked because the kernel is short of something: that ends unannounced
	bool hung_up; // while paused: not watched, since a hang-up cannot be masked
	bool broken;  // nobody will read again; still to be read to its end
	bool failed;  // memory was short and something was lost: the session must end
	struct wl_list unread_link;
	struct batch *batch; // while messages of its session are processed

	// received
	uint8_t *partial;
	uint32_t partial_size, partial_capacity;
	int *fds;
	uint32_t fds_first, fds_end, fds_capacity;

	// to be sent
	uint8_t *queue;
	size_t queue_start, queue_end, queue_capacity;
	uint64_t sent; // stream offset of queue_start
	struct waiting_fd *queue_fds;
	uint32_t queue_fds_first, queue_fds_end, queue_fds_capacity;
};

/* fd becomes the connection's. */
void connection_init(struct connection *connection, struct session *session, int fd);

/* Closes and frees everything; may be called again. It must not be watched any more. */
void connection_finish(struct connection *connection);

/* Reads what there is to buffer (READ_SIZE bytes) and queues its descriptors. Returns the bytes, 0 at end of file, -1
 * with errno: EAGAIN, EMFILE when descriptors were lost, EOVERFLOW when too many wait for a message, or the socket's.
 * *more: there may be more, which no event will tell. */
ssize_t connection_read(struct connection *connection, uint8_t *buffer, bool *more);

/* Descriptors that were received and belong to no message yet. */
static inline uint32_t connection_count_fds(const struct connection *connection)
{
	return connection->fds_end - connection->fds_first;
}
int connection_take_fd(struct connection *connection);

/* Puts the start of a message away until its rest comes; and back: returns its size. */
int connection_keep_partial(struct connection *connection, const uint8_t *data, size_t size);
size_t connection_restore_partial(struct connection *connection, uint8_t *buffer);

/* In a batch: closes the open span, so that something else can come after it. */
void connection_close_span(struct connection *connection);

/* In a batch: descriptors of the message that begins at span_end, which are the connection's from now on. */
void connection_add_fds(struct connection *connection, const int *fds, unsigned n_fds);

/* Room for a composed message of this size, at most COMPOSED_SIZE_MAX, with its descriptors, which are taken over. The
 * caller fills it at once. NULL: memory is short. For a closed connection it is room that goes nowhere. */
uint8_t *connection_reserve(struct connection *connection, size_t size, const int *fds, unsigned n_fds);

/* Sends what can be sent now; keeps the rest. */
void connection_flush(struct connection *connection);

/* In a batch. */
static inline bool connection_has_output(const struct connection *connection)
{
	const struct batch *batch = connection->batch;
	return batch->size > 0 || batch->span != batch->span_end || connection->queue_end != connection->queue_start;
}

static inline size_t connection_waiting(const struct connection *connection)
{
	return connection->queue_end - connection->queue_start;
}
static inline uint32_t connection_waiting_fds(const struct connection *connection)
{
	return connection->queue_fds_end - connection->queue_fds_first;
}
