#include "source.h"

#include "error.h"
#include "fd.h"
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int openat2_path(int folder, const char *path, guint64 flags, guint64 resolve)
{
	const struct open_how how = {.flags = O_CLOEXEC | flags, .resolve = RESOLVE_NO_MAGICLINKS | resolve};
	return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

int source_open_beneath(int folder, const char *path, int flags)
{
	return openat2_path(folder, path, (guint64)flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int source_open(const struct plan_op *op, gboolean *directory, GError **error)
{
	if (op->flags & PLAN_OWN && g_mkdir_with_parents(op->source, 0700) < 0) {
		error_set_errno(error, errno, "cannot make the folder %s (%s)", op->source, op->reason);
		return -1;
	}
	if (op->flags & PLAN_GIT_GUARD && !guard_make(op, error))
		return -1;
	// The plan's path had no link when it was approved: one that it has now would lead to what nobody agreed to. Whoever
	// put it there may be another container, with a share around this one.
	autofd fd = openat2_path(AT_FDCWD, op->source, O_PATH, RESOLVE_NO_SYMLINKS);
	struct stat st;
	if (fd >= 0 && fstat(fd, &st) == 0) {
		*directory = S_ISDIR(st.st_mode);
		return fd_steal(&fd);
	}
	// A file system in user space whose program is gone shows nothing either.
	if ((errno == ENOENT || errno == ENOTCONN) && op->flags & PLAN_OPTIONAL)
		return -1;
	if (errno == ELOOP)
		error_set(error, "%s (%s) leads over a symbolic link that was not there a moment ago: start it again",
			op->source, op->reason);
	else
		error_set_errno(error, errno, "cannot open %s (%s)", op->source, op->reason);
	return -1;
}

/* Opens or makes one component as a folder. */
static int enter(int folder, const char *name)
{
	if (mkdirat(folder, name, 0755) < 0 && errno != EEXIST)
		return -1;
	return source_open_beneath(folder, name, O_PATH | O_DIRECTORY);
}

static gboolean make_file(int folder, const char *name)
{
	autofd fd = openat(folder, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0644);
	struct stat st;
	if (fd >= 0)
		return TRUE;
	if (errno != EEXIST || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return FALSE;
	errno = S_ISLNK(st.st_mode) ? ELOOP : EISDIR;
	return !S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* Says what is in the way at path, of which errno tells the kind. */
static gboolean blocked(const char *home, const char *path, GError **error)
{
	int number = errno;
	if (number != ELOOP && number != ENOTDIR && number != EISDIR)
		return error_set_errno(error, number, "cannot make %s%s", home, path);
	return error_set(error, "%s%s is in the way of a mount: it was made inside the container and is %s; remove it",
		home, path,
		number == ELOOP	   ? "a symbolic link"
		: number == EISDIR ? "a folder"
				   : "no folder");
}

gboolean source_make_mount_point(int home, const char *path, gboolean directory, const char *shown_home, GError **error)
{
	g_auto(GStrv) names = g_strsplit(path, "/", -1);
	g_autoptr(GString) reached = g_string_new(NULL);
	autofd at = fcntl(home, F_DUPFD_CLOEXEC, 3);
	for (char **name = names; *name; name++) {
		if (!**name)
			continue;
		g_string_append_printf(reached, "/%s", *name);
		if (strcmp(*name, "..") == 0 || strcmp(*name, ".") == 0)
			return error_set(error, "%s is not a plain path", path);
		if (!name[1] && !directory)
			return make_file(at, *name) || blocked(shown_home, reached->str, error);
		int next = enter(at, *name);
		if (next < 0)
			return blocked(shown_home, reached->str, error);
		fd_closep(&at);
		at = next;
	}
	return TRUE;
}
