#include "usage.h"

#include "fd.h"
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 4000, SPARE_FDS = 64 };

struct count {
	struct usage *usage;
	dev_t device;
	guint depth_max;
	GHashTable *several; // inodes with more names than one that were counted
};

static gboolean counted(struct count *count, const struct stat *st)
{
	if (S_ISDIR(st->st_mode) || st->st_nlink < 2)
		return FALSE;
	gint64 *inode = g_new(gint64, 1);
	*inode = (gint64)st->st_ino;
	return !g_hash_table_add(count->several, inode);
}

static void count_folder(struct count *count, int fd, guint depth);

static void count_entry(struct count *count, int folder, const char *name, guint depth)
{
	struct stat st;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		count->usage->whole &= errno == ENOENT;
		return;
	}
	if (st.st_dev != count->device || counted(count, &st))
		return;
	count->usage->bytes += (guint64)st.st_blocks * 512;
	count->usage->files++;
	if (!S_ISDIR(st.st_mode))
		return;
	autofd fd = depth < count->depth_max ? source_open_beneath(folder, name, O_RDONLY | O_DIRECTORY) : -1;
	if (fd < 0 || fstat(fd, &st) < 0)
		count->usage->whole = FALSE;
	else if (st.st_dev == count->device)
		count_folder(count, fd_steal(&fd), depth + 1);
}

/* Takes fd over. */
static void count_folder(struct count *count, int fd, guint depth)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	if (!dir) {
		close(fd);
		count->usage->whole = FALSE;
		return;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			count_entry(count, fd, entry->d_name, depth);
	closedir(dir);
}

/* A level has one folder open: as many as there may be, within what the stack bears. */
static guint depth_allowed(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return SPARE_FDS;
	limit.rlim_cur = MIN(limit.rlim_max, DEPTH_MAX + 2 * SPARE_FDS);
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur > 2 * SPARE_FDS ? (guint)limit.rlim_cur - 2 * SPARE_FDS : SPARE_FDS / 2;
}

gboolean usage_count(const char *path, struct usage *usage)
{
	*usage = (struct usage){.whole = TRUE};
	autofd fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0) {
		usage->whole = FALSE;
		return errno != ENOENT && errno != ENOTDIR && errno != ELOOP;
	}
	g_autoptr(GHashTable) several = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	struct count count = {usage, st.st_dev, depth_allowed(), several};
	usage->bytes = (guint64)st.st_blocks * 512;
	usage->files = 1;
	count_folder(&count, fd_steal(&fd), 0);
	return TRUE;
}
