#include "run.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The next string of the blob; NULL when it is at its end. */
static char *next(struct run *run, size_t *at)
{
	size_t left = run->request.blob_size - *at;
	char *text = run->blob + *at;
	char *end = left > 0 ? memchr(text, '\0', left) : NULL;
	if (!end)
		return NULL;
	*at += (size_t)(end - text) + 1;
	return text;
}

static char **next_list(struct run *run, size_t *at, uint32_t count)
{
	char **list = calloc((size_t)count + 1, sizeof *list);
	for (uint32_t i = 0; list && i < count; i++) {
		list[i] = next(run, at);
		if (!list[i]) {
			free(list);
			errno = EBADMSG;
			return NULL;
		}
	}
	return list;
}

static bool unpack_blob(struct run *run, int fd)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_WRITE;
	const struct init_request *request = &run->request;
	struct stat st;
	if (request->blob_size == 0 || request->blob_size > INIT_BLOB_MAX || request->argc == 0 ||
		request->argc > INIT_ARGS_MAX || request->envc > INIT_ARGS_MAX || fstat(fd, &st) < 0 ||
		st.st_size != (off_t)request->blob_size || (fcntl(fd, F_GET_SEALS) & seals) != seals) {
		errno = EBADMSG;
		return false;
	}
	void *map = mmap(NULL, request->blob_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return false;
	run->blob = map;
	size_t at = 0;
	run->cwd = next(run, &at);
	run->other_cwd = next(run, &at);
	run->file = next(run, &at);
	if (!run->file) {
		errno = EBADMSG;
		return false;
	}
	run->argv = next_list(run, &at, request->argc);
	run->envp = run->argv ? next_list(run, &at, request->envc) : NULL;
	return run->envp;
}

bool run_unpack(struct run *run, const struct init_request *request, int *fds, size_t n_fds)
{
	*run = (struct run){
		.request = *request, .stdio = {-1, -1, -1}
	  };
	size_t used = 1;
	bool good = n_fds > 0 && request->job != 0;
	for (int i = 0; i < 3; i++) {
		if (!(request->stdio & 1u << i))
			continue;
		// The session has looked as well; nothing but a pipe without a name leads nowhere through /proc.
		if (used < n_fds && fd_is_anonymous_pipe(fds[used]))
			run->stdio[i] = fd_steal(&fds[used]);
		else
			good = false;
		used++;
	}
	if (!good || used != n_fds) {
		errno = EBADMSG;
		good = false;
	}
	good = good && unpack_blob(run, fds[0]);
	for (size_t i = 0; i < n_fds; i++)
		fd_closep(&fds[i]);
	return good;
}

void run_clear(struct run *run)
{
	for (int i = 0; i < 3; i++)
		fd_closep(&run->stdio[i]);
	free(run->argv);
	free(run->envp);
	if (run->blob)
		munmap(run->blob, run->request.blob_size);
	*run = (struct run){
		.stdio = {-1, -1, -1}
	     };
}

void run_fail(int report, int number, enum init_failure failure)
{
	const struct run_failure text = {number, failure};
	fd_write_all(report, &text, sizeof text);
	_exit(127);
}

static bool set_stdio(const struct run *run, int terminal, int null)
{
	for (int i = 0; i < 3; i++) {
		int from = run->stdio[i] >= 0 ? run->stdio[i] : terminal >= 0 ? terminal : null;
		if (dup2(from, i) < 0)
			return false;
	}
	return true;
}

/* A script without #! is one of the shell's, as execvp(3) of some C libraries has it. */
static void exec_script(const struct run *run)
{
	static char shell[] = "/bin/sh";
	const char *path = strchr(run->file, '/') ? "" : getenv("PATH");
	char **words = calloc(run->request.argc + 2, sizeof *words), place[PATH_MAX];
	struct stat st;
	if (!words)
		return;
	words[0] = shell;
	words[1] = (char *)run->file;
	for (uint32_t i = 1; i < run->request.argc; i++)
		words[i + 1] = run->argv[i];
	for (; path && *path; path += strcspn(path, ":"), path += *path == ':') {
		size_t length = strcspn(path, ":"); // none: the folder that we are in
		int n = snprintf(
			place, sizeof place, "%.*s/%s", length ? (int)length : 1, length ? path : ".", run->file);
		if (n > 0 && n < (int)sizeof place && access(place, X_OK) == 0 && stat(place, &st) == 0 &&
			S_ISREG(st.st_mode)) {
			words[1] = place;
			break;
		}
	}
	execv(words[0], words);
	free(words);
}

void run_exec(struct run *run, int terminal, int null, int report)
{
	extern char **environ;
	if (!set_stdio(run, terminal, null) || fd_close_from(3, CLOSE_RANGE_CLOEXEC) < 0)
		run_fail(report, errno, INIT_FAILURE_SETUP);
	umask(run->request.umask & 0777);
	if (chdir(run->cwd) < 0 && (!(run->request.flags & INIT_RUN_CWD_HINT) || chdir(run->other_cwd) < 0))
		run_fail(report, errno, INIT_FAILURE_CWD);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	environ = run->envp;
	execvp(run->file, run->argv);
	if (errno == ENOEXEC) {
		exec_script(run);
		errno = ENOEXEC;
	}
	run_fail(report, errno, INIT_FAILURE_EXEC);
}
