/* What a helper on the host gets of its caller: the environment and the descriptors that were named, and nothing else. */
#include "args.h"
#include "error.h"
#include "fd.h"
#include "spawn.h"

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What script says on stderr, run by sh with fd in its list of descriptors (-1: none). */
static char *said_by(const char *script, int fd, char **env)
{
	g_autoptr(GError) error = NULL;
	int pair[2];
	autoargs args;
	args_init(&args);
	args_add_all(&args, "/bin/sh", "-c", script, NULL);
	if (fd >= 0)
		args_add_fd(&args, fd);
	g_assert_cmpint(pipe2(pair, O_CLOEXEC), ==, 0);
	const struct spawn how = {.path = "/bin/sh", .args = &args, .env = env, .error_fd = pair[1]};
	pid_t pid = spawn(&how, &error);
	g_assert_no_error(error);
	close(pair[1]);
	GString *text = g_string_new(NULL);
	char buffer[4096];
	ssize_t n;
	while ((n = read(pair[0], buffer, sizeof buffer)) > 0)
		g_string_append_len(text, buffer, n);
	close(pair[0]);
	int status;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
	return g_string_free(text, FALSE);
}

static void test_descriptors(void)
{
	char *none[] = {NULL};
	int leaked = open("/etc", O_RDONLY), named = fcntl(leaked, F_DUPFD_CLOEXEC, 100);
	g_autofree char *said =
		said_by("exec 1>&2; for n in /proc/$$/fd/*; do echo ${n##*/}=$(readlink $n); done", named, none);
	close(leaked);
	g_assert_nonnull(strstr(said, "0=/dev/null\n1="));
	g_assert_nonnull(strstr(said, "\n100=/etc\n"));
	g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
	int holders = 0;
	for (char **line = lines; *line; line++)
		holders += g_str_has_suffix(*line, "=/etc");
	g_assert_cmpint(holders, ==, 1);
}

static void test_environment(void)
{
	static const char *const traps[] = {"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "BASH_ENV", "ENV",
		"GIO_EXTRA_MODULES", "GIO_MODULE_DIR", "WAYLAND_SOCKET", "GTK_MODULES", "SSH_AUTH_SOCK", "PYTHONPATH",
		"GCONV_PATH"};
	for (size_t i = 0; i < G_N_ELEMENTS(traps); i++)
		g_setenv(traps[i], "trap", TRUE);
	g_setenv("LC_ALL", "C", TRUE);
	g_setenv("PATH", "/trap", TRUE);
	g_auto(GStrv) env = spawn_environment();
	gboolean locale = FALSE;
	for (char **variable = env; *variable; variable++) {
		g_assert_null(strstr(*variable, "trap"));
		locale |= strcmp(*variable, "LC_ALL=C") == 0;
	}
	g_assert_true(locale);
	for (size_t i = 0; i < G_N_ELEMENTS(traps); i++)
		g_unsetenv(traps[i]);
}

static void test_signals(void)
{
	char *none[] = {NULL};
	sigset_t blocked;
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	g_autofree char *said = said_by("grep -E '^Sig(Blk|Ign)' /proc/self/status >&2", -1, none);
	g_assert_cmpstr(said, ==, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	signal(SIGHUP, SIG_DFL);
}

static void test_failure(void)
{
	char *none[] = {NULL};
	g_autoptr(GError) error = NULL;
	autoargs args;
	args_init(&args);
	args_add(&args, "missing");
	const struct spawn how = {.path = "/nonexistent/program", .args = &args, .env = none, .error_fd = -1};
	g_assert_cmpint(spawn(&how, &error), ==, -1);
	g_assert_nonnull(strstr(error->message, "/nonexistent/program"));
	g_clear_error(&error);
	g_assert_null(spawn_find_system("no-such-program-at-all", "no-such-package", &error));
	g_assert_nonnull(strstr(error->message, "no-such-package"));
}

static void test_args(void)
{
	g_autoptr(GError) error = NULL;
	char text[64];
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	{
		autoargs args;
		args_init(&args);
		args_add_all(&args, "--bind", "a b", "", NULL);
		args_add_fd(&args, fd);
		autofd memory = args_to_memory(&args, &error);
		g_assert_no_error(error);
		g_autofree char *expected = g_strdup_printf("--bind|a b||%d|", fd);
		ssize_t n = read(memory, text, sizeof text - 1);
		g_assert_cmpint(n, ==, (ssize_t)strlen(expected));
		text[n] = '\0';
		for (ssize_t i = 0; i < n; i++)
			text[i] = text[i] ? text[i] : '|';
		g_assert_cmpstr(text, ==, expected);
	}
	g_assert_cmpint(fcntl(fd, F_GETFD), ==, -1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/spawn/descriptors", test_descriptors);
	g_test_add_func("/spawn/environment", test_environment);
	g_test_add_func("/spawn/signals", test_signals);
	g_test_add_func("/spawn/failure", test_failure);
	g_test_add_func("/args", test_args);
	return g_test_run();
}
