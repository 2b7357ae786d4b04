#include "git.h"

#include "error.h"
#include "fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

// Each repository costs mounts, and a container can make as many as it likes for the next start.
enum { FOLDERS_MAX = 200000, DEPTH_MAX = 128, REPOSITORIES_MAX = 512 };

/* A share of a developer has tens of thousands of folders, and each start looks into them all: hence getdents64() with
 * one buffer for all and a path that grows and shrinks, instead of readdir(). */
struct search {
	struct host *host;
	const char *share;
	GString *path; // of the folder that is being read
	guint folders;
	char buffer[32 * 1024] __attribute__((aligned(8)));
};

static enum host_kind kind_at(int dir, const char *name)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return HOST_MISSING;
	return S_ISDIR(st.st_mode) ? HOST_DIR : S_ISREG(st.st_mode) ? HOST_FILE : HOST_OTHER;
}

static void examine(struct search *search, int dir, const struct dirent64 *entry, GPtrArray *folders)
{
	const char *name = entry->d_name;
	gboolean git = strcmp(name, ".git") == 0;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		(!git && entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
		return;
	enum host_kind kind = entry->d_type == DT_DIR ? HOST_DIR : kind_at(dir, name);
	if (git && kind != HOST_MISSING) {
		g_autofree char *path = g_build_filename(search->path->str, name, NULL);
		host_add_git(search->host, search->share, path, kind);
	} else if (kind == HOST_DIR) {
		g_ptr_array_add(folders, g_strdup(name));
	}
}

/* The folders in dir. What cannot be read is gone meanwhile, or not for the container to read either. */
static GPtrArray *read_folder(struct search *search, int dir)
{
	GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
	ssize_t size;
	while ((size = getdents64(dir, search->buffer, sizeof search->buffer)) > 0)
		for (ssize_t at = 0; at < size;) {
			const struct dirent64 *entry = (const void *)(search->buffer + at);
			examine(search, dir, entry, folders);
			at += entry->d_reclen;
		}
	return folders;
}

static gboolean search_folder(struct search *search, int parent, const char *name, guint depth)
{
	if (++search->folders > FOLDERS_MAX || depth > DEPTH_MAX || search->host->git->len > REPOSITORIES_MAX)
		return FALSE;
	autofd dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return TRUE;
	g_autoptr(GPtrArray) folders = read_folder(search, dir);
	gsize length = search->path->len;
	gboolean good = TRUE;
	for (guint i = 0; good && i < folders->len; i++) {
		g_string_append_printf(search->path, "/%s", (char *)folders->pdata[i]);
		good = search_folder(search, dir, folders->pdata[i], depth + 1);
		g_string_truncate(search->path, length);
	}
	return good;
}

gboolean git_find(struct host *host, const char *share, GError **error)
{
	g_autofree struct search *search = g_new0(struct search, 1);
	g_autoptr(GString) path = g_string_new(share);
	search->host = host;
	search->share = share;
	search->path = path;
	return search_folder(search, AT_FDCWD, share, 0) ||
	       error_set(error,
		       "%s has more than %d folders, %d repositories or %d levels, too much to be searched for git "
		       "repositories to protect at each start: share less of it, or set [Files] Git=full",
		       share, FOLDERS_MAX, REPOSITORIES_MAX, DEPTH_MAX);
}
