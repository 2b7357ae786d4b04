#include "tree.h"

#include "error.h"
#include "fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
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

/* A removal under way. A container can nest folders deeper than a process may have files open: below DEPTH_MAX they are
 * moved up into the tree's first folder, which is gone through until nothing more came. */
struct removal {
	int top;
	guint moved;
};

enum { DEPTH_MAX = 64 };

static gboolean remove_entry(struct removal *removal, int parent, const char *name, guint depth, GError **error);

/* Takes fd over. */
static gboolean empty_folder(struct removal *removal, int fd, guint depth, GError **error)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		fd_closep(&fd);
		return error_set_errno(error, errno, "cannot read a folder");
	}
	rewinddir(dir);
	gboolean good = TRUE;
	const struct dirent *entry;
	while (good && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			good = remove_entry(removal, fd, entry->d_name, depth + 1, error);
	closedir(dir);
	return good;
}

static gboolean move_up(struct removal *removal, int parent, const char *name, GError **error)
{
	char moved[32];
	int r;
	do {
		g_snprintf(moved, sizeof moved, ".removed-%u", removal->moved++);
		r = renameat2(parent, name, removal->top, moved, RENAME_NOREPLACE);
	} while (r < 0 && errno == EEXIST);
	return r == 0 || error_set_errno(error, errno, "cannot move %s", name);
}

static gboolean cannot_open(const char *name, GError **error)
{
	if (errno == EXDEV)
		return error_set(error, "%s: a file system is mounted there: unmount it first", name);
	return error_set_errno(error, errno, "cannot open %s", name);
}

static gboolean remove_entry(struct removal *removal, int parent, const char *name, guint depth, GError **error)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return TRUE;
	if (errno != EISDIR && errno != EPERM)
		return error_set_errno(error, errno, "cannot remove %s", name);
	autofd fd = open_folder(parent, name);
	if (fd < 0)
		return cannot_open(name, error);
	if (depth > DEPTH_MAX)
		return move_up(removal, parent, name, error);
	if (!empty_folder(removal, fd_steal(&fd), depth, error)) {
		g_prefix_error(error, "%s/", name);
		return FALSE;
	}
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || error_set_errno(error, errno, "cannot remove %s", name);
}

/* path is a folder of the parent's. */
static gboolean remove_tree(int parent, const char *name, GError **error)
{
	autofd top = open_folder(parent, name);
	struct removal removal = {.top = top};
	if (top < 0)
		return cannot_open(name, error);
	guint before;
	do {
		before = removal.moved;
		if (!empty_folder(&removal, fcntl(top, F_DUPFD_CLOEXEC, 3), 0, error)) {
			g_prefix_error(error, "%s/", name);
			return FALSE;
		}
	} while (removal.moved != before);
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || error_set_errno(error, errno, "cannot remove %s", name);
}

gboolean tree_remove_at(int parent, const char *name, GError **error)
{
	return unlinkat(parent, name, 0) == 0 || errno == ENOENT || remove_tree(parent, name, error);
}

gboolean tree_remove(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
	autofd parent = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return errno == ENOENT || error_set_errno(error, errno, "cannot open %s", folder);
	if (tree_remove_at(parent, name, error))
		return TRUE;
	g_prefix_error(error, "in %s: ", folder);
	return FALSE;
}
