#include "git-programs.h"

#include "build.h"
#include "error.h"
#include "fd.h"
#include "follow.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Settings of most repositories, which name nothing that git would run or read. Only where there are others is git asked:
 * each start with a share would wait for it. */
static const char *const usual[] = {"repositoryformatversion", "filemode", "bare", "logallrefupdates", "ignorecase",
	"precomposeunicode", "symlinks", "url", "pushurl", "fetch", "remote", "merge", "rebase", "name", "email",
	"defaultbranch", "autocrlf", "default", "objectformat", "active", NULL};

static gboolean is_usual_line(char *line)
{
	g_strstrip(line);
	if (*line == '\0' || *line == '#' || *line == ';')
		return TRUE;
	if (line[strlen(line) - 1] == '\\')
		return FALSE;
	if (*line == '[')
		return strchr(line, ']') == line + strlen(line) - 1 && g_ascii_strncasecmp(line, "[include", 8) != 0 &&
		       g_ascii_strncasecmp(line, "[alias", 6) != 0;
	g_autofree char *key = g_ascii_strdown(line, (gssize)strcspn(line, "="));
	return g_strv_contains(usual, g_strstrip(key));
}

/* TRUE when the file is missing, or holds nothing but usual settings. */
static gboolean is_usual(const char *path)
{
	enum { SIZE_MAX_READ = 64 * 1024 };
	// A container may have made the repository: its file may be a FIFO, and of any size.
	autofd fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size >= SIZE_MAX_READ)
		return FALSE;
	g_autofree char *content = g_malloc0(SIZE_MAX_READ);
	ssize_t size = read(fd, content, SIZE_MAX_READ - 1);
	if (size != st.st_size || memchr(content, '\0', (size_t)size))
		return FALSE;
	g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
	for (char **line = lines; *line; line++)
		if (!is_usual_line(*line))
			return FALSE;
	return TRUE;
}

static gboolean are_usual(const char *git_dir)
{
	g_autofree char *own = g_build_filename(git_dir, "config", NULL);
	g_autofree char *worktree = g_build_filename(git_dir, "config.worktree", NULL);
	return is_usual(own) && is_usual(worktree);
}

/* What the user's git reads beside the repository's own. */
static gboolean general_is_usual(const struct host *host)
{
	const char *config = g_get_user_config_dir();
	g_autofree char *home = g_build_filename(host->home, ".gitconfig", NULL);
	g_autofree char *xdg = g_build_filename(config, "git/config", NULL);
	return is_usual("/etc/gitconfig") && is_usual(home) && is_usual(xdg);
}

enum value_type { VALUE_NOTHING, VALUE_PATH, VALUE_COMMAND };

static enum value_type type_of(const char *key, const char *value)
{
	static const struct {
		const char *pattern;
		enum value_type type;
	} rows[] = {
		{"core.hookspath",		   VALUE_PATH   },
		{"include.path",		 VALUE_PATH   },
		{"includeif.*.path",	     VALUE_PATH   },
		{"core.fsmonitor",		   VALUE_COMMAND},
		{"core.sshcommand",	    VALUE_COMMAND},
		{"core.editor",		VALUE_COMMAND},
		{"core.pager",		       VALUE_COMMAND},
		{"core.askpass",		 VALUE_COMMAND},
		{"core.gitproxy",		  VALUE_COMMAND},
		{"core.alternaterefscommand",  VALUE_COMMAND},
		{"sequence.editor",	    VALUE_COMMAND},
		{"pager.*",		    VALUE_COMMAND},
		{"interactive.difffilter",	   VALUE_COMMAND},
		{"uploadpack.packobjectshook", VALUE_COMMAND},
		{"filter.*.clean",		   VALUE_COMMAND},
		{"filter.*.smudge",	    VALUE_COMMAND},
		{"filter.*.process",	     VALUE_COMMAND},
		{"diff.external",		  VALUE_COMMAND},
		{"diff.*.command",		   VALUE_COMMAND},
		{"diff.*.textconv",	    VALUE_COMMAND},
		{"difftool.*",		       VALUE_COMMAND},
		{"mergetool.*",		VALUE_COMMAND},
		{"merge.*.driver",		   VALUE_COMMAND},
		{"gpg.program",		VALUE_COMMAND},
		{"gpg.*.program",		  VALUE_COMMAND},
		{"gpg.*.defaultkeycommand",    VALUE_COMMAND},
		{"credential.helper",	      VALUE_COMMAND},
		{"credential.*.helper",	VALUE_COMMAND},
		{"remote.*.uploadpack",	VALUE_COMMAND},
		{"remote.*.receivepack",	 VALUE_COMMAND},
		{"trailer.*.command",	      VALUE_COMMAND},
		{"trailer.*.cmd",		  VALUE_COMMAND},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_pattern_match_simple(rows[i].pattern, key))
			return rows[i].type;
	return g_str_has_prefix(key, "alias.") && *value == '!' ? VALUE_COMMAND : VALUE_NOTHING;
}

