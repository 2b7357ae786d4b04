#include "running.h"

#include "error.h"
#include "fd.h"
#include "text.h"
#include "xdg.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ENDING_MAX_S = 5, RETRY_US = 5000 };

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

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *running_all(void)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = xdg_path(XDG_RUNTIME, NULL, NULL);
	g_autoptr(GDir) folder = path ? g_dir_open(path, 0, NULL) : NULL;
	const char *name;
	while (folder && (name = g_dir_read_name(folder)))
		if (text_is_project_name(name) && running_now(name))
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, compare);
	return names;
}

int running_prevent(const char *project, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + ENDING_MAX_S * G_USEC_PER_SEC;
	for (;;) {
		// Made in each round: a session that ends removes it.
		g_autofree char *dir = xdg_make_dir(XDG_RUNTIME, error, project, NULL);
		if (!dir)
			return -1;
		g_autofree char *path = g_build_filename(dir, "lock", NULL);
		int fd = fd_lock_file(path);
		if (fd >= 0)
			return fd;
		if (errno != EWOULDBLOCK && errno != ENOENT) {
			error_set_errno(error, errno, "cannot lock %s", path);
			return -1;
		}
		// One whose container is gone has its lock for a moment more.
		if (running_now(project) || g_get_monotonic_time() > deadline) {
			error_set(error, "%s is running: isolate stop %s", project, project);
			return -1;
		}
		g_usleep(RETRY_US);
	}
}

void running_allow(const char *project, int lock)
{
	g_autofree char *dir = xdg_path(XDG_RUNTIME, NULL, project, NULL);
	g_autofree char *path = lock >= 0 && dir ? g_build_filename(dir, "lock", NULL) : NULL;
	struct stat ours, there;
	// Nobody else removes it while we hold it; what is another file by now is somebody else's lock.
	if (path && fstat(lock, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
		ours.st_dev == there.st_dev) {
		unlink(path);
		rmdir(dir);
	}
	fd_closep(&lock);
}
