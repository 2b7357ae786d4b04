#include "git.h"

#include "error.h"
#include "fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS_MAX = 200000, DEPTH_MAX = 128 };

struct search {
	struct host *host;
	const char *share;
	guint folders;
};

static enum host_kind kind_at(int dir, const char *name)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return HOST_MISSING;
	return S_ISDIR(st.st_mode) ? HOST_DIR : S_ISREG(st.st_mode) ? HOST_FILE : HOST_OTHER;
}

static gboolean search_folder(struct search *search, int parent, const char *name, const char *path, guint depth);

static gboolean search_entry(struct search *search, int dir, const struct dirent *entry, const char *path, guint depth)
{
	const char *name = entry->d_name;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return TRUE;
	gboolean git = strcmp(name, ".git") == 0;
	if (!git && entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
		return TRUE;
	g_autofree char *child = g_build_filename(path, name, NULL);
	enum host_kind kind = entry->d_type == DT_DIR ? HOST_DIR : kind_at(dir, name);
	if (git && kind != HOST_MISSING) {
		host_add_git(search->host, search->share, child, kind);
		return TRUE;
	}
	return kind != HOST_DIR || search_folder(search, dir, name, child, depth + 1);
}

static gboolean search_folder(struct search *search, int parent, const char *name, const char *path, guint depth)
{
	if (++search->folders > FOLDERS_MAX || depth > DEPTH_MAX)
		return FALSE;
	autofd fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return TRUE; // gone meanwhile, or not readable: for the container neither
	int at = fd_steal(&fd);
	gboolean good = TRUE;
	const struct dirent *entry;
	while (good && (entry = readdir(dir)))
		good = search_entry(search, at, entry, path, depth);
	closedir(dir);
	return good;
}

gboolean git_find(struct host *host, const char *share, GError **error)
{
	struct search search = {.host = host, .share = share};
	return search_folder(&search, AT_FDCWD, share, share, 0) ||
	       error_set(error,
		       "%s has more than %d folders, or deeper ones than %d, to be searched for git repositories to "
		       "protect: "
		       "share less of it, or set [Files] Git=full",
		       share, FOLDERS_MAX, DEPTH_MAX);
}
