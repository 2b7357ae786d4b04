#include "tree.h"

#include "error.h"
#include "fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int open_below(int parent, const char *name, guint64 flags)
{
	const struct open_how how = {
		.flags = flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	return (int)syscall(SYS_openat2, parent, name, &how, sizeof how);
}

/* A folder for reading, made readable and writable when its owner took that away. */
static int open_folder(int parent, const char *name)
{
	autofd handle = open_below(parent, name, O_PATH);
	if (handle < 0)
		return -1;
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", handle);
	struct stat st;
	if (fstat(handle, &st) == 0 && (st.st_mode & 0700) != 0700)
		chmod(path, 0700);
	// Through the handle: the name may mean something else by now.
	return openat(handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static gboolean remove_entry(int parent, const char *name, guint depth, GError **error);

static gboolean empty_folder(int fd, guint depth, GError **error)
{
	enum { DEPTH_MAX = 2048 };
	DIR *dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return error_set_errno(error, errno, "cannot read a folder");
	}
	gboolean good = depth < DEPTH_MAX || error_set(error, "folders are nested deeper than %d", DEPTH_MAX);
	const struct dirent *entry;
	while (good && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			good = remove_entry(fd, entry->d_name, depth + 1, error);
	closedir(dir);
	return good;
}

static gboolean remove_entry(int parent, const char *name, guint depth, GError **error)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return TRUE;
	if (errno != EISDIR && errno != EPERM)
		return error_set_errno(error, errno, "cannot remove %s", name);
	int fd = open_folder(parent, name);
	if (fd < 0 && errno == EXDEV)
		return error_set(error, "%s: a file system is mounted there: unmount it first", name);
	if (fd < 0)
		return error_set_errno(error, errno, "cannot open %s", name);
	if (!empty_folder(fd, depth, error)) {
		g_prefix_error(error, "%s/", name);
		return FALSE;
	}
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || error_set_errno(error, errno, "cannot remove %s", name);
}

gboolean tree_remove(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
	autofd parent = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return errno == ENOENT || error_set_errno(error, errno, "cannot open %s", folder);
	if (remove_entry(parent, name, 0, error))
		return TRUE;
	g_prefix_error(error, "in %s: ", folder);
	return FALSE;
}
