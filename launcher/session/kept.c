#include "kept.h"

#include "error.h"
#include "fd.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

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

gboolean kept_write(struct kept *kept, const char *line, gsize length, GError **error)
{
	if (kept->fd < 0 && !open_file(kept, error))
		return FALSE;
	if (kept->size > 0 && kept->size + (gint64)length > kept->max && !rotate(kept, error))
		return FALSE;
	kept->size += (gint64)length;
	if (fd_write_all(kept->fd, line, length) == 0)
		return TRUE;
	int number = errno;
	fd_closep(&kept->fd);
	return error_set_errno(error, number, "cannot write the file %s of %s", kept->name, kept->project);
}

void kept_close(struct kept *kept)
{
	fd_closep(&kept->fd);
}
