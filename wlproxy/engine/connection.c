#include "connection.h"

#include "fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void connection_init(struct connection *connection, struct session *session, int fd)
{
	*connection = (struct connection){.fd = fd, .session = session};
}

static void drop_queue(struct connection *connection)
{
	for (uint32_t i = connection->queue_fds_first; i < connection->queue_fds_end; i++)
		close(connection->queue_fds[i].fd);
	free(connection->queue);
	free(connection->queue_fds);
	connection->queue = NULL;
	connection->queue_fds = NULL;
	connection->queue_start = connection->queue_end = connection->queue_capacity = 0;
	connection->queue_fds_first = connection->queue_fds_end = connection->queue_fds_capacity = 0;
}

static void drop_batch(struct batch *batch)
{
	for (unsigned i = 0; i < batch->n_fds; i++)
		close(batch->fds[i]);
	batch->n_spans = batch->n_fds = 0;
	batch->size = batch->side_used = 0;
	batch->span = batch->span_end;
}

void connection_finish(struct connection *connection)
{
	if (connection->batch)
		drop_batch(connection->batch);
	drop_queue(connection);
	for (uint32_t i = connection->fds_first; i < connection->fds_end; i++)
		close(connection->fds[i]);
	free(connection->fds);
	free(connection->partial);
	connection->fds = NULL;
	connection->partial = NULL;
	connection->fds_first = connection->fds_end = connection->fds_capacity = 0;
	connection->partial_size = connection->partial_capacity = 0;
	fd_closep(&connection->fd);
}

/* Receiving ------------------------------------------------------------------------------------------------------ */

static int push_fd(struct connection *connection, int fd)
{
	uint32_t waiting = connection_count_fds(connection);
	if (connection->fds_end == connection->fds_capacity && connection->fds_first > waiting) {
		// A peer that keeps one ahead all the time never lets it become empty.
		memcpy(connection->fds, connection->fds + connection->fds_first, waiting * sizeof *connection->fds);
		connection->fds_first = 0;
		connection->fds_end = waiting;
	}
	if (connection->fds_end == connection->fds_capacity) {
		uint32_t capacity = connection->fds_capacity ? connection->fds_capacity * 2 : 8;
		int *fds = reallocarray(connection->fds, capacity, sizeof *fds);
		if (!fds)
			return -1;
		connection->fds = fds;
		connection->fds_capacity = capacity;
	}
	connection->fds[connection->fds_end++] = fd;
	return 0;
}

/* Queues every descriptor; when one cannot be queued the rest is closed, since none may be skipped. */
static int push_fds(struct connection *connection, struct msghdr *msg)
{
	int result = 0;
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof fd, sizeof fd);
			if (result == 0)
				result = push_fd(connection, fd);
			if (result < 0)
				close(fd);
		}
	}
	if (result < 0)
		return -1;
	if (msg->msg_flags & MSG_CTRUNC) {
		errno = EMFILE;
		return -1;
	}
	if (connection_count_fds(connection) > WAITING_FDS_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	return 0;
}

ssize_t connection_read(struct connection *connection, uint8_t *buffer, bool *more)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(READ_FDS * sizeof(int))];
	} control;
	struct iovec iov = {buffer, READ_SIZE};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space,
	};
	ssize_t n;
	do
		n = recvmsg(connection->fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	// A read ends where descriptors are.
	*more = connection->ending || n == READ_SIZE || msg.msg_controllen > 0;
	if (n >= 0 && msg.msg_controllen > 0 && push_fds(connection, &msg) < 0)
		return -1;
	return n;
}

int connection_take_fd(struct connection *connection)
{
	int fd = connection->fds[connection->fds_first++];
	if (connection->fds_first == connection->fds_end) {
		connection->fds_first = connection->fds_end = 0;
		if (connection->fds_capacity > 64) {
			free(connection->fds);
			connection->fds = NULL;
			connection->fds_capacity = 0;
		}
	}
	return fd;
}

int connection_keep_partial(struct connection *connection, const uint8_t *data, size_t size)
{
	if (size > connection->partial_capacity) {
		uint8_t *partial = realloc(connection->partial, size);
		if (!partial)
			return -1;
		connection->partial = partial;
		connection->partial_capacity = (uint32_t)size;
	}
	memcpy(connection->partial, data, size);
	connection->partial_size = (uint32_t)size;
	return 0;
}

