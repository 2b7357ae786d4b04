/* The raw Wayland wire: a buffered connection that knows no interface. Tests and benchmarks speak it where libwayland
 * would refuse to say what they want to say, or would cost more than what is measured.
 * https://wayland.freedesktop.org/docs/html/ch04.html#sect-Protocol-Wire-Format
 * Functions return -1 and set errno on failure unless they say otherwise. Sizes are in bytes. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	WIRE_HEADER = 8,
	WIRE_CHUNK = 4096,	     // libwayland sends when this much is waiting
	WIRE_FDS_SEND = 28,	     // what libwayland sends at most with one sendmsg
	WIRE_FDS_RECEIVE = 253,	     // SCM_MAX_FD: what the kernel can hand over with one recvmsg
	WIRE_FDS_MAX = 1024,	     // received and not yet taken
	WIRE_SERVER_ID = 0xff000000, // the first id of the server's range
	WIRE_DISPLAY = 1,
};

struct wire {
	int fd; // owned, non-blocking
	uint8_t *in;
	size_t in_start, in_end;
	int *in_fds; // owned until taken
	size_t in_fds_start, in_fds_end;
	uint8_t *out;
	size_t out_start, out_end, out_size;
	int out_fds[WIRE_FDS_SEND]; // the caller's, who keeps them open until they are sent
	size_t n_out_fds;
};

struct wire_message {
	uint32_t id;
	uint16_t opcode;
	uint16_t size;	      // with the header
	const uint32_t *args; // into the buffer, valid until the next wire_read()
};

int wire_connect(const char *path);
/* Removes what is at path first. */
int wire_listen(const char *path);

/* Takes the descriptor. */
int wire_init(struct wire *wire, int fd);
void wire_finish(struct wire *wire);

/* Room for a message of this many argument words, header written; the caller fills the words before the next call.
 * Never NULL: a test that has no memory aborts. */
uint32_t *wire_put(struct wire *wire, uint32_t id, uint16_t opcode, size_t words);
/* Any bytes, right or wrong. */
void wire_put_raw(struct wire *wire, const void *data, size_t size);
/* A descriptor for what is put next; sends what is waiting when there is no more room for descriptors. */
void wire_put_fd(struct wire *wire, int fd);
/* One message from a signature as wayland-scanner writes it, without digits: i u f o n take uint32_t, s a string or
 * NULL, a a size_t and a pointer, h an int. */
void wire_send(struct wire *wire, uint32_t id, uint16_t opcode, const char *signature, ...);

static inline size_t wire_pending(const struct wire *wire)
{
	return wire->out_end - wire->out_start;
}

/* Sends until nothing is left (0), the socket is full (1) or fails (-1). */
int wire_flush(struct wire *wire);
/* One sendmsg of exactly this, waiting while the socket is full. */
int wire_sendmsg(int socket, const void *data, size_t size, const int *fds, size_t n_fds);

/* One recvmsg: bytes received, 0 at end of file, -1 with EAGAIN when there is nothing. */
ssize_t wire_read(struct wire *wire);
/* The next whole message of those read. A header with an impossible size is fatal: *broken is set. */
bool wire_next(struct wire *wire, struct wire_message *message, bool *broken);
/* The oldest descriptor received and not taken, now the caller's; -1 when there is none. */
int wire_take_fd(struct wire *wire);

/* Polls the socket; negative is for ever. Returns revents, 0 when the time is over. */
int wire_wait(const struct wire *wire, short events, int milliseconds);

uint64_t wire_now(void); // CLOCK_MONOTONIC, ns
