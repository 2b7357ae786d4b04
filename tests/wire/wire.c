#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { IN_SIZE = 128 * 1024 }; // a message may have 65,532 bytes

uint64_t wire_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int make_address(struct sockaddr_un *address, const char *path)
{
	memset(address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof address->sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address->sun_path, path);
	return 0;
}

int wire_connect(const char *path)
{
	struct sockaddr_un address;
	if (make_address(&address, path) < 0)
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

int wire_listen(const char *path)
{
	struct sockaddr_un address;
	if (make_address(&address, path) < 0)
		return -1;
	unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 128) < 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static void *need(void *memory)
{
	if (!memory) {
		perror("wire");
		abort();
	}
	return memory;
}

int wire_init(struct wire *wire, int fd)
{
	*wire = (struct wire){.fd = fd};
	wire->in = need(malloc(IN_SIZE));
	wire->in_fds = need(malloc(WIRE_FDS_MAX * sizeof *wire->in_fds));
	wire->out_size = 2 * WIRE_CHUNK;
	wire->out = need(malloc(wire->out_size));
	return 0;
}

void wire_finish(struct wire *wire)
{
	int fd;
	while ((fd = wire_take_fd(wire)) >= 0)
		close(fd);
	free(wire->in);
	free(wire->in_fds);
	free(wire->out);
	if (wire->fd >= 0)
		close(wire->fd);
	*wire = (struct wire){.fd = -1};
}

static void *reserve(struct wire *wire, size_t size)
{
	if (wire->out_end + size > wire->out_size) {
		size_t pending = wire_pending(wire);
		memmove(wire->out, wire->out + wire->out_start, pending);
		wire->out_start = 0;
		wire->out_end = pending;
		while (pending + size > wire->out_size) {
			wire->out_size *= 2;
			wire->out = need(realloc(wire->out, wire->out_size));
		}
	}
	void *room = wire->out + wire->out_end;
	wire->out_end += size;
	return room;
}

uint32_t *wire_put(struct wire *wire, uint32_t id, uint16_t opcode, size_t words)
{
	size_t size = WIRE_HEADER + 4 * words;
	uint32_t *message = reserve(wire, size);
	message[0] = id;
	message[1] = (uint32_t)size << 16 | opcode;
	return message + 2;
}

void wire_put_raw(struct wire *wire, const void *data, size_t size)
{
	memcpy(reserve(wire, size), data, size);
}

void wire_put_fd(struct wire *wire, int fd)
{
	while (wire->n_out_fds == WIRE_FDS_SEND) {
		if (wire_pending(wire) == 0)
			wire->n_out_fds = 0; // only a message that carries more than fits: what is lost is its own
		else if (wire_flush(wire) > 0)
			wire_wait(wire, POLLOUT, -1);
	}
	wire->out_fds[wire->n_out_fds++] = fd;
}

static size_t padded_words(size_t bytes)
{
	return (bytes + 3) / 4;
}

/* Appends a length and padded bytes to the words of a message being built. */
static size_t add_bytes(uint32_t *words, size_t used, const void *data, size_t size)
{
	words[used++] = (uint32_t)size;
	size_t padded = padded_words(size);
	if (padded > 0) {
		words[used + padded - 1] = 0;
		memcpy(words + used, data, size);
	}
	return used + padded;
}

void wire_send(struct wire *wire, uint32_t id, uint16_t opcode, const char *signature, ...)
{
	static uint32_t words[16384];
	size_t used = 0;
	va_list arguments;
	va_start(arguments, signature);
	for (const char *type = signature; *type; type++) {
		if (*type == 's') {
			const char *text = va_arg(arguments, const char *);
			used = add_bytes(words, used, text, text ? strlen(text) + 1 : 0);
		} else if (*type == 'a') {
			size_t size = va_arg(arguments, size_t);
			used = add_bytes(words, used, va_arg(arguments, const void *), size);
		} else if (*type == 'h') {
			wire_put_fd(wire, va_arg(arguments, int));
		} else {
			words[used++] = va_arg(arguments, uint32_t);
		}
	}
	va_end(arguments);
	memcpy(wire_put(wire, id, opcode, used), words, 4 * used);
}

static ssize_t send_some(int socket, const void *data, size_t size, const int *fds, size_t n_fds, int flags)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(WIRE_FDS_RECEIVE * sizeof(int))];
	} control;
	struct iovec vector = {.iov_base = (void *)data, .iov_len = size};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	if (n_fds > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		struct cmsghdr *header = &control.align;
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(header), fds, n_fds * sizeof(int));
	}
	ssize_t sent;
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL | flags);
	while (sent < 0 && errno == EINTR);
	return sent;
}

