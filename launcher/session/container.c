#include "container.h"

#include "error.h"
#include "fd.h"
#include "job.h"
#include "text.h"
#include "uplink.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { HELLO_TIMEOUT_S = 30, ERROR_TEXT_MAX = 1000 };

static void set_failure(struct session *session, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void set_failure(struct session *session, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (!session->failure)
		session->failure = g_error_new_valist(ISOLATE_ERROR, ISOLATE_ERROR_FAILED, format, args);
	va_end(args);
}

/* The last line that the engine or init wrote before it died. */
static char *last_words(struct session *session)
{
	char text[ERROR_TEXT_MAX + 1];
	if (session->container.errors < 0 || fd_set_nonblocking(session->container.errors, true) < 0)
		return g_strdup("it said nothing");
	ssize_t n = read(session->container.errors, text, ERROR_TEXT_MAX);
	text[n > 0 ? n : 0] = '\0';
	g_strchomp(text);
	char *line = strrchr(text, '\n');
	char *shown = text_dup_sanitized(line ? line + 1 : text, ERROR_TEXT_MAX);
	if (shown && *shown)
		return shown;
	free(shown);
	return g_strdup("it said nothing");
}

static void engine_ended(GPid pid, gint status, gpointer data)
{
	struct session *session = data;
	session->container.pid = 0;
	if (session->state == SESSION_STARTING) {
		g_autofree char *words = last_words(session);
		set_failure(session, "cannot start the container of %s: %s", session->project, words);
	} else if (session->state == SESSION_RUNNING) {
		set_failure(session, "the container of %s has ended unexpectedly (%s)", session->project,
			WIFSIGNALED(status)	    ? g_strsignal(WTERMSIG(status))
			: WEXITSTATUS(status) > 128 ? g_strsignal(WEXITSTATUS(status) - 128)
						    : "init gave up");
	}
	session_down(session);
}

void container_fail(struct session *session, GError *error)
{
	if (session->failure)
		g_error_free(error);
	else
		session->failure = error;
	container_kill(session);
}

void container_ready(struct session *session)
{
	if (session->state == SESSION_STARTING && session->init > 0 && uplink_is_ready(session->uplink))
		session_up(session);
}

static void hello(struct session *session, const struct init_event *event, pid_t pid)
{
	if (event->value != INIT_VERSION || pid <= 0)
		set_failure(session, "isolate-init is of another version: isolate is not installed completely");
	session->init = pid;
	session->init_pidfd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	fd_closep(&session->container.errors);
	if (session->failure)
		container_kill(session);
	else
		container_ready(session);
}

static void dispatch(struct session *session, const struct init_event *event, pid_t pid, int *fd)
{
	switch ((enum init_event_type)event->type) {
	case INIT_HELLO:
		if (session->state == SESSION_STARTING)
			hello(session, event, pid);
		break;
	case INIT_STARTED:
		job_started(session, event->job, event->value, fd);
		break;
	case INIT_FAILED:
		job_failed(session, event->job, event->value, (enum init_failure)event->detail);
		break;
	case INIT_STOPPED:
		job_stopped(session, event->job, event->value);
		break;
	case INIT_EXITED:
		job_exited(session, event->job, event->value);
		break;
	case INIT_IDLE:
		// It may have crossed a request of ours: then a job is still to be started.
		if (!job_any(session)) {
			session->busy = FALSE;
			session_linger(session);
		}
		break;
	}
}

/* As fd_recv(), with the sender's pid translated by the kernel: only init has the other end. */
static ssize_t receive(int socket, struct init_event *event, int *fd, pid_t *pid)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov = {event, sizeof *event};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	*fd = -1;
	*pid = 0;
	ssize_t n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	for (struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL; cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		struct ucred credentials;
		if (cmsg->cmsg_type == SCM_RIGHTS && cmsg->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(fd, CMSG_DATA(cmsg), sizeof *fd);
		if (cmsg->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&credentials, CMSG_DATA(cmsg), sizeof credentials);
			*pid = credentials.pid;
		}
	}
	return n;
}

static gboolean init_spoke(gint socket, GIOCondition condition, gpointer data)
{
	struct session *session = data;
	struct init_event event;
	pid_t pid;
	autofd fd = -1;
	ssize_t n = receive(socket, &event, &fd, &pid);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n == sizeof event) {
		dispatch(session, &event, pid, &fd);
		return G_SOURCE_CONTINUE;
	}
	// Init is gone or not to be trusted. What the engine's end says comes with engine_ended().
	if (n > 0)
		container_kill(session);
	return G_SOURCE_REMOVE;
}

static gboolean no_hello(gpointer data)
{
	struct session *session = data;
	if (session->state != SESSION_STARTING)
		return G_SOURCE_REMOVE;
	set_failure(session, "the container of %s does not come up", session->project);
	container_kill(session);
	return G_SOURCE_REMOVE;
}

gboolean container_start(struct session *session, GError **error)
{
	const struct engine *engine = engine_find(session->plan->engine, error);
	if (!engine || !uplink_new(session, error) || !engine->start(session->plan, &session->container, error) ||
		!uplink_attach(session, error)) {
		g_prefix_error(error, "cannot start the container of %s: ", session->project);
		return FALSE;
	}
	g_unix_fd_add(session->container.init, G_IO_IN | G_IO_HUP, init_spoke, session);
	g_child_watch_add(session->container.pid, engine_ended, session);
	g_timeout_add_seconds(HELLO_TIMEOUT_S, no_hello, session);
	return TRUE;
}

gboolean container_send(
	struct session *session, const struct init_request *request, const int *fds, size_t n_fds, GError **error)
{
	if (fd_send(session->container.init, request, sizeof *request, fds, n_fds, MSG_DONTWAIT) >= 0)
		return TRUE;
	return error_set_errno(error, errno, "the container of %s does not answer", session->project);
}

gboolean container_is_gone(const struct session *session)
{
	struct pollfd look = {.fd = session->container.init};
	return poll(&look, 1, 0) == 1 && look.revents & POLLHUP;
}

void container_kill(struct session *session)
{
	// Init's death is that of its PID namespace, and the engine's end then says that it is complete. The engine's death
	// is init's as well (--die-with-parent), but nothing says when.
	if (session->init_pidfd >= 0)
		syscall(SYS_pidfd_send_signal, session->init_pidfd, SIGKILL, NULL, 0);
	else if (session->container.pid > 0)
		kill(session->container.pid, SIGKILL);
}
