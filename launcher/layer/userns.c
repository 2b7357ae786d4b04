#include "userns.h"

#include "error.h"
#include "fd.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IDS = 65536 }; // 0 to 65535, as every distribution has them

/* newuidmap or newgidmap: who may map what is theirs to say. */
struct mapping {
	const char *program, *file, *option;
	guint32 own;   // the user's id, the same inside
	guint64 first; // of the subordinate ids
	char *path;
};

/* "NAME or ID:FIRST:COUNT" */
static gboolean parse_line(const char *line, const char *name, const char *id, guint64 need, guint64 *first)
{
	g_auto(GStrv) fields = g_strsplit(line, ":", -1);
	guint64 count;
	return g_strv_length(fields) == 3 && (strcmp(fields[0], name) == 0 || strcmp(fields[0], id) == 0) &&
	       g_ascii_string_to_unsigned(fields[1], 10, 1, G_MAXUINT32, first, NULL) &&
	       g_ascii_string_to_unsigned(fields[2], 10, need, G_MAXUINT32, &count, NULL);
}

static gboolean find_ids(struct mapping *mapping, GError **error)
{
	const struct passwd *user = getpwuid(getuid());
	const char *name = user ? user->pw_name : "";
	g_autofree char *id = g_strdup_printf("%u", getuid()), *text = NULL;
	guint64 need = mapping->own < IDS ? IDS - 1 : IDS;
	g_file_get_contents(mapping->file, &text, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
	for (char **line = lines; *line; line++)
		if (parse_line(*line, name, id, need, &mapping->first))
			return TRUE;
	return error_set(error,
		"%s gives %s no %d ids, which a layer needs: as root, usermod %s 100000-165535 %s, or another range "
		"that nobody has",
		mapping->file, *name ? name : id, IDS, mapping->option, *name ? name : id);
}

static gboolean prepare(struct mapping *mapping, GError **error)
{
	mapping->path = spawn_find_system(mapping->program, "uidmap", error);
	return mapping->path && find_ids(mapping, error);
}

static void add_range(GPtrArray *words, guint64 inside, guint64 outside, guint64 count)
{
	const guint64 numbers[] = {inside, outside, count};
	for (size_t i = 0; count > 0 && i < G_N_ELEMENTS(numbers); i++)
		g_ptr_array_add(words, g_strdup_printf("%" G_GUINT64_FORMAT, numbers[i]));
}

/* In a process that is still outside. */
static gboolean map(const struct mapping *mapping, pid_t pid)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	char *no_environment[] = {NULL};
	guint64 below = MIN(mapping->own, IDS), above = mapping->own < IDS ? IDS - 1 - mapping->own : 0;
	int status = 1;
	g_ptr_array_add(words, g_strdup(mapping->path));
	g_ptr_array_add(words, g_strdup_printf("%d", (int)pid));
	add_range(words, 0, mapping->first, below);
	add_range(words, mapping->own, mapping->own, 1);
	add_range(words, (guint64)mapping->own + 1, mapping->first + mapping->own, above);
	g_ptr_array_add(words, NULL);
	pid_t child = fork();
	if (child == 0) {
		execve(mapping->path, (char **)words->pdata, no_environment);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Forks a process that stays outside and, once told through go, maps both kinds. */
static pid_t fork_mapper(const struct mapping *mappings, size_t n, int go, int other_end)
{
	pid_t us = getpid(), child = fork();
	if (child != 0)
		return child;
	char told;
	close(other_end); // so that it reads the end of file when we die
	if (read(go, &told, 1) != 1)
		_exit(1); // there is no namespace
	for (size_t i = 0; i < n; i++)
		if (!map(&mappings[i], us))
			_exit(1);
	_exit(0);
}

static gboolean enter(const struct mapping *mappings, size_t n, int flags, GError **error)
{
	int ends[2], status = 1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot make a pipe");
	autofd reading = ends[0], writing = ends[1];
	pid_t mapper = fork_mapper(mappings, n, reading, writing);
	int failure = mapper < 0 || unshare(CLONE_NEWUSER | flags) < 0 ? errno : 0;
	if (!failure && write(writing, "", 1) != 1)
		failure = errno;
	fd_closep(&writing);
	if (mapper > 0)
		waitpid(mapper, &status, 0);
	if (failure)
		return error_set_errno(error, failure, "cannot make a user namespace; isolate doctor says more");
	return status == 0 ||
	       error_set(error, "newuidmap or newgidmap refused: is it setuid root, and are /etc/subuid and "
				"/etc/subgid right?");
}

gboolean userns_enter(int flags, GError **error)
{
	struct mapping mappings[] = {
		{"newuidmap", "/etc/subuid", "--add-subuids", getuid(), 0, NULL},
		{"newgidmap", "/etc/subgid", "--add-subgids", getgid(), 0, NULL},
	};
	gboolean good = prepare(&mappings[0], error) && prepare(&mappings[1], error) &&
			enter(mappings, G_N_ELEMENTS(mappings), flags, error);
	for (size_t i = 0; i < G_N_ELEMENTS(mappings); i++)
		g_free(mappings[i].path);
	// The supplementary groups stay: what they open outside is open in other containers too.
	if (good && (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
		return error_set_errno(error, errno, "cannot become root of a user namespace");
	return good;
}
