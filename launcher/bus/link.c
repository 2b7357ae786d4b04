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

struct link {
	int client, bus;
	const struct names *names;
	bool authenticated;
	struct input in;
	size_t left; // of a message's body, which is not looked at
	struct output up, down;
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
	link->client = client;
	link->bus = bus;
	link->names = names;
	return link;
}

void link_close(void *data)
{
	struct link *link = data;
	close_fds(link->in.fds, &link->in.n_fds);
	close_fds(link->up.fds, &link->up.n_fds);
	close_fds(link->down.fds, &link->down.n_fds);
	close(link->client);
	close(link->bus);
	free(link);
}

void link_poll(const void *data, struct pollfd *fds)
{
	const struct link *link = data;
	short client = (short)((link->up.size ? 0 : POLLIN) | (link->down.size ? POLLOUT : 0));
	short bus = (short)((link->down.size ? 0 : POLLIN) | (link->up.size ? POLLOUT : 0));
	fds[0] = (struct pollfd){.fd = client ? link->client : -1, .events = client};
	fds[1] = (struct pollfd){.fd = bus ? link->bus : -1, .events = bus};
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

static void pass(struct link *link, size_t size)
{
	memcpy(link->up.data, link->in.data + link->in.start, size);
	link->up.size = size;
	consume(&link->in, size);
}

/* Lines of text up to BEGIN. 1: something is to be sent, 0: more is needed, -1: the end. */
static int next_line(struct link *link)
{
	static const char begin[] = "BEGIN\r\n";
	const unsigned char *line = link->in.data + link->in.start;
	const unsigned char *end = memchr(line, '\n', link->in.size);
	if (!end)
		return link->in.size > LINE_MAX_BYTES ? -1 : 0;
	size_t size = (size_t)(end - line) + 1;
	link->authenticated = size == strlen(begin) && memcmp(line, begin, size) == 0;
	pass(link, size);
	return 1;
}

/* As above: the next message, or a piece of the body of the one before. */
static int next_message(struct link *link)
{
	struct input *in = &link->in;
	struct names_message message;
	const unsigned char *data = in->data + in->start;
	if (link->left > 0) {
		size_t size = in->size < link->left ? in->size : link->left;
		link->left -= size;
		pass(link, size);
		return size > 0;
	}
	if (in->size < NAMES_FIXED)
		return 0;
	size_t header = names_header_size(data);
	if (header == 0)
		return -1;
	if (in->size < header)
		return 0;
	if (!names_parse(data, &message) || message.fds > FD_PASS_MAX)
		return -1;
	if (in->size < message.keep)
		return 0;
	// They come with the first byte of their message, so they are here.
	if (in->n_fds < message.fds)
		return -1;
	link->up.size = names_rewrite(link->names, data, &message, link->up.data);
	memcpy(link->up.fds, in->fds, message.fds * sizeof(int));
	link->up.n_fds = message.fds;
	in->n_fds -= message.fds;
	memmove(in->fds, in->fds + message.fds, in->n_fds * sizeof(int));
	link->left = message.header + message.body - message.keep;
	consume(in, message.keep);
	return 1;
}

/* From the client: false at the end. */
static bool work_up(struct link *link)
{
	struct input *in = &link->in;
	enum { TURNS = 64 };
	for (int turn = 0; turn < TURNS; turn++) {
		int sent = send_out(&link->up, link->bus);
		if (sent <= 0)
			return sent == 0;
		int next = link->authenticated ? next_message(link) : next_line(link);
		if (next < 0)
			return false;
		if (next > 0)
			continue;
		memmove(in->data, in->data + in->start, in->size);
		in->start = 0;
		int n = receive(link->client, in->data + in->size, sizeof in->data - in->size, in->fds, &in->n_fds,
			sizeof in->fds / sizeof in->fds[0]);
		if (n <= 0)
			return n == 0;
		in->size += (size_t)n;
	}
	return true;
}

static bool work_down(struct link *link)
{
	struct output *down = &link->down;
	enum { TURNS = 64 };
	for (int turn = 0; turn < TURNS; turn++) {
		int sent = send_out(down, link->client);
		if (sent <= 0)
			return sent == 0;
		int n = receive(link->bus, down->data, sizeof down->data, down->fds, &down->n_fds, FD_PASS_MAX);
		if (n <= 0)
			return n == 0;
		down->size = (size_t)n;
	}
	return true;
}

bool link_work(void *data)
{
	struct link *link = data;
	return work_up(link) && work_down(link);
}
