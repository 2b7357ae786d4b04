#include "runtime.h"

#include "error.h"
#include "fd.h"
#include "socket.h"
#include "xdg.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>

enum { RETRY_US = 5000, WAIT_S = 30 };

static const char *const folders[] = {"sockets", "upstream", "layer", RUNTIME_BUS};

/* Removes the files in a folder of ours, whose names a container cannot choose. */
static void empty_folder(const char *path)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;
	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		g_unlink(file);
	}
}

static gboolean open_door(struct runtime *runtime, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = g_build_filename(runtime->path, folders[i], NULL);
		if (g_mkdir(path, 0700) == 0)
			continue;
		if (errno != EEXIST)
			return error_set_errno(error, errno, "cannot make the folder %s", path);
		empty_folder(path); // of a session that was killed
	}
	g_autofree char *control = g_build_filename(runtime->path, "control", NULL);
	runtime->listener = socket_listen(control, SOCK_SEQPACKET | SOCK_NONBLOCK);
	return runtime->listener >= 0 || error_set_errno(error, errno, "cannot listen at %s", control);
}

static gboolean others_listen(const struct runtime *runtime)
{
	g_autofree char *control = g_build_filename(runtime->path, "control", NULL);
	autofd fd = socket_connect(control, SOCK_SEQPACKET);
	return fd >= 0;
}

enum runtime_outcome runtime_take(struct runtime *runtime, const char *project, GError **error)
{
	*runtime = (struct runtime){.lock = -1, .listener = -1};
	gint64 deadline = g_get_monotonic_time() + WAIT_S * G_USEC_PER_SEC;
	for (;;) {
		// Made in each round: the session that ends removes it.
		g_free(runtime->path);
		runtime->path = xdg_make_dir(XDG_RUNTIME, error, project, NULL);
		if (!runtime->path)
			return RUNTIME_FAILED;
		g_autofree char *lock = g_build_filename(runtime->path, "lock", NULL);
		runtime->lock = fd_lock_file(lock);
		if (runtime->lock >= 0)
			return open_door(runtime, error) ? RUNTIME_TAKEN : RUNTIME_FAILED;
		if (errno != EWOULDBLOCK && errno != ENOENT) {
			error_set_errno(error, errno, "cannot lock %s", lock);
			return RUNTIME_FAILED;
		}
		if (others_listen(runtime))
			return RUNTIME_JOINED;
		if (g_get_monotonic_time() > deadline) {
			error_set(error, "%s is still ending: isolate kill %s ends it at once", project, project);
			return RUNTIME_FAILED;
		}
		g_usleep(RETRY_US);
	}
}

void runtime_close_door(struct runtime *runtime)
{
	if (runtime->listener < 0)
		return;
	g_autofree char *control = g_build_filename(runtime->path, "control", NULL);
	g_unlink(control);
	fd_closep(&runtime->listener);
}

void runtime_release(struct runtime *runtime)
{
	runtime_close_door(runtime);
	if (runtime->lock >= 0) {
		for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
			g_autofree char *path = g_build_filename(runtime->path, folders[i], NULL);
			empty_folder(path);
			g_rmdir(path);
		}
		g_autofree char *lock = g_build_filename(runtime->path, "lock", NULL);
		g_unlink(lock);
		g_rmdir(runtime->path);
	}
	fd_closep(&runtime->lock);
	g_clear_pointer(&runtime->path, g_free);
}
