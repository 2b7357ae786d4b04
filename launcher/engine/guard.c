#include "guard.h"

#include "error.h"
#include "fd.h"
#include "source.h"
#include "spawn.h"
#include "text.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

char *guard_original(const struct plan_op *op)
{
	gsize size;
	const char *data = g_bytes_get_data(op->data, &size);
	return g_strndup(data, size);
}

char **guard_environment(char **env)
{
	char **own = g_strdupv(env ? env : (char *[]){NULL});
	static const char *const names[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS",
		"GIT_EXEC_PATH", "GIT_NAMESPACE", "GIT_COMMON_DIR", "GIT_TRACE", "GIT_PROTOCOL"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		own = g_environ_unsetenv(own, names[i]);
	own = g_environ_setenv(own, "PATH", "/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin", TRUE);
	own = g_environ_setenv(own, "LC_ALL", "C.UTF-8", TRUE);
	own = g_environ_setenv(own, "GIT_CONFIG_NOSYSTEM", "1", TRUE);
	own = g_environ_setenv(own, "GIT_CONFIG_GLOBAL", "/dev/null", TRUE);
	own = g_environ_setenv(own, "GIT_TERMINAL_PROMPT", "0", TRUE);
	return g_environ_setenv(own, "GIT_OPTIONAL_LOCKS", "0", TRUE);
}

/* The last line that says something. */
static char *last_line(char *text)
{
	g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
	guint n = g_strv_length(lines);
	return text_dup_sanitized(n > 0 ? lines[n - 1] : "it said nothing", 300);
}

gboolean guard_run_git(const char *const *words, char **env, char **out, GError **error)
{
	static const char *const options[] = {"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c",
		"core.alternateRefsCommand=true", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c",
		"fetch.writeCommitGraph=false", "-c", "fetch.recurseSubmodules=false", "-c", "protocol.version=0", "-c",
		"protocol.allow=never", "-c", "protocol.file.allow=always", "-c", "fetch.fsckObjects=true"};
	g_autofree char *git = spawn_find_system("git", "git", error);
	if (!git)
		return FALSE;
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_ptr_array_add(argv, git);
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		g_ptr_array_add(argv, (char *)options[i]);
	for (; *words; words++)
		g_ptr_array_add(argv, (char *)*words);
	g_ptr_array_add(argv, NULL);
	g_autofree char *said = NULL;
	g_autoptr(GError) cause = NULL;
	int status = 0;
	if (!g_spawn_sync("/", (char **)argv->pdata, env, out ? 0 : G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, out, &said,
		    &status, &cause))
		return error_set(error, "cannot run git: %s", cause->message);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return TRUE;
	g_autofree char *shown = last_line(said);
	if (out)
		g_clear_pointer(out, g_free);
	return error_set(error, "git failed: %s", shown);
}

/* A copy under way: from the host's git directory to a folder that is renamed when it is whole. */
struct guard {
	const char *from, *to;
	int folder; // from, opened
	char **env;
};

static gboolean run(const struct guard *guard, char **out, GError **error, ...) G_GNUC_NULL_TERMINATED;

static gboolean run(const struct guard *guard, char **out, GError **error, ...)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	va_list args;
	va_start(args, error);
	for (const char *word; (word = va_arg(args, const char *));)
		g_ptr_array_add(words, (char *)word);
	va_end(args);
	g_ptr_array_add(words, NULL);
	return guard_run_git((const char *const *)words->pdata, guard->env, out, error);
}

static gboolean write_file(const struct guard *guard, const char *name, const char *text, gssize size, GError **error)
{
	g_autofree char *path = g_build_filename(guard->to, name, NULL), *folder = g_path_get_dirname(path);
	g_autoptr(GError) cause = NULL;
	if (g_mkdir_with_parents(folder, 0700) == 0 &&
		g_file_set_contents_full(path, text, size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &cause))
		return TRUE;
	return error_set(error, "cannot write %s: %s", path, cause ? cause->message : g_strerror(errno));
}

