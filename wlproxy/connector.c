#include "connector.h"

#include "connector-child.h"
#include "fd.h"
#include "log.h"
#include "sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <wayland-server-core.h>

struct pending {
	struct wl_list link; // connector::pending
	uint32_t number;
	connect_done done;
	void *data;
};

struct connector {
	int fd;
	struct wl_event_source *source;
	struct wl_list pending; // pending::link
	uint32_t last;
};

enum { LAST_ANSWER_S = 3 };

static void run_child(int socket, const char *listen_path)
{
	struct sandbox sandbox;
	prctl(PR_SET_NAME, "wlproxy-connect");
	// It ends when we close the socket: a signal meant for us must not take it first.
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (dup2(socket, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(125);
	fd_close_from(STDERR_FILENO + 1, 0);
	fd_set_cloexec(STDIN_FILENO, true);
	if (sandbox_enter_connector(&sandbox) < 0) {
		log_error("the process that connects to compositors cannot confine itself (%s): %s", sandbox.failed,
			strerror(errno));
		_exit(125);
	}
	connector_child_run(STDIN_FILENO, listen_path);
	_exit(0);
}

int connector_spawn(const char *listen_path)
{
	// For connector_remove_listener(), which alone waits.
	const struct timeval patience = {.tv_sec = LAST_ANSWER_S};
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	autofd ours = pair[0];
	autofd theirs = pair[1];
	if (setsockopt(ours, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
		return -1;
	pid_t pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0)
		run_child(theirs, listen_path);
	return fd_steal(&ours);
}

static void finish(struct connector *connector, uint32_t number, int fd, const char *error, const char *withheld)
{
	struct pending *pending, *next;
	wl_list_for_each_safe (pending, next, &connector->pending, link) {
		if (pending->number != number)
			continue;
		wl_list_remove(&pending->link);
		pending->done(fd, error, withheld, pending->data);
		free(pending);
		return;
	}
	fd_closep(&fd);
}

static void lose_child(struct connector *connector)
{
	log_error("isolate: the process that connects to compositors ended");
	wl_event_source_remove(connector->source);
	connector->source = NULL;
	while (!wl_list_empty(&connector->pending)) {
		struct pending *pending = wl_container_of(connector->pending.next, pending, link);
		finish(connector, pending->number, -1, "the process that connects to compositors ended", "");
	}
}

static int on_reply(int socket, uint32_t mask, void *data)
{
	struct connector *connector = data;
	struct upstream_reply reply;
	int fd = -1;
	size_t n_fds = 1;
	ssize_t n = fd_recv(socket, &reply, sizeof reply, &fd, &n_fds, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != sizeof reply) {
		lose_child(connector);
		return 0;
	}
	reply.error[sizeof reply.error - 1] = '\0';
	memset(reply.withheld + sizeof reply.withheld - 2, 0, 2);
	if (n_fds == 0)
		finish(connector, reply.number, -1, reply.error, "");
	else
		finish(connector, reply.number, fd, NULL, reply.withheld);
	return 0;
}

struct connector *connector_create(struct wl_event_loop *loop, int fd)
{
	struct connector *connector = calloc(1, sizeof *connector);
	if (!connector) {
		fd_closep(&fd);
		return NULL;
	}
	connector->fd = fd;
	wl_list_init(&connector->pending);
	connector->source = wl_event_loop_add_fd(loop, fd, WL_EVENT_READABLE, on_reply, connector);
	if (connector->source)
		return connector;
	connector_destroy(connector);
	return NULL;
}

void connector_destroy(struct connector *connector)
{
	struct pending *pending, *next;
	if (!connector)
		return;
	wl_list_for_each_safe (pending, next, &connector->pending, link)
		free(pending);
	if (connector->source)
		wl_event_source_remove(connector->source);
	fd_closep(&connector->fd);
	free(connector);
}

static int copy(char *to, size_t size, const char *from)
{
	if (strlen(from) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(to, from);
	return 0;
}

uint32_t connector_connect(struct connector *connector, const struct connect_to *to, connect_done done, void *data)
{
	struct upstream_request request = {.number = connector->last + 1, .raw = to->raw};
	if (copy(request.upstream, sizeof request.upstream, to->upstream) < 0 ||
		copy(request.directory, sizeof request.directory, to->directory) < 0 ||
		copy(request.project, sizeof request.project, to->project) < 0)
		return 0;
	if (!connector->source) {
		errno = EPIPE;
		return 0;
	}
	struct pending *pending = calloc(1, sizeof *pending);
	if (!pending)
		return 0;
	if (fd_send(connector->fd, &request, sizeof request, NULL, 0, MSG_DONTWAIT) < 0) {
		free(pending);
		return 0;
	}
	*pending = (struct pending){.number = request.number, .done = done, .data = data};
	wl_list_insert(&connector->pending, &pending->link);
	connector->last = request.number;
	return request.number;
}

void connector_cancel(struct connector *connector, uint32_t number)
{
	struct pending *pending, *next;
	wl_list_for_each_safe (pending, next, &connector->pending, link) {
		if (pending->number != number)
			continue;
		wl_list_remove(&pending->link);
		free(pending);
		return;
	}
}

void connector_remove_listener(struct connector *connector)
{
	const struct upstream_request request = {.number = connector->last + 1, .remove = true};
	struct upstream_reply reply = {0};
	if (!connector->source || fd_send(connector->fd, &request, sizeof request, NULL, 0, MSG_DONTWAIT) < 0)
		return;
	do {
		int fd = -1;
		size_t n_fds = 1;
		ssize_t n = fd_recv(connector->fd, &reply, sizeof reply, &fd, &n_fds, 0);
		fd_closep(&fd);
		if (n != sizeof reply)
			return; // the next one that listens there replaces it
	} while (reply.number != request.number);
}
