/* bench-relay --listen PATH --upstream PATH [--ready-fd N]: forwards bytes and descriptors and parses nothing. What it
 * costs is the least that any proxy in a process of its own can cost: one epoll_wait, one recvmsg and one sendmsg for
 * what one side sent at once. */
#include "wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024 };

struct end {
	struct pair *pair;
	struct end *peer;
	int fd;
	uint32_t events;
	/* Read here and not yet sent to the peer. */
	size_t start, end;
	int fds[WIRE_FDS_RECEIVE];
	size_t n_fds;
	char *bytes; // only while some wait
};

struct pair {
	struct end ends[2];
	struct pair *next_dead;
	bool dead;
};

static int epoll;
static struct pair *dead_pairs;

/* The pair may still be in the list of events being handled. */
static void pair_kill(struct pair *pair)
{
	if (pair->dead)
		return;
	pair->dead = true;
	pair->next_dead = dead_pairs;
	dead_pairs = pair;
}

static void close_fds(struct end *end)
{
	for (size_t i = 0; i < end->n_fds; i++)
		close(end->fds[i]);
	end->n_fds = 0;
}

static void free_dead(void)
{
	while (dead_pairs) {
		struct pair *pair = dead_pairs;
		dead_pairs = pair->next_dead;
		for (int i = 0; i < 2; i++) {
			close_fds(&pair->ends[i]);
			close(pair->ends[i].fd);
			free(pair->ends[i].bytes);
		}
		free(pair);
	}
}

static void watch(struct end *end, uint32_t events)
{
	if (end->events == events)
		return;
	end->events = events;
	struct epoll_event event = {.events = events, .data.ptr = end};
	epoll_ctl(epoll, EPOLL_CTL_MOD, end->fd, &event);
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(WIRE_FDS_RECEIVE * sizeof(int))];
};

static ssize_t receive(struct end *end, char *buffer)
{
	union control control;
	struct iovec vector = {.iov_base = buffer, .iov_len = BUFFER};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	message.msg_control = control.bytes;
	message.msg_controllen = sizeof control.bytes;
	ssize_t n = recvmsg(end->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n <= 0)
		return n;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		size_t size = header->cmsg_len - CMSG_LEN(0);
		memcpy(end->fds + end->n_fds, CMSG_DATA(header), size);
		end->n_fds += size / sizeof(int);
	}
	return n;
}

/* Sends with the descriptors, which travel with the first byte. */
static ssize_t send_on(struct end *end, const char *data, size_t size)
{
	union control control;
	struct iovec vector = {.iov_base = (char *)data, .iov_len = size};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	if (end->n_fds > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(end->n_fds * sizeof(int));
		struct cmsghdr *header = &control.align;
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(end->n_fds * sizeof(int));
		memcpy(CMSG_DATA(header), end->fds, end->n_fds * sizeof(int));
	}
	ssize_t n = sendmsg(end->peer->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		close_fds(end);
	else if (errno == EAGAIN || errno == ETOOMANYREFS)
		return 0;
	return n;
}

/* While bytes wait for the peer, this side is not read. */
static void wait_for_peer(struct end *end, bool wait)
{
	watch(end, (end->events & EPOLLOUT) | (wait ? 0 : EPOLLIN));
	watch(end->peer, (end->peer->events & EPOLLIN) | (wait ? EPOLLOUT : 0));
}

static void forward(struct end *end)
{
	static char buffer[BUFFER];
	ssize_t received = receive(end, buffer);
	if (received < 0 && errno == EAGAIN)
		return;
	if (received <= 0) {
		pair_kill(end->pair);
		return;
	}
	ssize_t sent = send_on(end, buffer, (size_t)received);
	if (sent < 0) {
		pair_kill(end->pair);
	} else if (sent < received) {
		end->start = 0;
		end->end = (size_t)(received - sent);
		end->bytes = malloc(BUFFER);
		if (!end->bytes)
			abort();
		memcpy(end->bytes, buffer + sent, end->end);
		wait_for_peer(end, true);
	}
}

static void forward_rest(struct end *end)
{
	ssize_t sent = send_on(end, end->bytes + end->start, end->end - end->start);
	if (sent < 0) {
		pair_kill(end->pair);
		return;
	}
	end->start += (size_t)sent;
	if (end->start == end->end) {
		free(end->bytes);
		end->bytes = NULL;
		wait_for_peer(end, false);
	}
}

static void accept_client(int listen_fd, const char *upstream)
{
	int client = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0)
		return;
	int server = wire_connect(upstream);
	if (server < 0) {
		close(client);
		return;
	}
	struct pair *pair = calloc(1, sizeof *pair);
	if (!pair)
		abort();
	pair->ends[0].fd = client;
	pair->ends[1].fd = server;
	for (int i = 0; i < 2; i++) {
		struct end *end = &pair->ends[i];
		end->pair = pair;
		end->peer = &pair->ends[1 - i];
		end->events = EPOLLIN;
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
		epoll_ctl(epoll, EPOLL_CTL_ADD, end->fd, &event);
	}
}

static void serve(int listen_fd, const char *upstream)
{
	struct epoll_event listen_event = {.events = EPOLLIN, .data.ptr = NULL};
	epoll_ctl(epoll, EPOLL_CTL_ADD, listen_fd, &listen_event);
	for (;;) {
		struct epoll_event events[32];
		int n = epoll_wait(epoll, events, 32, -1);
		for (int i = 0; i < n; i++) {
			struct end *end = events[i].data.ptr;
			if (!end) {
				accept_client(listen_fd, upstream);
				continue;
			}
			if (!end->pair->dead && end->peer->bytes && events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
				forward_rest(end->peer);
			if (!end->pair->dead && !end->bytes && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
				forward(end);
			else if (!end->pair->dead && events[i].events & EPOLLERR)
				pair_kill(end->pair);
		}
		free_dead();
	}
}

int main(int argc, char *argv[])
{
	const char *listen_path = NULL, *upstream = NULL;
	int ready_fd = -1;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--listen") == 0)
			listen_path = argv[i + 1];
		else if (strcmp(argv[i], "--upstream") == 0)
			upstream = argv[i + 1];
		else if (strcmp(argv[i], "--ready-fd") == 0)
			ready_fd = atoi(argv[i + 1]);
	}
	if (!listen_path || !upstream) {
		fprintf(stderr, "usage: bench-relay --listen PATH --upstream PATH [--ready-fd N]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	epoll = epoll_create1(EPOLL_CLOEXEC);
	int listen_fd = wire_listen(listen_path);
	if (epoll < 0 || listen_fd < 0) {
		perror(listen_path);
		return 1;
	}
	if (ready_fd >= 0) {
		if (write(ready_fd, "\n", 1) < 0)
			return 1;
		close(ready_fd);
	}
	serve(listen_fd, upstream);
}