size_t connection_restore_partial(struct connection *connection, uint8_t *buffer)
{
	size_t size = connection->partial_size;
	if (size == 0)
		return 0;
	memcpy(buffer, connection->partial, size);
	connection->partial_size = 0;
	if (connection->partial_capacity > 4096) {
		free(connection->partial);
		connection->partial = NULL;
		connection->partial_capacity = 0;
	}
	return size;
}

/* Sending -------------------------------------------------------------------------------------------------------- */

/* A control message for up to WRITE_FDS descriptors. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(WRITE_FDS * sizeof(int))];
};

static void attach_fds(struct msghdr *msg, union control *control, const int *fds, unsigned n_fds)
{
	if (n_fds == 0)
		return;
	msg->msg_control = control->space;
	msg->msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
	control->header.cmsg_level = SOL_SOCKET;
	control->header.cmsg_type = SCM_RIGHTS;
	control->header.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
	memcpy(CMSG_DATA(&control->header), fds, n_fds * sizeof(int));
}

/* Returns the bytes that went out, with all descriptors when there are any; 0 when it must wait or nobody reads. */
static size_t send_some(struct connection *connection, struct iovec *iov, size_t n_iov, const int *fds, unsigned n_fds)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	union control control;
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = n_iov};
	attach_fds(&msg, &control, fds, n_fds);
	ssize_t n;
	do
		// Mostly one span and no descriptor: without a struct msghdr for the kernel to copy and to check.
		n = n_iov == 1 && n_fds == 0 ? send(connection->fd, iov->iov_base, iov->iov_len, flags)
					     : sendmsg(connection->fd, &msg, flags);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return (size_t)n;
	if (errno == EAGAIN)
		connection->blocked = true;
	else if (errno == ETOOMANYREFS || errno == ENOBUFS || errno == ENOMEM)
		connection->blocked = connection->crowded = true;
	else
		connection->broken = true;
	return 0;
}

static uint8_t *reserve_queue(struct connection *connection, size_t size)
{
	size_t used = connection_waiting(connection);
	if (connection->queue_capacity - connection->queue_end < size) {
		if (connection->queue_start > 0) {
			memmove(connection->queue, connection->queue + connection->queue_start, used);
			connection->queue_start = 0;
			connection->queue_end = used;
		}
		if (connection->queue_capacity - used < size) {
			size_t capacity = connection->queue_capacity ? connection->queue_capacity : 4096;
			while (capacity - used < size)
				capacity *= 2;
			uint8_t *queue = realloc(connection->queue, capacity);
			if (!queue)
				return NULL;
			connection->queue = queue;
			connection->queue_capacity = capacity;
		}
	}
	uint8_t *room = connection->queue + connection->queue_end;
	connection->queue_end += size;
	return room;
}

static int queue_fds(struct connection *connection, const int *fds, unsigned n_fds)
{
	uint32_t waiting = connection_waiting_fds(connection);
	if (connection->queue_fds_capacity - connection->queue_fds_end < n_fds) {
		struct waiting_fd *room = connection->queue_fds;
		if (waiting > 0)
			memmove(room, room + connection->queue_fds_first, waiting * sizeof *room);
		connection->queue_fds_first = 0;
		connection->queue_fds_end = waiting;
		if (connection->queue_fds_capacity - waiting < n_fds) {
			uint32_t capacity = (connection->queue_fds_capacity + n_fds) * 2;
			room = reallocarray(room, capacity, sizeof *room);
			if (!room)
				return -1;
			connection->queue_fds = room;
			connection->queue_fds_capacity = capacity;
		}
	}
	uint64_t offset = connection->sent + connection_waiting(connection);
	for (unsigned i = 0; i < n_fds; i++)
		connection->queue_fds[connection->queue_fds_end++] = (struct waiting_fd){fds[i], offset};
	return 0;
}

static void close_fds(const int *fds, unsigned n_fds)
{
	for (unsigned i = 0; i < n_fds; i++)
		close(fds[i]);
}

/* Moves the batch without its first done bytes to the queue. */
static void queue_batch(struct connection *connection, struct batch *batch, size_t done)
{
	if (queue_fds(connection, batch->fds, batch->n_fds) < 0) {
		connection->failed = true;
		return;
	}
	batch->n_fds = 0;
	for (unsigned i = 0; i < batch->n_spans; i++) {
		size_t size = batch->spans[i].iov_len, skip = done < size ? done : size;
		done -= skip;
		if (skip == size)
			continue;
		uint8_t *room = reserve_queue(connection, size - skip);
		if (!room) {
			connection->failed = true;
			return;
		}
		memcpy(room, (uint8_t *)batch->spans[i].iov_base + skip, size - skip);
	}
}

