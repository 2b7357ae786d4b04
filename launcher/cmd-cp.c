#include "cmd.h"

#include "copy.h"
#include "error.h"
#include "fd.h"
#include "host.h"
#include "inside.h"
#include "running.h"
#include "source.h"
#include "stream.h"
#include "text.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* A path that host_resolve() gave: a link that is found on it now was put there since. */
static int open_resolved(const char *path, int flags)
{
	const struct open_how how = {
		.flags = (guint64)flags | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

static gboolean cannot(GError **error, const char *what, const char *path)
{
	int number = errno;
	g_autofree char *shown = text_dup_sanitized(path, 500);
	if (number == ELOOP)
		return error_set(error, "cannot %s %s: a link is in the way, which is not followed", what, shown);
	return error_set_errno(error, number, "cannot %s %s", what, shown);
}

/* Where a copy goes: a folder, and the name in it. */
struct target {
	int folder;
	char *name;
};

/* path, below folder or with -1 resolved on the host: into it where it is a folder, else as it. */
static gboolean find_target(struct target *target, int folder, const char *path, const char *name, GError **error)
{
	int flags = O_PATH | O_DIRECTORY;
	g_autofree char *parent = g_path_get_dirname(path);
	target->folder = folder < 0 ? open_resolved(path, flags) : source_open_beneath(folder, path, flags);
	if (target->folder >= 0) {
		target->name = g_strdup(name);
		return TRUE;
	}
	if (errno != ENOENT && errno != ENOTDIR)
		return cannot(error, "write", path);
	target->folder = folder < 0 ? open_resolved(parent, flags) : source_open_beneath(folder, parent, flags);
	target->name = g_path_get_basename(path);
	return target->folder >= 0 || cannot(error, "write in", parent);
}

static gboolean copy_and_tell(
	int from, const char *name, const struct target *target, gboolean links_within, GError **error)
{
	struct copy copy;
	copy_init(&copy);
	copy.links_within = links_within;
	gboolean good = copy_entry(&copy, from, name, target->folder, target->name, TRUE, error);
	if (good)
		copy_report(&copy);
	copy_finish(&copy);
	return good;
}

static gboolean needs_running(const struct inside *inside, GError **error)
{
	g_autofree char *shown = text_dup_sanitized(inside->path, 300);
	if (strcmp(inside->path, "/") == 0)
		return error_set(error, "the whole of a container is not copied: name a folder in it");
	return running_now(inside->project) ||
	       error_set(error, "%s is there only while the container runs: isolate start %s", shown, inside->project);
}

static gboolean home_out(const struct inside *inside, const struct target *target, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(inside->relative), *name = g_path_get_basename(inside->relative);
	gboolean whole = strcmp(inside->relative, ".") == 0;
	// The folder above the home is isolate's own.
	autofd from = whole ? openat(inside->home, "..", O_PATH | O_DIRECTORY | O_CLOEXEC)
			    : source_open_beneath(inside->home, parent, O_PATH | O_DIRECTORY);
	if (from < 0)
		return cannot(error, "read", inside->path);
	return copy_and_tell(from, whole ? "home" : name, target, TRUE, error);
}

/* Beside the target first: what came is looked through like what is copied from a home. */
static gboolean other_out(const struct inside *inside, const struct target *target, GError **error)
{
	g_autofree char *name = g_path_get_basename(inside->path);
	g_autofree char *between = g_strdup_printf(".isolate-copy-%08x", g_random_int());
	if (!needs_running(inside, error))
		return FALSE;
	if (mkdirat(target->folder, between, 0700) < 0)
		return cannot(error, "write in the folder of", target->name);
	autofd folder = source_open_beneath(target->folder, between, O_RDONLY | O_DIRECTORY);
	gboolean good =
		folder >= 0 ? stream_out(inside->project, inside->path, folder, error) : cannot(error, "open", between);
	good = good && copy_and_tell(folder, name, target, TRUE, error);
	tree_remove_at(target->folder, between, NULL);
	return good;
}

static gboolean copy_out(const char *from, const char *to, GError **error)
{
	struct inside inside = {.home = -1};
	struct target target = {.folder = -1};
	g_autofree char *path = g_canonicalize_filename(to, NULL);
	g_autofree char *resolved = host_resolve(path, error), *name = NULL;
	gboolean good = resolved && inside_find(&inside, from, error);
	if (good) {
		name = g_path_get_basename(inside.path);
		good = find_target(&target, -1, resolved, name, error) &&
		       (inside.relative ? home_out : other_out)(&inside, &target, error);
	}
	inside_finish(&inside);
	fd_closep(&target.folder);
	g_free(target.name);
	return good;
}

static gboolean copy_in(const char *from, const char *to, GError **error)
{
	struct inside inside = {.home = -1};
	struct target target = {.folder = -1};
	g_autofree char *path = g_canonicalize_filename(from, NULL);
	g_autofree char *resolved = host_resolve(path, error);
	g_autofree char *parent = resolved ? g_path_get_dirname(resolved) : NULL;
	g_autofree char *name = g_path_get_basename(path), *real = resolved ? g_path_get_basename(resolved) : NULL;
	autofd folder = resolved ? open_resolved(parent, O_PATH | O_DIRECTORY) : -1;
	gboolean good = folder >= 0 || (resolved && cannot(error, "read", from));
	good = good && inside_find(&inside, to, error);
	if (good && inside.relative) {
		good = find_target(&target, inside.home, inside.relative, name, error) &&
		       copy_and_tell(folder, real, &target, FALSE, error);
	} else if (good && needs_running(&inside, error)) {
		autofd source = openat(folder, real, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		good = source >= 0 ? stream_in(source, name, inside.project, inside.path, error)
				   : cannot(error, "read", from);
	}
	inside_finish(&inside);
	fd_closep(&target.folder);
	g_free(target.name);
	return good;
}

static int run(int argc, char **argv, GError **error)
{
	g_auto(GStrv) words = cmd_words(NULL, argc, argv, 2, 2, error);
	if (!words)
		return 0;
	gboolean from = inside_is(words[0]), to = inside_is(words[1]);
	if (from == to)
		error_set(error,
			"one of the two is NAME:PATH, the other is a path of the host (./a:b for one with a colon)");
	else if (from)
		copy_out(words[0], words[1], error);
	else
		copy_in(words[0], words[1], error);
	return 0;
}

const struct cmd cmd_cp = {
	.name = "cp",
	.arguments = "[NAME:]PATH [NAME:]PATH",
	.summary = "Copy a file or folder into a container or out of it",
	.details = "NAME:PATH is in the container, relative to its home or absolute. The home can be reached always, "
		   "the rest "
		   "while the\n"
		   "container runs. An existing folder is copied into; a file is replaced. No link is followed, and "
		   "one that\n"
		   "leads out of what is copied does not come out.\n"
		   "  isolate cp notes.txt first:Documents/\n"
		   "  isolate cp first:/tmp/core .\n",
	.run = run,
};
