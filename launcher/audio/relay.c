#include "relay.h"

#include "fd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 64 * 1024, ERRORS_MAX = 16 };

/* Both directions are the same machine: collect what the filter has to see, then move or drop the rest of the packet. Plain
 * reads: descriptors that come along are closed by the kernel. */
struct flow {
	unsigned char head[FILTER_DESCRIPTOR + FILTER_WHOLE];
	size_t have, need; // of head
	size_t left;	   // of the packet, after its head
	bool drop;
	unsigned char out[ROOM];
	size_t start, size; // what of out is still to be written
};

struct relay {
	int client, server;
	struct filter filter;
	struct flow up, down;	     // to the server, to the client
	uint32_t errors[ERRORS_MAX]; // tags of what was denied, to be told between two packets
	size_t n_errors;
};

void *relay_open(int client, int server, const void *rights)
{
	struct relay *relay = calloc(1, sizeof *relay);
	if (!relay) {
		close(client);
		close(server);
		return NULL;
	}
	relay->client = client;
	relay->server = server;
	relay->filter.rights = *(const unsigned *)rights;
	relay->up.need = relay->down.need = FILTER_DESCRIPTOR;
	return relay;
}

void relay_close(void *data)
{
	struct relay *relay = data;
	close(relay->client);
	close(relay->server);
	free(relay);
}

static bool wants_input(const struct relay *relay, const struct flow *flow)
{
	bool told = flow != &relay->up || relay->n_errors < ERRORS_MAX;
	return flow->size == 0 && told;
}

void relay_poll(const void *data, struct pollfd *fds)
{
	const struct relay *relay = data;
	short client = (short)((wants_input(relay, &relay->up) ? POLLIN : 0) | (relay->down.size ? POLLOUT : 0));
	short server = (short)((wants_input(relay, &relay->down) ? POLLIN : 0) | (relay->up.size ? POLLOUT : 0));
	// One that has hung up and whose turn it is not would be told of again and again.
	fds[0] = (struct pollfd){.fd = client ? relay->client : -1, .events = client};
	fds[1] = (struct pollfd){.fd = server ? relay->server : -1, .events = server};
}

static void append(struct flow *flow, const void *data, size_t size)
{
	memcpy(flow->out + flow->start + flow->size, data, size);
	flow->size += size;
}

/* 1: something was written or there is nothing to write, 0: it would block, -1: the end. */
static int flush_out(struct flow *flow, int to)
{
	while (flow->size > 0) {
		ssize_t n = write(to, flow->out + flow->start, flow->size);
		if (n < 0)
			return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -1;
		flow->start += (size_t)n;
		flow->size -= (size_t)n;
	}
	flow->start = 0;
	return 1;
}

/* The head is complete: what becomes of its packet. */
static bool decide(struct relay *relay, struct flow *flow)
{
	uint32_t tag = 0;
	size_t need = flow == &relay->up ? filter_request_need(flow->head) : filter_answer_need(flow->head);
	if (need == 0)
		return false;
	if (flow->need < need) {
		flow->need = need;
		return true;
	}
	enum filter_verdict verdict = flow == &relay->up ? filter_request(&relay->filter, flow->head, &tag)
							 : filter_answer(&relay->filter, flow->head);
	if (verdict == FILTER_BREAK)
		return false;
	uint32_t length = (uint32_t)flow->head[0] << 24 | (uint32_t)flow->head[1] << 16 | (uint32_t)flow->head[2] << 8 |
			  flow->head[3];
	flow->left = length - (need - FILTER_DESCRIPTOR);
	flow->drop = verdict == FILTER_DENY;
	if (!flow->drop)
		append(flow, flow->head, need);
	else
		relay->errors[relay->n_errors++] = tag; // wants_input() saw to the room
	flow->have = 0;
	flow->need = FILTER_DESCRIPTOR;
	return true;
}

/* Reads once. 1: something came, 0: it would block, -1: the end. */
static int take_in(struct relay *relay, struct flow *flow, int from)
{
	unsigned char dropped[4096];
	bool head = flow->left == 0;
	void *to = head ? flow->head + flow->have : flow->drop ? dropped : flow->out + flow->start + flow->size;
	size_t room = head	   ? flow->need - flow->have
		      : flow->drop ? sizeof dropped
				   : sizeof flow->out - flow->start - flow->size;
	if (!head && room > flow->left)
		room = flow->left;
	ssize_t n = read(from, to, room);
	if (n < 0)
		return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -1;
	if (n == 0)
		return -1;
	if (!head) {
		flow->left -= (size_t)n;
		flow->size += flow->drop ? 0 : (size_t)n;
		return 1;
	}
	flow->have += (size_t)n;
	return flow->have < flow->need || decide(relay, flow) ? 1 : -1;
}

static void tell_errors(struct relay *relay)
{
	struct flow *flow = &relay->down;
	if (flow->left > 0 || flow->have > 0 || flow->size > 0)
		return; // in the middle of a packet
	for (size_t i = 0; i < relay->n_errors; i++) {
		unsigned char packet[FILTER_ERROR_SIZE];
		filter_error(packet, relay->errors[i]);
		append(flow, packet, sizeof packet);
	}
	relay->n_errors = 0;
}

static bool run(struct relay *relay, struct flow *flow, int from, int to)
{
	enum { TURNS = 64, SPARE = FILTER_DESCRIPTOR + FILTER_WHOLE };
	for (int turn = 0; turn < TURNS; turn++) {
		bool told = flow != &relay->up || relay->n_errors < ERRORS_MAX;
		int n = told && flow->size + SPARE < ROOM && flow->start == 0 ? take_in(relay, flow, from) : 0;
		if (n < 0) {
			flush_out(flow, to);
			return false;
		}
		if (n == 0)
			break;
	}
	return flush_out(flow, to) >= 0;
}

bool relay_work(void *data)
{
	struct relay *relay = data;
	if (flush_out(&relay->up, relay->server) < 0 || flush_out(&relay->down, relay->client) < 0)
		return false;
	if (!run(relay, &relay->up, relay->client, relay->server) ||
		!run(relay, &relay->down, relay->server, relay->client))
		return false;
	tell_errors(relay);
	return flush_out(&relay->down, relay->client) >= 0;
}
