#include "session-client.h"

#include "answer.h"
#include "args.h"
#include "error.h"
#include "fd.h"
#include "socket.h"
#include "spawn.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
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

/* isolate-session, with the write end of the pipe that it answers through. */
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

/* Starts a session, or finds that another one was quicker. */
static gboolean start_session(const char *project, unsigned flags, gboolean *started, GError **error)
{
	int pair[2];
	char answer[ANSWER_MAX + 1];
	size_t size = 0;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot make a pipe");
	autofd answers = pair[0];
	pid_t pid = spawn_session(project, flags, pair[1], error);
	if (pid < 0)
		return FALSE;
	ssize_t n = 0;
	while (size < ANSWER_MAX && (n = read(answers, answer + size, ANSWER_MAX - size)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		size += n > 0 ? (size_t)n : 0;
		if (size > 0 && answer[0] == ANSWER_READY)
			break; // it goes on without us
	}
	answer[size] = '\0';
	if (size > 0 && answer[0] == ANSWER_READY) {
		*started = TRUE;
		return TRUE;
	}
	waitpid(pid, NULL, 0);
	if (size > 0 && answer[0] == ANSWER_JOIN)
		return TRUE;
	if (size > 2 && answer[0] == ANSWER_FAILED)
		g_set_error_literal(error, ISOLATE_ERROR, (unsigned char)answer[1], answer + 2);
	else
		error_set(error, "isolate-session ended before %s was started", project);
	return FALSE;
}

static volatile sig_atomic_t noted;

static void note_signal(int number)
{
	noted = number;
}

/* ^C at the gate's question is for the session to answer, which leaves the terminal as it was before this process ends. */
static gboolean start(const char *project, unsigned flags, gboolean *started, GError **error)
{
	const struct sigaction note = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
	struct sigaction interrupt, quit;
	noted = 0;
	sigaction(SIGINT, &note, &interrupt);
	sigaction(SIGQUIT, &note, &quit);
	gboolean done = start_session(project, flags, started, error);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	// It has left the terminal, and did not hear of it.
	if (done && noted)
		raise(noted);
	return done;
}

int session_open(const char *project, unsigned flags, gboolean *started, GError **error)
{
	gboolean ours = FALSE;
	// Another session may end between its answer and our connection: then it is our turn.
	for (int i = 0; i < ROUNDS_MAX; i++) {
		GError *cause = NULL;
		int fd = session_connect(project, &cause);
		if (fd >= 0) {
			if (started)
				*started = ours;
			return fd;
		}
		if (cause || !start(project, flags, &ours, &cause)) {
			g_propagate_error(error, cause);
			return -1;
		}
	}
	error_set(error, "the container of %s ends as soon as it is started: isolate plan %s shows what it is made of",
		project, project);
	return -1;
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
