#include "copy.h"

#include "error.h"
#include "fd.h"
#include "log.h"
#include "source.h"
#include "text.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

// Each level has two folders open. A container can nest deeper than any limit on those.
enum { DEPTH_MAX = 200, LEFT_OUT_MAX = 100, LEFT_OUT_SHOWN = 10, PIECE = 4 << 20, SHOW_US = 200000 };

/* One entry under way. */
struct entry {
	int from, to;
	const char *name, *as;
	GString *path; // of the folder it is in, for what is said of it
	guint depth;   // 0: what was asked for itself
};

void copy_init(struct copy *copy)
{
	*copy = (struct copy){.left_out = g_ptr_array_new_with_free_func(g_free)};
	copy->progress = isatty(STDERR_FILENO);
}

void copy_finish(struct copy *copy)
{
	g_ptr_array_unref(copy->left_out);
}

/* The path is cut, never the reason. */
static gboolean leave_out(struct copy *copy, const struct entry *entry, const char *why)
{
	g_autofree char *path = g_strconcat(entry->path->str, entry->name, NULL);
	g_autofree char *shown = text_dup_sanitized(path, 300);
	if (copy->left_out->len <= LEFT_OUT_MAX)
		g_ptr_array_add(copy->left_out, g_strdup_printf("%s: %s", shown, why));
	return TRUE;
}

static gboolean failed(const struct entry *entry, GError **error, const char *what)
{
	int number = errno;
	g_autofree char *path = g_strconcat(entry->path->str, entry->name, NULL);
	g_autofree char *shown = text_dup_sanitized(path, 300);
	return error_set_errno(error, number, "cannot %s %s", what, shown);
}

static void show_progress(struct copy *copy)
{
	gint64 now = g_get_monotonic_time();
	if (!copy->progress || now - copy->shown < SHOW_US)
		return;
	if (copy->shown > 0)
		fprintf(stderr, "\r\033[Kisolate: %" G_GUINT64_FORMAT " MiB copied", copy->bytes >> 20);
	copy->shown = now;
}

/* Shares the blocks where the file system can. Between two, it may be able to do nothing at all. */
static ssize_t copy_some(int from, int to, off_t at, size_t size)
{
	off_t in = at, out = at;
	ssize_t n = copy_file_range(from, &in, to, &out, size, 0);
	if (n >= 0 || (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS))
		return n;
	in = at;
	return lseek(to, at, SEEK_SET) < 0 ? -1 : sendfile(to, from, &in, size);
}

static gboolean copy_piece(struct copy *copy, int from, int to, off_t at, off_t end)
{
	while (at < end) {
		ssize_t n = copy_some(from, to, at, (size_t)MIN(end - at, PIECE));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0; // it was made shorter meanwhile
		at += n;
		copy->bytes += (guint64)n;
		show_progress(copy);
	}
	return TRUE;
}

/* Holes stay holes: a file of a container may be of any length. */
static gboolean copy_content(struct copy *copy, int from, int to, off_t size)
{
	for (off_t at = 0; at < size;) {
		off_t data = lseek(from, at, SEEK_DATA);
		if (data < 0 && errno != ENXIO)
			return FALSE;
		off_t hole = data < 0 ? size : lseek(from, data, SEEK_HOLE);
		if (data < 0 || data >= size)
			break;
		if (hole < 0 || hole > size)
			hole = size;
		if (!copy_piece(copy, from, to, data, hole))
			return FALSE;
		at = hole;
	}
	return ftruncate(to, size) == 0;
}

static gboolean finish_entry(int fd, const struct stat *st)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};
	return fchmod(fd, st->st_mode & 0777) == 0 && futimens(fd, times) == 0;
}

