#include "between.h"

#include "fd.h"
#include "must.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1 << 17, ROUNDS_MAX = 10000, RECORD_MAX = 64, SERVER_BIT = 1 << 7, FD_BIT = 1 << 6 };

struct run {
	const struct door *door;
	struct between *result;
	int ends[BETWEEN_ENDS];
	void *pair;
};

static int null_fd(void)
{
	static int fd = -1;
	if (fd < 0)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	MUST(fd >= 0);
	return fd;
}

static void make_pair(int *outer, int *inner)
{
	int fds[2];
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
	*outer = fds[0];
	*inner = fds[1];
}

static void drain(struct run *run)
{
	for (int i = 0; i < BETWEEN_ENDS; i++)
		for (;;) {
			struct between *result = run->result;
			int fds[FD_PASS_MAX];
			size_t n_fds = FD_PASS_MAX;
			ssize_t n = fd_recv(run->ends[i], result->got[i].data + result->got[i].size,
				ROOM - result->got[i].size, fds, &n_fds, MSG_DONTWAIT);
			if (n < 0)
				break;
			result->fds[i] += n_fds;
			while (n_fds > 0)
				close(fds[--n_fds]);
			if (n == 0)
				break;
			result->got[i].size += (size_t)n;
			MUST(result->got[i].size < ROOM);
		}
}

/* Until there is nothing left to do: who says that there is, and does nothing, would keep a processor busy. */
static void settle(struct run *run)
{
	struct pollfd fds[2];
	for (int round = 0; run->pair; round++) {
		MUST(round < ROUNDS_MAX);
		run->door->poll(run->pair, fds);
		if (poll(fds, 2, 0) <= 0)
			break;
		if (!run->door->work(run->pair)) {
			run->door->close(run->pair);
			run->pair = NULL;
		}
		drain(run);
	}
	drain(run);
}

static void send_some(struct run *run, int end, const void *data, size_t size, bool with_fd, size_t piece)
{
	for (size_t at = 0; at < size && run->pair;) {
		size_t part = size - at < piece ? size - at : piece;
		int fd = null_fd();
		// It may have been ended meanwhile.
		ssize_t n = fd_send(
			run->ends[end], (const uint8_t *)data + at, part, &fd, with_fd && at == 0, MSG_DONTWAIT);
		MUST(n == (ssize_t)part || errno == EPIPE || errno == ECONNRESET || errno == ETOOMANYREFS);
		MUST(run->result->sent[end].size + part <= ROOM);
		memcpy(run->result->sent[end].data + run->result->sent[end].size, (const uint8_t *)data + at, part);
		run->result->sent[end].size += part;
		at += part;
		settle(run);
	}
}

void between_run(struct between *between, const struct door *door, const char *before, size_t before_size,
	const uint8_t *data, size_t size, size_t piece)
{
	struct run run = {.door = door, .result = between};
	int inner[BETWEEN_ENDS];
	*between = (struct between){0};
	for (int i = 0; i < BETWEEN_ENDS; i++) {
		between->sent[i].data = malloc(ROOM);
		between->got[i].data = malloc(ROOM);
		MUST(between->sent[i].data && between->got[i].data);
		make_pair(&run.ends[i], &inner[i]);
	}
	run.pair = door->open(inner[BETWEEN_CLIENT], inner[BETWEEN_SERVER], door->data);
	MUST(run.pair);
	send_some(&run, BETWEEN_CLIENT, before, before_size, false, before_size);
	for (size_t at = 0; at < size && run.pair;) {
		uint8_t head = data[at++];
		size_t length = (size_t)(head & (RECORD_MAX - 1)) + 1;
		if (length > size - at)
			length = size - at;
		send_some(&run, head & SERVER_BIT ? BETWEEN_SERVER : BETWEEN_CLIENT, data + at, length, head & FD_BIT,
			piece);
		at += length;
	}
	between->alive = run.pair;
	if (run.pair)
		door->close(run.pair);
	drain(&run);
	for (int i = 0; i < BETWEEN_ENDS; i++)
		close(run.ends[i]);
}

void between_free(struct between *between)
{
	for (int i = 0; i < BETWEEN_ENDS; i++) {
		free(between->sent[i].data);
		free(between->got[i].data);
	}
}

void between_run_both(struct between *between, const struct door *door, const char *before, size_t before_size,
	const uint8_t *data, size_t size)
{
	struct between pieces;
	between_run(between, door, before, before_size, data, size, RECORD_MAX);
	between_run(&pieces, door, before, before_size, data, size, 16 + size % 37);
	MUST(between->alive == pieces.alive);
	for (int i = 0; i < BETWEEN_ENDS; i++) {
		size_t whole = between->got[i].size, part = pieces.got[i].size;
		MUST(memcmp(between->got[i].data, pieces.got[i].data, whole < part ? whole : part) == 0);
		MUST(!between->alive || (whole == part && between->fds[i] == pieces.fds[i]));
	}
	between_free(&pieces);
}
