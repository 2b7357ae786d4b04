#include "kept.h"

#include "error.h"
#include "fd.h"
#include "log.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean open_file(struct kept *kept, GError **error)
{
	g_autofree char *folder = xdg_make_dir(XDG_STATE, error, kept->project, NULL);
	if (!folder)
		return FALSE;
	g_autofree char *path = g_build_filename(folder, kept->name, NULL);
	autofd fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set_errno(error, errno, "cannot write %s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(error, "cannot write %s: it is no plain file", path);
	kept->size = st.st_size;
	kept->fd = fd_steal(&fd);
	return TRUE;
}

/* The file that is full becomes the old one, in whose place it goes. */
static gboolean rotate(struct kept *kept, GError **error)
{
	g_autofree char *path = xdg_path(XDG_STATE, error, kept->project, kept->name, NULL);
	g_autofree char *old = xdg_path(XDG_STATE, error, kept->project, kept->old, NULL);
	fd_closep(&kept->fd);
	if (!path || !old)
		return FALSE;
	if (rename(path, old) < 0)
		return error_set_errno(error, errno, "cannot put %s away", path);
	return open_file(kept, error);
}

/* What a full disk let through of a line would be the beginning of the next one. */
static void take_back(const struct kept *kept)
{
	struct stat st;
	if (fstat(kept->fd, &st) == 0 && st.st_size > kept->size && ftruncate(kept->fd, kept->size) < 0)
		log_warning("cannot take back half a line of %s: %m", kept->name);
}

gboolean kept_write(struct kept *kept, const char *line, gsize length, GError **error)
{
	if (kept->fd < 0 && !open_file(kept, error))
		return FALSE;
	if (kept->size > 0 && kept->size + (gint64)length > kept->max && !rotate(kept, error))
		return FALSE;
	if (fd_write_all(kept->fd, line, length) == 0) {
		kept->size += (gint64)length;
		return TRUE;
	}
	int number = errno;
	take_back(kept);
	fd_closep(&kept->fd);
	return error_set_errno(error, number, "cannot write the file %s of %s", kept->name, kept->project);
}

void kept_close(struct kept *kept)
{
	fd_closep(&kept->fd);
}