static gboolean copy_file(struct copy *copy, const struct entry *entry, GError **error)
{
	autofd from = openat(entry->from, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	if (from < 0 && errno == EACCES)
		return leave_out(copy, entry, "it cannot be read");
	if (from < 0 || fstat(from, &st) < 0)
		return failed(entry, error, "read");
	if (!S_ISREG(st.st_mode))
		return leave_out(copy, entry, "it changed meanwhile");
	autofd to = openat(entry->to, entry->as, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0 || !copy_content(copy, from, to, st.st_size) || !finish_entry(to, &st))
		return failed(entry, error, "copy");
	return TRUE;
}

/* Only at its beginning may a link go up, and no further than the folder that is copied: what it goes through on its way
 * down is a folder in there, or a link for which the same is true. depth is the link's: 1 in the first folder. */
static gboolean leads_within(const char *target, guint depth)
{
	g_auto(GStrv) names = g_strsplit(target, "/", -1);
	gboolean down = FALSE;
	guint up = 0;
	if (target[0] == '/' || target[0] == '\0')
		return FALSE;
	for (char **name = names; *name; name++) {
		if (strcmp(*name, "..") != 0) {
			down |= **name != '\0' && strcmp(*name, ".") != 0;
			continue;
		}
		if (down || ++up >= depth)
			return FALSE;
	}
	return TRUE;
}

static gboolean copy_link(struct copy *copy, const struct entry *entry, GError **error)
{
	char target[PATH_MAX + 1];
	ssize_t length = readlinkat(entry->from, entry->name, target, sizeof target - 1);
	if (length < 0)
		return errno == EINVAL ? leave_out(copy, entry, "it changed meanwhile") : failed(entry, error, "read");
	target[length] = '\0';
	if (copy->links_within && !leads_within(target, entry->depth))
		return leave_out(copy, entry, "a link that leads elsewhere");
	return symlinkat(target, entry->to, entry->as) == 0 || failed(entry, error, "copy");
}

static gboolean copy_any(struct copy *copy, const struct entry *entry, GError **error);

/* Takes from over. */
static gboolean copy_children(struct copy *copy, const struct entry *parent, int from, int to, GError **error)
{
	DIR *dir = fdopendir(from);
	if (!dir) {
		fd_closep(&from);
		return failed(parent, error, "read");
	}
	gsize length = parent->path->len;
	g_string_append_printf(parent->path, "%s/", parent->name);
	gboolean good = TRUE;
	const struct dirent *found;
	while (good && (found = readdir(dir))) {
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		const struct entry child = {
			dirfd(dir), to, found->d_name, found->d_name, parent->path, parent->depth + 1};
		good = copy_any(copy, &child, error);
	}
	g_string_truncate(parent->path, length);
	closedir(dir);
	return good;
}

static gboolean copy_folder(struct copy *copy, const struct entry *entry, GError **error)
{
	if (entry->depth > DEPTH_MAX)
		return leave_out(copy, entry, "it lies too deep");
	autofd from = source_open_beneath(entry->from, entry->name, O_RDONLY | O_DIRECTORY);
	struct stat st;
	if (from < 0 && errno == EACCES)
		return leave_out(copy, entry, "it cannot be read");
	if (from < 0 && (errno == ELOOP || errno == ENOTDIR))
		return leave_out(copy, entry, "it changed meanwhile");
	if (from < 0 || fstat(from, &st) < 0)
		return failed(entry, error, "read");
	if (mkdirat(entry->to, entry->as, 0700) < 0)
		return failed(entry, error, "copy");
	autofd to = source_open_beneath(entry->to, entry->as, O_RDONLY | O_DIRECTORY);
	if (to < 0)
		return failed(entry, error, "copy");
	if (!copy_children(copy, entry, fd_steal(&from), to, error))
		return FALSE;
	return finish_entry(to, &st) || failed(entry, error, "copy");
}

static gboolean copy_any(struct copy *copy, const struct entry *entry, GError **error)
{
	struct stat st;
	if (fstatat(entry->from, entry->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT && entry->depth > 0 ? TRUE : failed(entry, error, "read");
	if (S_ISDIR(st.st_mode))
		return copy_folder(copy, entry, error);
	if (S_ISREG(st.st_mode))
		return copy_file(copy, entry, error);
	if (S_ISLNK(st.st_mode) && entry->depth > 0)
		return copy_link(copy, entry, error);
	if (entry->depth > 0)
		return leave_out(copy, entry, "neither a file nor a folder");
	g_autofree char *shown = text_dup_sanitized(entry->name, 200);
	return error_set(error, "%s is %s", shown,
		S_ISLNK(st.st_mode) ? "a link, which is not followed" : "neither a file nor a folder");
}

/* What was copied under another name gets its own. */
static gboolean put_in_place(int to, const char *temporary, const char *as, gboolean replace, GError **error)
{
	g_autofree char *shown = text_dup_sanitized(as, 200);
	struct stat st;
	if (renameat2(to, temporary, to, as, RENAME_NOREPLACE) == 0)
		return TRUE;
	gboolean file = fstatat(to, temporary, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode);
	if (errno != EEXIST || !file || !replace)
		return error_set_errno(error, errno, "cannot make %s", shown);
	if (renameat(to, temporary, to, as) == 0)
		return TRUE;
	return error_set_errno(error, errno, "cannot replace %s", shown);
}

gboolean copy_entry(
	struct copy *copy, int from, const char *name, int to, const char *as, gboolean replace, GError **error)
{
	g_autoptr(GString) path = g_string_new(NULL);
	g_autofree char *temporary = g_strdup_printf(".isolate-copy-%08x", g_random_int());
	const struct entry entry = {from, to, name, temporary, path, 0};
	struct stat st;
	gboolean good = copy_any(copy, &entry, error);
	if (good && fstatat(to, temporary, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		g_autofree char *shown = text_dup_sanitized(name, 200);
		good = error_set(error, "%s cannot be read", shown);
	}
	good = good && put_in_place(to, temporary, as, replace, error);
	if (!good)
		tree_remove_at(to, temporary, NULL);
	if (copy->progress && copy->shown > 0)
		fputs("\r\033[K", stderr);
	return good;
}

void copy_report(const struct copy *copy)
{
	for (guint i = 0; i < copy->left_out->len && i < LEFT_OUT_SHOWN; i++)
		log_warning("not copied: %s", (const char *)copy->left_out->pdata[i]);
	if (copy->left_out->len > LEFT_OUT_SHOWN)
		log_warning("not copied: %s%u more", copy->left_out->len > LEFT_OUT_MAX ? "at least " : "",
			copy->left_out->len - LEFT_OUT_SHOWN);
}
