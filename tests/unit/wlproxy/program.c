#include "program.h"

#include "stub.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_MS = 20000 };

static char folder[64];
static pid_t owner;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	return remove(path);
}

static void remove_folder(void)
{
	if (getpid() == owner)
		nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *program_start_folder(void)
{
	snprintf(folder, sizeof folder, "/tmp/isolate-test.XXXXXX");
	CHECK(mkdtemp(folder) && setenv("XDG_RUNTIME_DIR", folder, 1) == 0);
	owner = getpid();
	atexit(remove_folder);
	return folder;
}

char *program_path(const char *name)
{
	char *path;
	CHECK(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

void program_write(const char *name, const char *text)
{
	char *path = program_path(name);
	FILE *file = fopen(path, "we");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
	free(path);
}

char *program_log(void)
{
	static char text[65536];
	char *path = program_path("log");
	FILE *file = fopen(path, "re");
	size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
	if (file)
		fclose(file);
	free(path);
	text[n] = '\0';
	return strdup(text);
}

static bool wait_byte(int fd)
{
	struct pollfd readable = {fd, POLLIN, 0};
	char byte;
	bool ready = poll(&readable, 1, READY_MS) == 1 && read(fd, &byte, 1) == 1;
	close(fd);
	return ready;
}

static pid_t fork_with_us(void)
{
	pid_t parent = getpid(), pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

pid_t program_start_stub(const char *name, const struct stub_options *options)
{
	int ready[2];
	char *path = program_path(name);
	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid_t pid = fork_with_us();
	if (pid == 0)
		stub_run(path, options, ready[1]);
	close(ready[1]);
	CHECK(wait_byte(ready[0]));
	free(path);
	return pid;
}

pid_t program_start_proxy(bool *ready, const char *const *arguments, int kept_fd)
{
	int pair[2];
	char number[16];
	const char *argv[16] = {getenv("ISOLATE_BUILT_WLPROXY")};
	size_t n = 1;
	CHECK(argv[0] && pipe2(pair, O_CLOEXEC) == 0);
	while (*arguments)
		argv[n++] = *arguments++;
	if (ready) {
		snprintf(number, sizeof number, "%d", pair[1]);
		argv[n++] = "--ready-fd";
		argv[n++] = number;
	}
	char *log = program_path("log");
	pid_t pid = fork_with_us();
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, STDERR_FILENO);
		fcntl(pair[1], F_SETFD, 0);
		if (kept_fd >= 0)
			fcntl(kept_fd, F_SETFD, 0);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	free(log);
	close(pair[1]);
	if (ready)
		*ready = wait_byte(pair[0]);
	else
		close(pair[0]);
	return pid;
}

int program_end(pid_t pid, int signal)
{
	int status;
	if (signal)
		kill(pid, signal);
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

/* On the wire: libwayland's client would print what it is told, and ends where we want to read on. ------------------ */

static size_t put(uint32_t *to, uint32_t id, uint32_t opcode, const uint32_t *words, size_t n)
{
	to[0] = id;
	to[1] = (uint32_t)(8 + 4 * n) << 16 | opcode;
	memcpy(to + 2, words, 4 * n);
	return 2 + n;
}

static int connect_to(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *path = program_path(name);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	free(path);
	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
	return fd;
}

/* Registry 2, its globals, and when wl_seat comes: seat 3. Returns true when there is an answer. */
static bool handle(int fd, const uint32_t *message, char **answer)
{
	uint32_t out[16], opcode = message[1] & 0xffff;
	if (message[0] == 1 && opcode == 0) {
		CHECK(asprintf(answer, "error: %s", (const char *)(message + 5)) > 0);
		return true;
	}
	if (message[0] == 3 && opcode == 1) {
		*answer = strdup((const char *)(message + 3));
		return true;
	}
	if (message[0] == 2 && opcode == 0 && strcmp((const char *)(message + 4), "wl_seat") == 0) {
		uint32_t words[6] = {message[2], 8, 0, 0, 2, 3};
		memcpy(words + 2, "wl_seat", 8);
		send(fd, out, 4 * put(out, 2, 0, words, 6), MSG_NOSIGNAL);
	}
	return false;
}

char *program_ask(const char *name)
{
	uint32_t in[8192], out[8];
	size_t size = 0;
	char *answer = NULL;
	int fd = connect_to(name);
	send(fd, out, 4 * put(out, 1, 1, (uint32_t[]){2}, 1), MSG_NOSIGNAL);
	while (!answer) {
		struct pollfd readable = {fd, POLLIN, 0};
		CHECK(poll(&readable, 1, READY_MS) == 1);
		ssize_t n = read(fd, (char *)in + size, sizeof in - size);
		if (n <= 0) {
			answer = strdup("closed");
			break;
		}
		size += (size_t)n;
		while (!answer && size >= 8 && in[1] >> 16 <= size) {
			uint32_t length = in[1] >> 16;
			handle(fd, in, &answer);
			size -= length;
			memmove(in, (char *)in + length, size);
		}
	}
	close(fd);
	return answer;
}
