#include "stream.h"

#include "base.h"
#include "error.h"
#include "fd.h"
#include "spawn.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/wait.h>

// Runs in the container, where links are its own affair. $1 is the place, $2 the name in the stream.
static const char unpack_inside[] = "if [ -d \"$1\" ]; then d=$1 n=$2; else d=${1%/*} n=${1##*/}; fi; d=${d:-/}\n"
				    "t=$(mktemp -d \"$d/.isolate-copy-XXXXXX\") || exit 1\n"
				    "tar -C \"$t\" -xf - && mv -T -- \"$t/$2\" \"$d/$n\"\n"
				    "s=$?; rm -rf -- \"$t\"; exit $s\n";

static gboolean add_isolate_run(struct args *args, const char *project, GError **error)
{
	char self[PATH_MAX];
	if (!realpath("/proc/self/exe", self))
		return error_set_errno(error, errno, "cannot find isolate itself");
	args_add_all(args, self, "run", "--project", project, "--no-tty", "--no-display", "--", NULL);
	return TRUE;
}

/* bubblewrap, with the host's programs and what stands at bind, and then tar with the words that follow. Takes bind over. */
static gboolean add_tar(struct args *args, const char *how, int bind, const char *at, GError **error)
{
	char tar_path[PATH_MAX];
	args_own_fd(args, bind);
	g_autofree char *bwrap = spawn_find_system("bwrap", "bubblewrap", error);
	g_autofree char *tar = bwrap ? spawn_find_system("tar", "tar", error) : NULL;
	if (!tar || !realpath(tar, tar_path))
		return tar ? error_set_errno(error, errno, "cannot find %s", tar) : FALSE;
	g_autofree char *number = g_strdup_printf("%d", bind);
	args_add_all(args, bwrap, "--unshare-all", "--die-with-parent", NULL);
	const char *const *const lists[] = {base_trees, base_roots};
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		for (const char *const *path = lists[i]; *path; path++)
			args_add_all(args, "--ro-bind-try", *path, *path, NULL);
	args_add_all(args, how, number, at, "--", tar_path, NULL);
	return TRUE;
}

static pid_t start(struct args *args, char **env, int in, int out, GError **error)
{
	// What a container's program says of an error is no line of ours.
	autofd null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const int stdio[] = {in, out};
	const struct spawn how = {
		.path = args->words->pdata[0], .args = args, .env = env, .error_fd = null, .stdio = stdio};
	return spawn(&how, error);
}

static gboolean succeeded(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What first writes, second reads. FALSE without an error: one of them failed. */
static gboolean connect_both(
	struct args *first, char **first_env, struct args *second, char **second_env, GError **error)
{
	int pair[2];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot make a pipe");
	autofd end = pair[0], begin = pair[1];
	pid_t writer = start(first, first_env, -1, begin, error);
	fd_closep(&begin);
	pid_t reader = writer < 0 ? -1 : start(second, second_env, end, -1, error);
	fd_closep(&end);
	gboolean good = reader >= 0 && succeeded(reader);
	return writer >= 0 && succeeded(writer) && good;
}

gboolean stream_out(const char *project, const char *path, int folder, GError **error)
{
	extern char **environ;
	char *nothing[] = {NULL};
	autoargs inside, outside;
	args_init(&inside);
	args_init(&outside);
	g_autofree char *parent = g_path_get_dirname(path), *base = g_path_get_basename(path);
	g_autofree char *name = g_strconcat("./", base, NULL), *shown = text_dup_sanitized(path, 300);
	GError *cause = NULL;
	if (!add_isolate_run(&inside, project, error) ||
		!add_tar(&outside, "--bind-fd", fcntl(folder, F_DUPFD_CLOEXEC, 3), "/to", error))
		return FALSE;
	args_add_all(&inside, "tar", "-C", parent, "-cf", "-", name, NULL);
	args_add_all(&outside, "-C", "/to", "--no-same-owner", "--no-same-permissions", "-xf", "-", NULL);
	if (connect_both(&inside, environ, &outside, nothing, &cause))
		return TRUE;
	if (!cause)
		return error_set(error, "%s of %s cannot be copied: is it there, and can it be read?", shown, project);
	g_propagate_error(error, cause);
	return FALSE;
}

gboolean stream_in(int source, const char *name, const char *project, const char *path, GError **error)
{
	extern char **environ;
	char *nothing[] = {NULL};
	autoargs inside, outside;
	args_init(&inside);
	args_init(&outside);
	g_autofree char *at = g_strconcat("/from/", name, NULL), *member = g_strconcat("./", name, NULL);
	g_autofree char *shown = text_dup_sanitized(path, 300);
	GError *cause = NULL;
	if (!add_isolate_run(&inside, project, error) ||
		!add_tar(&outside, "--ro-bind-fd", fcntl(source, F_DUPFD_CLOEXEC, 3), at, error))
		return FALSE;
	args_add_all(&inside, "sh", "-c", unpack_inside, "sh", path, name, NULL);
	args_add_all(&outside, "-C", "/from", "-cf", "-", member, NULL);
	if (connect_both(&outside, nothing, &inside, environ, &cause))
		return TRUE;
	if (!cause)
		return error_set(error,
			"%s cannot be made in the container of %s: is its folder there, and can it be written?", shown,
			project);
	g_propagate_error(error, cause);
	return FALSE;
}
