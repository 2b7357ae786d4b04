#include "listener.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { BACKLOG = 128 };

static int fail(char **error, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(char **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (vasprintf(error, format, args) < 0)
		*error = NULL;
	va_end(args);
	return -1;
}

static int lock(const char *path, char **error)
{
	autofree char *lock_path = NULL;
	if (asprintf(&lock_path, "%s.lock", path) < 0)
		return -1;
	autofd fd = open(lock_path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(error, "cannot make %s: %s", lock_path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return fail(error, "%s is in use by another process: choose another path for --listen", path);
	return fd_steal(&fd);
}

/* Removes a socket that nobody listens on. */
static int clear_path(const char *path, const struct sockaddr_un *address, char **error)
{
	struct stat status;
	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : fail(error, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return fail(error, "%s exists and is not a socket: choose another path for --listen", path);
	autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(error, "cannot make a socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno != ECONNREFUSED)
		return fail(error, "%s is in use by another process: choose another path for --listen", path);
	if (unlink(path) < 0)
		return fail(error, "cannot replace %s: %s", path, strerror(errno));
	return 0;
}

int listener_open(const char *path, int *lock_fd, char **error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	*error = NULL;
	if (strlen(path) >= sizeof address.sun_path)
		return fail(error, "%s: the path of a socket has at most %zu bytes", path, sizeof address.sun_path - 1);
	strcpy(address.sun_path, path);
	autofd locked = lock(path, error);
	if (locked < 0 || clear_path(path, &address, error) < 0)
		return -1;
	autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0077);
	int result = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(mask);
	if (result < 0 || listen(fd, BACKLOG) < 0)
		return fail(error, "cannot listen on %s: %s", path, strerror(errno));
	*lock_fd = fd_steal(&locked);
	return fd_steal(&fd);
}

void listener_remove(const char *path)
{
	autofree char *lock_path = NULL;
	unlink(path);
	if (asprintf(&lock_path, "%s.lock", path) >= 0)
		unlink(lock_path);
}
