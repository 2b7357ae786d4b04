#include "link.h"

#include "fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 64 * 1024, LINE_MAX_BYTES = 16 * 1024 };

/* What is to be sent next, with descriptors that go with its first byte. */
struct output {
	unsigned char data[ROOM];
	size_t start, size;
	int fds[FD_PASS_MAX];
	size_t n_fds;
};

struct input {
	unsigned char data[ROOM];
	size_t start, size;
	int fds[2 * FD_PASS_MAX]; // of a message that is not complete, and of one read call
	size_t n_fds;
};

/* One direction of a connection. */
struct way {
	int from, to;
	enum names_way way;
	bool messages; // what comes next is no text any more
	struct input in;
	size_t left; // of a message's body, which is not looked at
	struct output out;
};

struct link {
	const struct names *names;
	struct way up, down;
};

static void close_fds(int *fds, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		close(fds[i]);
	*n = 0;
}

void *link_open(int client, int bus, const void *names)
{
	struct link *link = calloc(1, sizeof *link);
	if (!link) {
		close(client);
		close(bus);
		return NULL;
	}
	link->names = names;
	link->up.from = link->down.to = client;
	link->up.to = link->down.from = bus;
	link->up.way = NAMES_TO_BUS;
	link->down.way = NAMES_FROM_BUS;
	return link;
}

static void close_way(struct way *way)
{
	close_fds(way->in.fds, &way->in.n_fds);
	close_fds(way->out.fds, &way->out.n_fds);
	close(way->from);
}

void link_close(void *data)
{
	struct link *link = data;
	close_way(&link->up);
	close_way(&link->down);
	free(link);
}

void link_poll(const void *data, struct pollfd *fds)
{
	const struct link *link = data;
	const struct way *ways[] = {&link->up, &link->down};
	for (int i = 0; i < 2; i++) {
		short events = (short)((ways[i]->out.size ? 0 : POLLIN) | (ways[!i]->out.size ? POLLOUT : 0));
		fds[i] = (struct pollfd){.fd = events ? ways[i]->from : -1, .events = events};
	}
}

/* 1: all was sent, 0: it would block, -1: the end. */
static int send_out(struct output *output, int to)
{
	while (output->size > 0) {
		ssize_t n = fd_send(
			to, output->data + output->start, output->size, output->fds, output->n_fds, MSG_DONTWAIT);
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		close_fds(output->fds, &output->n_fds);
		output->start += (size_t)n;
		output->size -= (size_t)n;
	}
	output->start = 0;
	return 1;
}

/* How much came; 0: it would block, -1: the end, or more descriptors than there is room for. */
static int receive(int from, unsigned char *data, size_t room, int *fds, size_t *n_fds, size_t fds_max)
{
	size_t more = fds_max - *n_fds;
	ssize_t n = fd_recv(from, data, room, fds + *n_fds, &more, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	*n_fds += more;
	return n == 0 ? -1 : (int)n;
}

static void consume(struct input *in, size_t size)
{
	in->start += size;
	in->size -= size;
	if (in->size == 0)
		in->start = 0;
}

static void pass(struct way *way, size_t size)
{
	memcpy(way->out.data, way->in.data + way->in.start, size);
	way->out.size = size;
	consume(&way->in, size);
}

/* Lines of text: up to BEGIN, and the answers to them, before the first message, which no answer can be taken for. 1: something
 * is to be sent, 0: more is needed, -1: the end. */
static int next_line(struct link *link, struct way *way)
{
	static const char begin[] = "BEGIN\r\n";
	const unsigned char *line = way->in.data + way->in.start;
	const unsigned char *end = memchr(line, '\n', way->in.size);
	if (!end)
		return way->in.size > LINE_MAX_BYTES ? -1 : 0;
	size_t size = (size_t)(end - line) + 1;
	way->messages = way == &link->up && size == strlen(begin) && memcmp(line, begin, size) == 0;
	pass(way, size);
	return 1;
}

/* As above: the next message, or a piece of the body of the one before. */
static int next_message(const struct link *link, struct way *way)
{
	struct input *in = &way->in;
	struct names_message message;
	const unsigned char *data = in->data + in->start;
	if (way->left > 0) {
		size_t size = in->size < way->left ? in->size : way->left;
		way->left -= size;
		pass(way, size);
		return size > 0;
	}
	if (in->size < NAMES_FIXED)
		return 0;
	size_t header = names_header_size(data);
	if (header == 0)
		return -1;
	if (in->size < header)
		return 0;
	if (!names_parse(data, way->way, &message) || message.fds > FD_PASS_MAX)
		return -1;
	if (in->size < message.keep)
		return 0;
	// They come with the first byte of their message, so they are here.
	if (in->n_fds < message.fds)
		return -1;
	way->out.size = names_rewrite(link->names, data, &message, way->out.data);
	memcpy(way->out.fds, in->fds, message.fds * sizeof(int));
	way->out.n_fds = message.fds;
	in->n_fds -= message.fds;
	memmove(in->fds, in->fds + message.fds, in->n_fds * sizeof(int));
	way->left = message.header + message.body - message.keep;
	consume(in, message.keep);
	return 1;
}

static int next(struct link *link, struct way *way)
{
	const struct input *in = &way->in;
	if (way == &link->down && !way->messages && link->up.messages && in->size > 0)
		way->messages = in->data[in->start] == 'l' || in->data[in->start] == 'B';
	return way->messages ? next_message(link, way) : next_line(link, way);
}

/* False at the end. */
static bool work(struct link *link, struct way *way)
{
	struct input *in = &way->in;
	enum { TURNS = 64 };
	for (int turn = 0; turn < TURNS; turn++) {
		int sent = send_out(&way->out, way->to);
		if (sent <= 0)
			return sent == 0;
		int more = next(link, way);
		if (more < 0)
			return false;
		if (more > 0)
			continue;
		memmove(in->data, in->data + in->start, in->size);
		in->start = 0;
		int n = receive(way->from, in->data + in->size, sizeof in->data - in->size, in->fds, &in->n_fds,
			sizeof in->fds / sizeof in->fds[0]);
		if (n <= 0)
			return n == 0;
		in->size += (size_t)n;
	}
	return true;
}

bool link_work(void *data)
{
	struct link *link = data;
	return work(link, &link->up) && work(link, &link->down);
}
