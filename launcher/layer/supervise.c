#include "supervise.h"

#include "fd.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125, ALIVE_FD = 3 };

/* fuse-overlayfs puts itself into the background once it is mounted. Nothing of the container's sockets is its business. */
static gboolean mount_layer(const struct layer *layer, const char *fuse_overlayfs)
{
	char *argv[] = {(char *)fuse_overlayfs, "-o", layer->options, layer->place, NULL}, *env[] = {NULL};
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		fd_close_from(STDERR_FILENO + 1, 0);
		execve(fuse_overlayfs, argv, env);
		log_error("cannot start %s: %m", fuse_overlayfs);
		_exit(FAILED);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
		log_error("fuse-overlayfs could not mount the layer (status %d)", status);
		return FALSE;
	}
	return TRUE;
}

/* Of this process namespace, for bubblewrap, which looks up its child there: in the outer one that number is somebody else,
 * or nobody. */
static gboolean mount_proc(void)
{
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0)
		return TRUE;
	log_error("cannot mount /proc for the layer: %m");
	return FALSE;
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Our parent's id is 0 in here, whether it lives or not; but it has the other end of this pipe for as long. */
static gboolean is_alive(int pipe)
{
	struct pollfd look = {.fd = pipe};
	return poll(&look, 1, 0) == 0;
}

static void __attribute__((noreturn))
be_first(const struct layer *layer, const char *fuse_overlayfs, char **argv, int parent)
{
	char *env[] = {NULL};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!is_alive(parent) || !mount_proc() || !mount_layer(layer, fuse_overlayfs))
		_exit(FAILED);
	pid_t container = fork(), ended;
	if (container == 0) {
		execve(argv[0], argv, env);
		log_error("cannot start %s: %m", argv[0]);
		_exit(FAILED);
	}
	// Else the session would not see the end of the container's sockets.
	fd_close_from(STDERR_FILENO + 1, 0);
	int status = 0;
	do
		ended = waitpid(-1, &status, 0);
	while (ended < 0 && errno == EINTR);
	// It is the container, or fuse-overlayfs, without which there is none. With us ends the other.
	_exit(ended == container ? exit_status(status) : FAILED);
}

int supervise(const struct layer *layer, const char *fuse_overlayfs, char **argv)
{
	int status = 0, ends[2];
	pid_t first = pipe2(ends, O_CLOEXEC) < 0 ? -1 : fork();
	if (first == 0) {
		close(ends[1]);
		be_first(layer, fuse_overlayfs, argv, ends[0]);
	}
	if (first < 0) {
		log_error("cannot fork: %m");
		return FAILED;
	}
	dup2(ends[1], ALIVE_FD);
	fd_close_from(ALIVE_FD + 1, 0);
	while (waitpid(first, &status, 0) < 0)
		if (errno != EINTR)
			return FAILED;
	return exit_status(status);
}
