#include "question.h"

#include "error.h"
#include "fd.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 4096 };

static const int terminal_signals[] = {SIGINT, SIGQUIT, SIGHUP};

static char *find_helper(GError **error)
{
	const char *list = g_getenv("ISOLATE_LIBEXECDIR");
	g_auto(GStrv) folders = g_strsplit(list ? list : ISOLATE_LIBEXEC, ":", -1);
	for (char **folder = folders; *folder; folder++) {
		g_autofree char *path = g_build_filename(*folder, "isolate-gate", NULL);
		if (g_path_is_absolute(path) && access(path, X_OK) == 0)
			return g_steal_pointer(&path);
	}
	error_set(
		error, "isolate-gate is not in %s: isolate is not installed completely", list ? list : ISOLATE_LIBEXEC);
	return NULL;
}

/* In the child, between fork and exec: async-signal-safe calls only. */
static void __attribute__((noreturn)) become_helper(const char *path, int input, int output, pid_t parent)
{
	const char *const argv[] = {"isolate-gate", NULL};
	// It takes its own question back when nobody waits for the answer.
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent && dup2(input, STDIN_FILENO) >= 0 &&
		dup2(output, STDOUT_FILENO) >= 0) {
		for (gsize i = 0; i < G_N_ELEMENTS(terminal_signals); i++)
			signal(terminal_signals[i], SIG_DFL);
		execv(path, (char *const *)argv);
	}
	_exit(127);
}

static int serialize(const struct question *q)
{
	g_autoptr(GVariant) data = g_variant_ref_sink(g_variant_new(
		QUESTION_TYPE, q->project, q->action, q->text, q->summary, q->body, q->command, q->terminal));
	return fd_memfd_sealed("question", g_variant_get_data(data), g_variant_get_size(data));
}

/* What it wrote until its end, at most ANSWER_MAX bytes. */
static char *read_answer(int fd)
{
	char *answer = g_malloc0(ANSWER_MAX + 1);
	gsize used = 0;
	while (used < ANSWER_MAX) {
		ssize_t n = read(fd, answer + used, ANSWER_MAX - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += (gsize)n;
	}
	return g_strchomp(answer);
}

/* Both must say yes: the line, and a normal end. */
static gboolean judge(const char *answer, int status, GError **error)
{
	if (strcmp(answer, QUESTION_GRANTED) == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return TRUE;
	if (!*answer || strcmp(answer, QUESTION_GRANTED) == 0)
		return error_set(error, "isolate-gate ended without an answer (status %d)", status);
	g_autofree char *shown = text_dup_sanitized(answer, ANSWER_MAX);
	return error_set(error, "%s", shown);
}

gboolean question_ask(const struct question *question, GError **error)
{
	g_autofree char *path = find_helper(error);
	if (!path)
		return FALSE;
	autofd input = serialize(question);
	int ends[2];
	if (input < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot ask");
	autofd reading = ends[0], writing = ends[1];
	// ^C and the end of the terminal are for the helper, which sees them too: it leaves the terminal as it was, and the
	// answer is no.
	struct sigaction before[G_N_ELEMENTS(terminal_signals)], ignore = {.sa_handler = SIG_IGN};
	for (gsize i = 0; i < G_N_ELEMENTS(terminal_signals); i++)
		sigaction(terminal_signals[i], &ignore, &before[i]);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		become_helper(path, input, writing, parent);
	int failure = errno, status = 0;
	fd_closep(&writing);
	g_autofree char *answer = pid > 0 ? read_answer(reading) : NULL;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	for (gsize i = 0; i < G_N_ELEMENTS(terminal_signals); i++)
		sigaction(terminal_signals[i], &before[i], NULL);
	if (pid < 0)
		return error_set_errno(error, failure, "cannot start %s", path);
	return judge(answer, status, error);
}
