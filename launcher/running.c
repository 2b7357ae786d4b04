#include "running.h"

#include "error.h"
#include "fd.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

gboolean running_now(const char *project)
{
	g_autofree char *path = xdg_path(XDG_RUNTIME, NULL, project, "control", NULL);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (!path || strlen(path) >= sizeof address.sun_path)
		return FALSE;
	memcpy(address.sun_path, path, strlen(path) + 1);
	autofd fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	// A session that is too busy to accept runs too.
	return fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN);
}

int running_prevent(const char *project, GError **error)
{
	g_autofree char *dir = xdg_make_dir(XDG_RUNTIME, error, project, NULL);
	if (!dir)
		return -1;
	g_autofree char *path = g_build_filename(dir, "lock", NULL);
	autofd fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd_steal(&fd);
	if (fd >= 0 && errno == EWOULDBLOCK)
		error_set(error, "%s is running: isolate stop %s", project, project);
	else
		error_set_errno(error, errno, "cannot lock %s", path);
	return -1;
}
