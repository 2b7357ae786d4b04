#include "session-client.h"

#include "answer.h"
#include "args.h"
#include "error.h"
#include "fd.h"
#include "socket.h"
#include "spawn.h"
#include "xdg.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 4096, ROUNDS_MAX = 10 };

int session_connect(const char *project, GError **error)
{
	g_autofree char *path = xdg_path(XDG_RUNTIME, error, project, "control", NULL);
	int fd = path ? socket_connect(path, SOCK_SEQPACKET) : -1;
	if (path && fd < 0 && errno != ENOENT && errno != ECONNREFUSED && errno != ENOTDIR)
		error_set_errno(error, errno, "cannot connect to %s", path);
	return fd;
}

/* isolate-session, with the end of a pair of sockets that it answers through. */
static pid_t spawn_session(const char *project, unsigned flags, int answer, GError **error)
{
	g_autofree char *path = spawn_find_own("isolate-session", error);
	autoargs args;
	args_init(&args);
	args_own_fd(&args, answer);
	if (!path)
		return -1;
	g_autofree char *number = g_strdup_printf("%d", answer);
	args_add_all(&args, path, project, "--ready-fd", number, NULL);
	if (flags & SESSION_HOLD)
		args_add(&args, "--hold");
	if (flags & SESSION_REVIEW)
		args_add(&args, "--review");
	g_auto(GStrv) env = spawn_environment();
	const struct spawn how = {.path = path, .args = &args, .env = env, .error_fd = -1, .keep_stdio = TRUE};
	return spawn(&how, error);
}

static volatile sig_atomic_t noted;

static void note_signal(int number)
{
	noted = number;
}

/* ^C at the gate's question is for the session to answer, which leaves the terminal as it was before this process ends. */
static gboolean start(struct session_opening *opening, GError **error)
{
	const struct sigaction note = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set_errno(error, errno, "cannot make a socket");
	noted = 0;
	sigaction(SIGINT, &note, &opening->interrupt);
	sigaction(SIGQUIT, &note, &opening->quit);
	opening->answers = pair[0];
	opening->pid = spawn_session(opening->project, opening->flags, pair[1], error);
	return opening->pid > 0;
}

/* Waits for the session that was started, to which we are connected then, or finds that another one was quicker. */
static gboolean hear(struct session_opening *opening, gboolean *started, GError **error)
{
	char answer[ANSWER_MAX + 1];
	ssize_t n;
	do
		n = recv(opening->answers, answer, ANSWER_MAX, 0);
	while (n < 0 && errno == EINTR);
	size_t size = n > 0 ? (size_t)n : 0;
	answer[size] = '\0';
	if (size > 0 && answer[0] == ANSWER_READY) {
		opening->socket = fd_steal(&opening->answers);
		*started = TRUE;
		return TRUE;
	}
	waitpid(opening->pid, NULL, 0);
	if (size > 0 && answer[0] == ANSWER_JOIN)
		return TRUE;
	if (size > 2 && answer[0] == ANSWER_FAILED)
		g_set_error_literal(error, ISOLATE_ERROR, (unsigned char)answer[1], answer + 2);
	else
		error_set(error, "isolate-session ended before %s was started", opening->project);
	return FALSE;
}

static gboolean finish(struct session_opening *opening, gboolean *started, GError **error)
{
	gboolean watched = opening->answers >= 0;
	gboolean done = opening->pid > 0 && hear(opening, started, error);
	if (watched) {
		sigaction(SIGINT, &opening->interrupt, NULL);
		sigaction(SIGQUIT, &opening->quit, NULL);
	}
	fd_closep(&opening->answers);
	opening->pid = 0;
	// It has left the terminal, and did not hear of it.
	if (done && noted)
		raise(noted);
	return done;
}

/* Connects, or begins a start. */
static void attempt(struct session_opening *opening)
{
	opening->socket = session_connect(opening->project, &opening->error);
	if (opening->socket < 0 && !opening->error)
		start(opening, &opening->error);
}

void session_open_begin(struct session_opening *opening, const char *project, unsigned flags)
{
	*opening = (struct session_opening){.project = project, .flags = flags, .socket = -1, .answers = -1};
	attempt(opening);
}

int session_open_end(struct session_opening *opening, gboolean *started, GError **error)
{
	gboolean ours = FALSE;
	// Another session may end between its answer and our connection: then it is our turn.
	for (int i = 0;; i++) {
		if (opening->socket >= 0) {
			if (started)
				*started = ours;
			return fd_steal(&opening->socket);
		}
		if (!finish(opening, &ours, opening->error ? NULL : &opening->error)) {
			g_propagate_error(error, g_steal_pointer(&opening->error));
			return -1;
		}
		if (opening->socket >= 0)
			continue; // the one that we started
		if (i >= ROUNDS_MAX)
			break;
		attempt(opening);
	}
	error_set(error, "the container of %s ends as soon as it is started: isolate plan %s shows what it is made of",
		opening->project, opening->project);
	return -1;
}

int session_open(const char *project, unsigned flags, gboolean *started, GError **error)
{
	struct session_opening opening;
	session_open_begin(&opening, project, flags);
	return session_open_end(&opening, started, error);
}

void session_error(const struct message *message, GError **error)
{
	gint32 code = ISOLATE_ERROR_FAILED;
	const char *text = "the session refused";
	if (g_variant_is_of_type(message->body, G_VARIANT_TYPE_VARDICT)) {
		g_variant_lookup(message->body, "code", "i", &code);
		g_variant_lookup(message->body, "message", "&s", &text);
	}
	if (code < ISOLATE_ERROR_FAILED || code > ISOLATE_ERROR_NOT_FOUND)
		code = ISOLATE_ERROR_FAILED;
	g_set_error_literal(error, ISOLATE_ERROR, code, text);
}

static gboolean ended(gboolean *gone, GError **error)
{
	if (!gone)
		return error_set(error, "the session ended before it answered");
	*gone = TRUE;
	return FALSE;
}

gboolean session_receive(
	int socket, guint32 serial, const char *name, struct message *reply, gboolean *gone, GError **error)
{
	if (gone)
		*gone = FALSE;
	for (;;) {
		int n = message_recv(socket, reply, error);
		if (n < 0)
			return FALSE;
		if (n == 0)
			break;
		if (strcmp(reply->name, "Error") == 0 && (reply->serial == serial || reply->serial == 0)) {
			session_error(reply, error);
			message_clear(reply);
			return FALSE;
		}
		if (reply->serial == serial && strcmp(reply->name, "Ending") != 0) {
			if (strcmp(reply->name, name) == 0)
				return TRUE;
			message_clear(reply);
			return error_set(error, "the session gave an answer to another question");
		}
		gboolean ending = reply->serial == serial;
		message_clear(reply);
		if (ending)
			break;
	}
	return ended(gone, error);
}

GVariant *session_ask(const char *project, const char *request, GVariant *body, const char *reply, GError **error)
{
	g_autoptr(GVariant) held = body ? g_variant_ref_sink(body) : NULL;
	GError *cause = NULL;
	autofd fd = session_connect(project, &cause);
	if (fd < 0) {
		if (cause)
			g_propagate_error(error, cause);
		else
			error_set(error, "%s is not running", project);
		return NULL;
	}
	automessage message = {0};
	gboolean gone = FALSE;
	if (message_send(fd, 1, request, held, NULL, 0, NULL) && session_receive(fd, 1, reply, &message, &gone, error))
		return g_variant_ref(message.body);
	if (error && !*error)
		error_set(error, "%s is not running: it ended just now", project);
	return NULL;
}
