#include "folder.h"

#include "error.h"
#include "fd.h"
#include "seal.h"
#include "text.h"
#include "xdg.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { FILE_SIZE_MAX = 1024 * 1024 };

static int take_lock(GError **error)
{
	g_autofree char *state = xdg_make_dir(XDG_STATE, error, NULL);
	if (!state)
		return -1;
	g_autofree char *path = g_build_filename(state, "desktop.lock", NULL);
	autofd lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	while (lock >= 0 && flock(lock, LOCK_EX) < 0)
		if (errno != EINTR)
			fd_closep(&lock);
	if (lock < 0)
		error_set_errno(error, errno, "cannot lock %s", path);
	return fd_steal(&lock);
}

/* What a writer that was killed has left: with the lock held, nobody writes. */
static void sweep(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		fd_closep(&fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir));)
		if (g_str_has_prefix(entry->d_name, ".isolate.") && g_str_has_suffix(entry->d_name, ".desktop.new"))
			unlinkat(folder, entry->d_name, 0);
	closedir(dir);
}

gboolean folder_open(struct folder *folder, GError **error)
{
	*folder = (struct folder){.fd = -1, .lock = -1};
	autofd lock = take_lock(error);
	if (lock < 0)
		return FALSE;
	g_autofree char *own = xdg_path(XDG_DATA, error, NULL), *data = g_path_get_dirname(own);
	g_autofree char *path = g_build_filename(data, "applications", NULL);
	if (g_mkdir_with_parents(path, 0755) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", path);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(error, errno, "cannot open the folder %s", path);
	sweep(fd);
	folder->path = g_steal_pointer(&path);
	folder->fd = fd;
	folder->lock = fd_steal(&lock);
	return TRUE;
}

void folder_close(struct folder *folder)
{
	fd_closep(&folder->fd);
	fd_closep(&folder->lock);
	g_clear_pointer(&folder->path, g_free);
}

/* At most FILE_SIZE_MAX bytes of a plain file, or NULL. */
static char *read_file(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_SIZE_MAX)
		return NULL;
	g_autofree char *content = g_malloc0((gsize)st.st_size + 1);
	gsize used = 0;
	while (used < (gsize)st.st_size) {
		ssize_t n = read(fd, content + used, (gsize)st.st_size - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL;
		used += (gsize)n;
	}
	return strlen(content) == used ? g_steal_pointer(&content) : NULL;
}

enum folder_state folder_look(const struct folder *folder, const char *name, char **content)
{
	autofd fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? FOLDER_ABSENT : FOLDER_FOREIGN;
	g_autofree char *found = read_file(fd);
	if (!found)
		return FOLDER_FOREIGN;
	enum folder_state state = seal_holds(name, found)	     ? FOLDER_OURS
				  : strstr(found, "\n" SEAL_KEY "=") ? FOLDER_EDITED
								     : FOLDER_FOREIGN;
	if (content && state != FOLDER_FOREIGN)
		*content = g_steal_pointer(&found);
	return state;
}

gboolean folder_write(const struct folder *folder, const char *name, const char *content, GError **error)
{
	// No menu reads a name without .desktop. One writer at a time, and folder_open() swept.
	g_autofree char *temporary = g_strdup_printf(".%s.new", name);
	autofd fd = openat(folder->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0 && fchmod(fd, 0644) == 0 && fd_write_all(fd, content, strlen(content)) >= 0 && fsync(fd) == 0 &&
		renameat(folder->fd, temporary, folder->fd, name) == 0)
		return TRUE;
	int number = errno;
	unlinkat(folder->fd, temporary, 0);
	return error_set_errno(error, number, "cannot write %s/%s", folder->path, name);
}

gboolean folder_remove(const struct folder *folder, const char *name, GError **error)
{
	if (unlinkat(folder->fd, name, 0) == 0 || errno == ENOENT)
		return TRUE;
	return error_set_errno(error, errno, "cannot remove %s/%s", folder->path, name);
}

char *folder_project_of(const char *name)
{
	if (!g_str_has_prefix(name, "isolate.") || !g_str_has_suffix(name, ".desktop"))
		return NULL;
	const char *start = name + strlen("isolate."), *end = strchr(start, '.');
	g_autofree char *project = end ? g_strndup(start, (gsize)(end - start)) : NULL;
	if (!project || !text_is_project_name(project))
		return NULL;
	g_autofree char *app = g_strndup(end + 1, strlen(end + 1) - MIN(strlen(".desktop"), strlen(end + 1)));
	return text_is_app_name(app) ? g_steal_pointer(&project) : NULL;
}

static int compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *folder_names(const struct folder *folder, const char *project, GError **error)
{
	int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		error_set_errno(error, errno, "cannot read the folder %s", folder->path);
		fd_closep(&fd);
		return NULL;
	}
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	for (struct dirent *found = readdir(dir); found; found = readdir(dir)) {
		g_autofree char *owner = folder_project_of(found->d_name);
		if (owner && (!project || strcmp(owner, project) == 0))
			g_ptr_array_add(names, g_strdup(found->d_name));
	}
	closedir(dir);
	g_ptr_array_sort(names, compare);
	return names;
}