/* The repository may be one that a container made: a link in it would have us copy what it leads to for the container. */
static char *read_original(const struct guard *guard, const char *name, gsize *size, GError **error)
{
	enum { FILE_MAX = 256 << 20 };
	autofd fd = source_open_beneath(guard->folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 || fstat(fd, &st) < 0) {
		error_set_errno(error, errno, "cannot read %s/%s", guard->from, name);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		error_set(error, "%s/%s is no file, or too long a one", guard->from, name);
		return NULL;
	}
	g_autofree char *content = g_malloc((gsize)st.st_size + 1);
	*size = 0;
	ssize_t n;
	while (*size < (gsize)st.st_size && (n = read(fd, content + *size, (gsize)st.st_size - *size)) != 0) {
		if (n < 0 && errno != EINTR) {
			error_set_errno(error, errno, "cannot read %s/%s", guard->from, name);
			return NULL;
		}
		*size += n > 0 ? (gsize)n : 0;
	}
	content[*size] = '\0';
	return g_steal_pointer(&content);
}

/* What is missing stays so. */
static gboolean copy_file(const struct guard *guard, const char *name, const char *as, GError **error)
{
	gsize size = 0;
	GError *cause = NULL;
	g_autofree char *content = read_original(guard, name, &size, &cause);
	if (content)
		return write_file(guard, as, content, (gssize)size, error);
	if (!cause)
		return TRUE;
	g_propagate_error(error, cause);
	return FALSE;
}

static gboolean copy_index(const struct guard *guard, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(guard->from, 0, NULL);
	const char *name;
	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_prefix(name, "sharedindex.") && !copy_file(guard, name, name, error))
			return FALSE;
	return copy_file(guard, "index", "index", error) && copy_file(guard, "shallow", "shallow", error) &&
	       copy_file(guard, "info/exclude", "info/exclude", error) &&
	       copy_file(guard, "info/sparse-checkout", "info/sparse-checkout", error);
}

/* Settings that name no program and no file. */
static gboolean is_harmless(const char *key)
{
	static const char *const whole[] = {"core.repositoryformatversion", "core.filemode", "core.symlinks",
		"core.ignorecase", "core.precomposeunicode", "core.logallrefupdates", "core.autocrlf", "core.eol",
		"core.safecrlf", "core.sparsecheckout", "core.sparsecheckoutcone", "extensions.objectformat",
		"user.name", "user.email", "pull.rebase", "push.default", "push.autosetupremote",
		"branch.autosetuprebase", "rebase.autostash", NULL};
	static const char *const ends[] = {
		".url", ".pushurl", ".fetch", ".remote", ".merge", ".rebase", ".pushremote", NULL};
	if (g_strv_contains(whole, key))
		return TRUE;
	if (!g_str_has_prefix(key, "remote.") && !g_str_has_prefix(key, "branch."))
		return FALSE;
	for (const char *const *end = ends; *end; end++)
		if (g_str_has_suffix(key, *end))
			return TRUE;
	return FALSE;
}

static void append_quoted(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (; *text; text++)
		if (*text == '\n')
			g_string_append(out, "\\n");
		else if (*text == '"' || *text == '\\')
			g_string_append_printf(out, "\\%c", *text);
		else
			g_string_append_c(out, *text);
	g_string_append_c(out, '"');
}

/* section.name or section.SUB.SECTION.name, as git lists it. A subsection with a line's end cannot be written. */
static void append_setting(GString *out, const char *key, const char *value)
{
	const char *first = strchr(key, '.'), *last = strrchr(key, '.');
	g_autofree char *section = g_strndup(key, (size_t)(first - key));
	g_autofree char *sub = last > first ? g_strndup(first + 1, (size_t)(last - first - 1)) : NULL;
	if (sub && strchr(sub, '\n'))
		return;
	g_string_append_printf(out, "[%s", section);
	if (sub) {
		g_string_append_c(out, ' ');
		append_quoted(out, sub);
	}
	g_string_append_printf(out, "]\n\t%s = ", last + 1);
	append_quoted(out, value);
	g_string_append_c(out, '\n');
}

