#include "mount.h"

#include "error.h"
#include "fd.h"
#include "layer-spec.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* Where things are below PLACE, all but the last gone with the mount namespace. */
static const char base[] = "base", own[] = "own", upper[] = "upper", work[] = "work";

enum { OVERFLOW_ID = 65534 };

struct preparation {
	const char *place, *keep;
	guint uid, gid; // whose files of the base are root's inside
	gboolean started;
};

static char *below(const struct preparation *preparation, const char *layer, const char *path)
{
	return g_build_filename(preparation->place, layer, path, NULL);
}

/* Owned by what root is called before fuse-overlayfs turns names around. */
static gboolean give_to_root(const struct preparation *preparation, const char *path, GError **error)
{
	return lchown(path, preparation->uid, preparation->gid) == 0 ||
	       error_set_errno(error, errno, "cannot set the owner of %s", path);
}

static gboolean make_folder(const struct preparation *preparation, const char *path, mode_t mode, GError **error)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return error_set_errno(error, errno, "cannot make the folder %s", path);
	return chmod(path, mode) == 0 ? give_to_root(preparation, path, error)
				      : error_set_errno(error, errno, "cannot set the mode of %s", path);
}

/* The folders above path within a layer, which have their usual mode: no file of a base is above them. */
static gboolean make_parents(const struct preparation *preparation, const char *layer, const char *dest, GError **error)
{
	for (const char *slash = strchr(dest + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *part = g_strndup(dest, (size_t)(slash - dest));
		g_autofree char *path = below(preparation, layer, part);
		if (!g_file_test(path, G_FILE_TEST_IS_DIR) && !make_folder(preparation, path, 0755, error))
			return FALSE;
	}
	return TRUE;
}

/* Over the folder or file that a mount needs at path. */
static gboolean make_point(const struct preparation *preparation, const char *path, gboolean directory, GError **error)
{
	if (directory)
		return make_folder(preparation, path, 0755, error);
	autofd fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
	return fd >= 0 || error_set_errno(error, errno, "cannot make %s", path);
}

/* As source_open() has it: the path had no link when it was approved. */
static gboolean add_bind(const struct preparation *preparation, const char *source, const char *dest, GError **error)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS};
	autofd fd = (int)syscall(SYS_openat2, AT_FDCWD, source, &how, sizeof how);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set_errno(error, errno, "cannot open %s", source);
	g_autofree char *path = below(preparation, base, dest);
	if (!make_parents(preparation, base, dest, error) || !make_point(preparation, path, S_ISDIR(st.st_mode), error))
		return FALSE;
	autofd tree = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (tree < 0 || move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_set_errno(error, errno, "cannot mount %s", source);
	return TRUE;
}

static gboolean add_file(
	const struct preparation *preparation, const char *dest, const char *mode, const char *content, GError **error)
{
	g_autofree char *path = below(preparation, own, dest);
	if (!make_parents(preparation, own, dest, error))
		return FALSE;
	autofd fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fd_write_all(fd, content, strlen(content)) < 0 ||
		fchmod(fd, (mode_t)strtoul(mode, NULL, 8) & 07777) < 0)
		return error_set_errno(error, errno, "cannot make %s", path);
	return give_to_root(preparation, path, error);
}

static gboolean add_folder(
	const struct preparation *preparation, const char *dest, const char *mode, gboolean cover, GError **error)
{
	g_autofree char *path = below(preparation, own, dest);
	if (!make_parents(preparation, own, dest, error) ||
		!make_folder(preparation, path, (mode_t)strtoul(mode, NULL, 8) & 07777, error))
		return FALSE;
	// What fuse-overlayfs takes for "nothing of the layers below shows here" where it has no extended attributes.
	g_autofree char *mark = g_build_filename(path, ".wh..wh..opq", NULL);
	autofd fd = cover ? open(mark, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644) : -1;
	return !cover || fd >= 0 || error_set_errno(error, errno, "cannot make %s", mark);
}

static gboolean add_link(const struct preparation *preparation, const char *dest, const char *target, GError **error)
{
	g_autofree char *path = below(preparation, own, dest);
	if (!make_parents(preparation, own, dest, error))
		return FALSE;
	if (symlink(target, path) < 0)
		return error_set_errno(error, errno, "cannot make the link %s", path);
	return give_to_root(preparation, path, error);
}