int wire_flush(struct wire *wire)
{
	while (wire->out_start < wire->out_end) {
		ssize_t sent = send_some(wire->fd, wire->out + wire->out_start, wire_pending(wire), wire->out_fds,
			wire->n_out_fds, MSG_DONTWAIT);
		if (sent < 0)
			return errno == EAGAIN || errno == ETOOMANYREFS ? 1 : -1;
		wire->n_out_fds = 0;
		wire->out_start += (size_t)sent;
	}
	wire->out_start = wire->out_end = 0;
	return 0;
}

int wire_sendmsg(int socket, const void *data, size_t size, const int *fds, size_t n_fds)
{
	ssize_t sent;
	while ((sent = send_some(socket, data, size, fds, n_fds, 0)) < 0 && errno == EAGAIN)
		poll(&(struct pollfd){.fd = socket, .events = POLLOUT}, 1, -1);
	if (sent < 0)
		return -1;
	return (size_t)sent == size ? 0 : wire_sendmsg(socket, (const char *)data + sent, size - (size_t)sent, NULL, 0);
}

static void keep_fds(struct wire *wire, struct msghdr *message)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(wire->in_fds + wire->in_fds_end, CMSG_DATA(header), n * sizeof(int));
		wire->in_fds_end += n;
	}
}

ssize_t wire_read(struct wire *wire)
{
	if (wire->in_start > 0) {
		memmove(wire->in, wire->in + wire->in_start, wire->in_end - wire->in_start);
		wire->in_end -= wire->in_start;
		wire->in_start = 0;
	}
	if (wire->in_fds_start > 0) {
		size_t n = wire->in_fds_end - wire->in_fds_start;
		memmove(wire->in_fds, wire->in_fds + wire->in_fds_start, n * sizeof(int));
		wire->in_fds_start = 0;
		wire->in_fds_end = n;
	}
	if (wire->in_fds_end + WIRE_FDS_RECEIVE > WIRE_FDS_MAX) {
		errno = EMFILE;
		return -1;
	}
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(WIRE_FDS_RECEIVE * sizeof(int))];
	} control;
	struct iovec vector = {.iov_base = wire->in + wire->in_end, .iov_len = IN_SIZE - wire->in_end};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	message.msg_control = control.bytes;
	message.msg_controllen = sizeof control.bytes;
	ssize_t received;
	do
		received = recvmsg(wire->fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (received < 0 && errno == EINTR);
	if (received < 0)
		return -1;
	if (message.msg_controllen > 0)
		keep_fds(wire, &message);
	wire->in_end += (size_t)received;
	return received;
}

bool wire_next(struct wire *wire, struct wire_message *message, bool *broken)
{
	*broken = false;
	size_t available = wire->in_end - wire->in_start;
	if (available < WIRE_HEADER)
		return false;
	const uint32_t *words = (const uint32_t *)(const void *)(wire->in + wire->in_start);
	size_t size = words[1] >> 16;
	if (size < WIRE_HEADER || size % 4 != 0) {
		*broken = true;
		return false;
	}
	if (size > available)
		return false;
	*message = (struct wire_message){
		.id = words[0], .opcode = words[1] & 0xffff, .size = (uint16_t)size, .args = words + 2};
	wire->in_start += size;
	return true;
}

int wire_take_fd(struct wire *wire)
{
	return wire->in_fds_start < wire->in_fds_end ? wire->in_fds[wire->in_fds_start++] : -1;
}

int wire_wait(const struct wire *wire, short events, int milliseconds)
{
	struct pollfd poll_fd = {.fd = wire->fd, .events = events};
	int n;
	do
		n = poll(&poll_fd, 1, milliseconds);
	while (n < 0 && errno == EINTR);
	return n > 0 ? poll_fd.revents : 0;
}