/* Sends the batch straight from where it lies; what the socket does not take goes to the queue. */
static void send_batch(struct connection *connection, struct batch *batch)
{
	size_t sent = 0;
	if (batch->size > 0 && connection->fd >= 0 && !connection->broken && !connection->failed) {
		if (connection_waiting(connection) == 0 && !connection->blocked) {
			sent = send_some(connection, batch->spans, batch->n_spans, batch->fds, batch->n_fds);
			if (sent > 0) {
				close_fds(batch->fds, batch->n_fds);
				batch->n_fds = 0;
				connection->sent += sent;
			}
		}
		if (sent < batch->size && !connection->broken)
			queue_batch(connection, batch, sent);
	}
	drop_batch(batch);
}

static void send_queue(struct connection *connection)
{
	while (connection_waiting(connection) > 0 && !connection->blocked && !connection->broken) {
		int fds[WRITE_FDS];
		unsigned n_fds = 0;
		uint32_t first = connection->queue_fds_first;
		while (n_fds < WRITE_FDS && first + n_fds < connection->queue_fds_end &&
			connection->queue_fds[first + n_fds].offset <= connection->sent) {
			fds[n_fds] = connection->queue_fds[first + n_fds].fd;
			n_fds++;
		}
		struct iovec iov = {connection->queue + connection->queue_start, connection_waiting(connection)};
		if (first + n_fds < connection->queue_fds_end) {
			uint64_t next = connection->queue_fds[first + n_fds].offset - connection->sent;
			if (next < iov.iov_len)
				iov.iov_len = next;
		}
		size_t n = send_some(connection, &iov, 1, fds, n_fds);
		if (n == 0)
			break;
		close_fds(fds, n_fds);
		connection->queue_fds_first += n_fds;
		connection->queue_start += n;
		connection->sent += n;
	}
	if (connection_waiting(connection) == 0 || connection->broken)
		drop_queue(connection);
}

static void add_span(struct connection *connection, uint8_t *data, size_t size)
{
	struct batch *batch = connection->batch;
	if (batch->n_spans > 0) {
		struct iovec *last = &batch->spans[batch->n_spans - 1];
		if ((uint8_t *)last->iov_base + last->iov_len == data) {
			last->iov_len += size;
			batch->size += size;
			return;
		}
	}
	batch->spans[batch->n_spans++] = (struct iovec){data, size};
	batch->size += size;
}

void connection_close_span(struct connection *connection)
{
	struct batch *batch = connection->batch;
	if (batch->span == batch->span_end)
		return;
	add_span(connection, batch->span, (size_t)(batch->span_end - batch->span));
	batch->span = batch->span_end;
	// Always room for two more: a composed message and the span after it.
	if (batch->n_spans > BATCH_SPANS - 2)
		send_batch(connection, batch);
}

void connection_flush(struct connection *connection)
{
	if (connection->batch) {
		connection_close_span(connection);
		send_batch(connection, connection->batch);
	}
	if (connection_waiting(connection) > 0)
		send_queue(connection);
}

void connection_add_fds(struct connection *connection, const int *fds, unsigned n_fds)
{
	struct batch *batch = connection->batch;
	if (n_fds == 0)
		return;
	// The descriptors of a batch go with its first byte; those of the message that begins now may not come later.
	if (batch->n_fds + n_fds > WRITE_FDS)
		connection_flush(connection);
	memcpy(batch->fds + batch->n_fds, fds, n_fds * sizeof *fds);
	batch->n_fds += n_fds;
}

/* A composed message amid a batch. */
static uint8_t *reserve_batch(struct connection *connection, size_t size, const int *fds, unsigned n_fds)
{
	struct batch *batch = connection->batch;
	connection_close_span(connection);
	if (batch->side_used + size > BATCH_SIDE || batch->n_spans > BATCH_SPANS - 2)
		send_batch(connection, batch);
	connection_add_fds(connection, fds, n_fds);
	uint8_t *room = batch->side + batch->side_used;
	batch->side_used += size;
	add_span(connection, room, size);
	return room;
}

uint8_t *connection_reserve(struct connection *connection, size_t size, const int *fds, unsigned n_fds)
{
	static uint8_t nowhere[COMPOSED_SIZE_MAX];
	if (connection->fd < 0 || connection->broken) {
		close_fds(fds, n_fds);
		return nowhere;
	}
	if (connection->batch)
		return reserve_batch(connection, size, fds, n_fds);
	if (queue_fds(connection, fds, n_fds) < 0) {
		close_fds(fds, n_fds);
		return NULL;
	}
	return reserve_queue(connection, size);
}