/* A memory file system of our own over place, with the folders that are not kept. */
static gboolean start(struct preparation *preparation, GError **error)
{
	const char *place = preparation->place;
	if (!place)
		return error_set(error, "a layer without a place");
	// Whatever is mounted from here on is gone with the last process of this namespace.
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("isolate-layer", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return error_set_errno(error, errno, "cannot mount at %s", place);
	static const char *const folders[] = {base, own, upper, work, SPEC_MERGED};
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = below(preparation, folders[i], NULL);
		if (!make_folder(preparation, path, 0755, error))
			return FALSE;
	}
	preparation->started = TRUE;
	return TRUE;
}

/* The words of one line, after its name. */
static gboolean carry_out(struct preparation *preparation, const char *name, char **words, GError **error)
{
	if (strcmp(name, "at") == 0) {
		preparation->place = words[0];
	} else if (strcmp(name, "owner") == 0) {
		preparation->uid = (guint)strtoul(words[0], NULL, 10);
		preparation->gid = (guint)strtoul(words[1], NULL, 10);
	} else if (strcmp(name, "keep") == 0) {
		preparation->keep = words[0];
	} else if (!preparation->started && !start(preparation, error)) {
		return FALSE;
	} else if (strcmp(name, "bind") == 0) {
		return add_bind(preparation, words[0], words[1], error);
	} else if (strcmp(name, "dir") == 0) {
		return add_folder(preparation, words[0], words[1], FALSE, error);
	} else if (strcmp(name, "cover") == 0) {
		return add_folder(preparation, words[0], "0755", TRUE, error);
	} else if (strcmp(name, "file") == 0) {
		return add_file(preparation, words[0], words[1], words[2], error);
	} else {
		return add_link(preparation, words[0], words[1], error);
	}
	return TRUE;
}

static const struct {
	const char *name;
	guint words;
} lines[] = {
	{"at",    1},
	{"owner", 2},
	{"keep",	 1},
	{"bind",	 2},
	{"dir",	2},
	{"cover", 1},
	{"file",	 3},
	{"link",	 2},
};

/* Where changes are kept. What an interrupted copy left in work is of no use to anybody. */
static gboolean open_kept(const struct preparation *preparation, GError **error)
{
	g_autofree char *kept_upper = g_build_filename(preparation->keep, upper, NULL);
	g_autofree char *kept_work = g_build_filename(preparation->keep, work, NULL);
	if (!tree_remove(kept_work, error) || !make_folder(preparation, kept_work, 0700, error))
		return FALSE;
	return g_file_test(kept_upper, G_FILE_TEST_IS_DIR) || make_folder(preparation, kept_upper, 0755, error);
}

/* fuse-overlayfs takes a comma or a colon in a path for the end of it. */
static gboolean check_path(const char *path, GError **error)
{
	return !strpbrk(path, ",:\\") ||
	       error_set(error, "%s: a layer cannot lie below a folder with a comma, colon or backslash in its name",
		       path);
}

/* Root's files of the base have another owner in this namespace: the two ids change places. */
static char *turn_around(guint id)
{
	if (id > 65535)
		return g_strdup_printf("0:%u:1:1:1:65535:%u:0:1", id, id);
	return g_strdup_printf("0:%u:1:1:1:%u:%u:0:1:%u:%u:%u", id, id - 1, id, id + 1, id + 1, 65535 - id);
}

static char *make_options(const struct preparation *preparation)
{
	const char *changes = preparation->keep ? preparation->keep : preparation->place;
	g_autofree char *uids = turn_around(preparation->uid), *gids = turn_around(preparation->gid);
	return g_strdup_printf("lowerdir=%s/%s:%s/%s,upperdir=%s/%s,workdir=%s/%s,uidmapping=%s,gidmapping=%s",
		preparation->place, own, preparation->place, base, changes, upper, changes, work, uids, gids);
}

gboolean layer_prepare(struct layer *layer, char **words, GError **error)
{
	struct preparation preparation = {.uid = OVERFLOW_ID, .gid = OVERFLOW_ID};
	while (*words) {
		guint i = 0, left = g_strv_length(words);
		while (i < G_N_ELEMENTS(lines) && strcmp(lines[i].name, *words) != 0)
			i++;
		if (i == G_N_ELEMENTS(lines) || left <= lines[i].words)
			return error_set(error, "a layer's description is of another version");
		if (!carry_out(&preparation, *words, words + 1, error))
			return FALSE;
		words += 1 + lines[i].words;
	}
	if (!preparation.started && !start(&preparation, error))
		return FALSE;
	if (!check_path(preparation.place, error) ||
		(preparation.keep && (!check_path(preparation.keep, error) || !open_kept(&preparation, error))))
		return FALSE;
	layer->options = make_options(&preparation);
	layer->place = below(&preparation, SPEC_MERGED, NULL);
	return TRUE;
}
