/* The command line: what is refused and how, what is replaced, and what is left behind. */
#include "program.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125 };

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static int run(const char *const *arguments)
{
	int status = program_end(program_start_proxy(NULL, arguments, -1), 0);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Fails with one line that has this in it. */
#define REFUSED(text, ...)                                                                                             \
	do {                                                                                                           \
		CHECK(RUN(__VA_ARGS__) == FAILED);                                                                     \
		check_log(text);                                                                                       \
	} while (0)

static void check_log(const char *text)
{
	char *log = program_log(), *newline = strchr(log, '\n');
	if (!strstr(log, text) || !newline || newline[1]) {
		fprintf(stderr, "not one line with '%s': %s\n", text, log);
		abort();
	}
	free(log);
}

static void test_refused(void)
{
	program_write("file", "x");
	char *file = program_path("file");
	REFUSED("--help", "--listen", "p", "--control-fd", "0");
	REFUSED("--help", "--upstream", "c");
	REFUSED("unexpected argument", "--listen", "p", "x");
	REFUSED("unrecognized option", "--what");
	REFUSED("not '99999999999'", "--listen", "p", "--ready-fd", "99999999999");
	REFUSED("not '1x'", "--control-fd", "1x");
	REFUSED("not '77'", "--control-fd", "77");
	REFUSED("not a socket", "--listen", file, "--upstream", "c");
	REFUSED("its own compositor", "--listen", "p", "--upstream", "p");
	REFUSED("/nowhere", "--listen", "p", "--upstream", "c", "--policy", "/nowhere");
	REFUSED("/no/such", "--listen", "/no/such/folder/p", "--upstream", "c");
	char path[300];
	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	REFUSED("at most", "--listen", path, "--upstream", "c");
	program_write("policy", "[Display]\nClipbord=allow\n");
	char *policy = program_path("policy");
	REFUSED("Clipboard", "--listen", "p", "--upstream", "c", "--policy", policy);
	free(policy);
	free(file);
	CHECK(RUN("--help") == 0);
	CHECK(RUN("--version") == 0);
}

static pid_t start(void)
{
	bool ready;
	pid_t pid = program_start_proxy(&ready, (const char *const[]){"--listen", "p", "--upstream", "c", NULL}, -1);
	CHECK(ready);
	return pid;
}

static bool exists(const char *name)
{
	char *path = program_path(name);
	struct stat status;
	bool found = lstat(path, &status) == 0;
	if (found && strcmp(name, "p") == 0)
		CHECK(S_ISSOCK(status.st_mode) && (status.st_mode & 077) == 0);
	free(path);
	return found;
}

static void test_socket(void)
{
	pid_t pid = start();
	CHECK(exists("p") && exists("p.lock"));
	REFUSED("in use", "--listen", "p", "--upstream", "c");
	// Killed: the socket stays, and the next one takes its place.
	program_end(pid, SIGKILL);
	CHECK(exists("p"));
	pid = start();
	CHECK(program_end(pid, SIGINT) == 0);
	CHECK(!exists("p") && !exists("p.lock"));
	// Of another program, without a lock.
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char *path = program_path("p");
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
	REFUSED("in use", "--listen", "p", "--upstream", "c");
	close(fd);
	unlink(path);
	free(path);
}

static void test_no_arguments(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		close(STDERR_FILENO);
		execve(getenv("ISOLATE_BUILT_WLPROXY"), (char *[]){NULL}, (char *[]){NULL});
		_exit(1);
	}
	int status = program_end(pid, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == FAILED);
}

int main(void)
{
	program_start_folder();
	test_refused();
	test_socket();
	test_no_arguments();
	return 0;
}