/* A value with a line's end in it reads like further settings, of which also only the harmless ones are taken. */
static gboolean write_config(const struct guard *guard, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(guard->to, "config", NULL), *list = NULL;
	g_autofree char *list_path = g_strconcat("--file=", path, NULL);
	g_autoptr(GString) text =
		g_string_new("# Made by isolate from the repository's own; what runs programs is left out.\n");
	if (!copy_file(guard, "config", "config", error) ||
		!run(guard, &list, error, "config", list_path, "--no-includes", "--list", NULL))
		return FALSE;
	g_auto(GStrv) lines = g_strsplit(list, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_autofree char *key = g_strndup(*line, strcspn(*line, "="));
		if (strchr(*line, '=') && strchr(key, '.') && is_harmless(key))
			append_setting(text, key, *line + strlen(key) + 1);
	}
	append_setting(text, "core.bare", "false");
	g_autofree char *original = g_build_filename(PLAN_GIT_DIR, name, NULL);
	append_setting(text, "remote.host.url", original);
	append_setting(text, "remote.host.fetch", "+refs/heads/*:refs/remotes/host/*");
	return write_file(guard, "config", text->str, (gssize)text->len, error);
}

static gboolean check_original(const struct guard *guard, GError **error)
{
	g_autofree char *alternates = g_build_filename(guard->from, "objects/info/alternates", NULL);
	g_autofree char *tables = g_build_filename(guard->from, "reftable", NULL);
	if (g_file_test(alternates, G_FILE_TEST_EXISTS))
		return error_set(error,
			"it borrows objects of another repository: git -C %s repack -a -d, and remove %s", guard->from,
			alternates);
	if (g_file_test(tables, G_FILE_TEST_EXISTS))
		return error_set(error, "its references are in a reftable, of which this version can make no copy");
	return TRUE;
}

static gboolean fill(const struct guard *guard, const char *name, GError **error)
{
	g_autofree char *objects = g_strconcat(guard->from, "/objects\n", NULL), *format = NULL;
	g_autofree char *inside = g_strconcat(PLAN_GIT_DIR "/", name, "/objects\n", NULL);
	g_autofree char *from_dir = g_strconcat("--git-dir=", guard->from, NULL);
	g_autofree char *to_dir = g_strconcat("--git-dir=", guard->to, NULL);
	if (!check_original(guard, error) ||
		!run(guard, &format, error, from_dir, "rev-parse", "--show-object-format", NULL))
		return FALSE;
	g_autofree char *option = g_strconcat("--object-format=", g_strchomp(format), NULL);
	// With the objects at hand, a fetch of the references copies none.
	return run(guard, NULL, error, "init", "-q", "--bare", "--template=", option, guard->to, NULL) &&
	       write_file(guard, "objects/info/alternates", objects, -1, error) &&
	       copy_file(guard, "shallow", "shallow", error) &&
	       run(guard, NULL, error, to_dir, "fetch", "-q", "--no-tags", "--no-write-fetch-head", "--update-head-ok",
		       "--update-shallow", guard->from, "+refs/*:refs/*", "^refs/isolate/*", NULL) &&
	       copy_file(guard, "HEAD", "HEAD", error) && copy_index(guard, error) &&
	       write_config(guard, name, error) && write_file(guard, "objects/info/alternates", inside, -1, error);
}

static int open_original(const char *path, GError **error)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	if (fd < 0)
		error_set_errno(error, errno, "cannot open it");
	return fd;
}

/* A .git that is no repository, as collections of tests have them, becomes an empty folder. */
static gboolean fill_any(const struct guard *guard, const char *name, GError **error)
{
	if (faccessat(guard->folder, "HEAD", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return fill(guard, name, error);
	return g_mkdir(guard->to, 0700) == 0 || error_set_errno(error, errno, "cannot make %s", guard->to);
}

gboolean guard_make(const struct plan_op *op, GError **error)
{
	g_autofree char *from = guard_original(op), *folder = g_path_get_dirname(op->source);
	g_autofree char *name = g_path_get_basename(op->source), *to = g_strconcat(op->source, ".new", NULL);
	struct stat st;
	if (lstat(op->source, &st) == 0)
		return TRUE;
	if (g_mkdir_with_parents(folder, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", folder);
	g_auto(GStrv) env = guard_environment(NULL);
	autofd original = open_original(from, error);
	const struct guard guard = {from, to, original, env};
	if (original >= 0 && tree_remove(to, error) && fill_any(&guard, name, error)) {
		if (rename(to, op->source) == 0)
			return TRUE;
		error_set_errno(error, errno, "cannot rename %s", to);
	}
	tree_remove(to, NULL);
	g_prefix_error(error, "cannot make a copy of %s for Git=guard (%s): ", from, op->reason);
	return FALSE;
}