/* One repository, its settings being looked at. */
struct look {
	struct host *host;
	const struct project *project;
	const char *git_dir, *work;
};

static gboolean in_share(const struct look *look, const char *path)
{
	const GPtrArray *shares = project_items(look->project, CONFIG_SHARE);
	for (guint i = 0; i < shares->len; i++) {
		const struct host_path *share =
			host_path(look->host, ((const struct config_item *)shares->pdata[i])->value);
		if (share && path_within(path, share->resolved))
			return TRUE;
	}
	return FALSE;
}

/* word as git or its shell takes it: below the home, the folder that base is, or absolute. */
static void look_at(const struct look *look, const char *setting, const char *word, const char *base)
{
	g_autofree char *home = NULL;
	if (strcmp(word, "~") == 0 || g_str_has_prefix(word, "~/"))
		home = g_strconcat(look->host->home, word + 1, NULL);
	else if (g_str_has_prefix(word, "$HOME/"))
		home = g_strconcat(look->host->home, word + strlen("$HOME"), NULL);
	g_autofree char *path = g_canonicalize_filename(home ? home : word, base);
	g_autofree char *resolved = follow_alone(path);
	if (in_share(look, resolved))
		host_add_git_program(look->host, look->git_dir, setting, resolved);
	else if (in_share(look, path)) // a link there, which leads elsewhere as yet
		host_add_git_program(look->host, look->git_dir, setting, path);
}

/* Every word could be a script, sh's for instance. A bare name is looked for in PATH, unless there is such a file. */
static void look_at_command(const struct look *look, const char *setting, const char *command)
{
	g_auto(GStrv) words = NULL;
	if (!g_shell_parse_argv(*command == '!' ? command + 1 : command, NULL, &words, NULL))
		words = g_strsplit_set(command, " \t'\";|&()!", -1);
	for (char **word = words; *word; word++) {
		g_autofree char *there = g_build_filename(look->work, *word, NULL);
		if (**word && (strchr(*word, '/') || g_file_test(there, G_FILE_TEST_EXISTS)))
			look_at(look, setting, *word, look->work);
	}
}

/* origin is "file:PATH", where the setting stands. */
static void look_at_setting(const struct look *look, const char *origin, const char *setting)
{
	g_autofree char *key = g_strndup(setting, strcspn(setting, "\n"));
	const char *value = setting + strlen(key) + (setting[strlen(key)] ? 1 : 0);
	const char *file = g_str_has_prefix(origin, "file:") ? origin + strlen("file:") : origin;
	g_autofree char *own = g_canonicalize_filename(file, look->work), *folder = g_path_get_dirname(own);
	switch (type_of(key, value)) {
	case VALUE_NOTHING:
		break;
	case VALUE_PATH:
		look_at(look, key, value, strcmp(key, "core.hookspath") == 0 ? look->work : folder);
		break;
	case VALUE_COMMAND:
		look_at_command(look, key, value);
		break;
	}
}

/* In the system's folders: a container may be able to write in one of PATH. */
static char *find_git(void)
{
	static const char *const paths[] = {"/usr/bin/git", "/usr/local/bin/git", "/run/current-system/sw/bin/git"};
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		if (access(paths[i], X_OK) == 0)
			return g_strdup(paths[i]);
	return NULL;
}

static gboolean look_at_all(const struct look *look, GError **error)
{
	// Only listed: nothing that the settings name is run. Its own configuration counts here, since it does outside.
	g_autofree char *dir = g_strconcat("--git-dir=", look->git_dir, NULL), *git = find_git();
	const char *const words[] = {git, dir, "config", "--list", "--includes", "--show-origin", "-z", NULL};
	g_autoptr(GError) cause = NULL;
	if (!git)
		return TRUE; // nor will anybody run it
	g_autoptr(GString) out = g_string_new(NULL);
	if (!host_read_output(look->work, words, out, &cause)) {
		g_autofree char *shown = text_dup_sanitized(cause->message, 300);
		return error_set(error, "git cannot tell the settings of %s: %s", look->git_dir, shown);
	}
	const char *end = out->str + out->len;
	for (const char *origin = out->str; origin < end;) {
		const char *setting = origin + strlen(origin) + 1;
		if (setting >= end)
			break;
		look_at_setting(look, origin, setting);
		origin = setting + strlen(setting) + 1;
	}
	return TRUE;
}

gboolean git_programs_find(struct host *host, const struct project *project, GError **error)
{
	if (host->git->len == 0)
		return TRUE;
	gboolean usual_general = general_is_usual(host);
	for (guint i = 0; i < host->git->len; i++) {
		const struct host_git *git = host->git->pdata[i];
		if (git->kind != HOST_DIR || (usual_general && are_usual(git->path)))
			continue;
		g_autofree char *head = g_build_filename(git->path, "HEAD", NULL);
		if (!g_file_test(head, G_FILE_TEST_EXISTS))
			continue; // no repository
		g_autofree char *work = g_path_get_dirname(git->path);
		const struct look look = {host, project, git->path, work};
		if (!look_at_all(&look, error))
			return FALSE;
	}
	return TRUE;
}
