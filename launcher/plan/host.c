#include "host.h"

#include "base.h"
#include "build.h"
#include "error.h"
#include "fd.h"
#include "follow.h"
#include "git-programs.h"
#include "git.h"
#include "look.h"
#include "xdg.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *resolve(struct host *host, const char *path)
{
	return g_strdup(follow(host->followed, path)->resolved);
}

/* Until its end, or for so long. */
static gboolean read_all(int fd, GString *out)
{
	enum { OUTPUT_MAX = 4 << 20, WAIT_MS = 5000 };
	gint64 deadline = g_get_monotonic_time() / 1000 + WAIT_MS;
	char buffer[4096];
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		gint64 left = deadline - g_get_monotonic_time() / 1000;
		if (left <= 0 || out->len > OUTPUT_MAX)
			return FALSE;
		if (poll(&ready, 1, (int)left) <= 0)
			continue;
		ssize_t n = read(fd, buffer, sizeof buffer);
		if (n == 0)
			return TRUE;
		if (n > 0)
			g_string_append_len(out, buffer, n);
		else if (errno != EINTR)
			return FALSE;
	}
}

gboolean host_read_output(const char *folder, const char *const *words, GString *out, GError **error)
{
	autofd fd = -1;
	int status = 0;
	GPid pid;
	if (!g_spawn_async_with_pipes(folder, (char **)words, NULL,
		    G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &pid, NULL, &fd, NULL, error))
		return FALSE;
	if (!read_all(fd, out))
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	       error_set(error, "%s failed, or took too long", words[0]);
}

void host_look_up(struct host *host, const char *path)
{
	const struct followed *found = follow(host->followed, path);
	const mode_t mode = found->st.st_mode;
	if (found->missing) {
		host_add_path(host, path, HOST_MISSING, found->link, found->resolved, FALSE);
		return;
	}
	// What everybody may read need not be tried.
	host_add_path(host, path,
		S_ISDIR(mode)	? HOST_DIR
		: S_ISREG(mode) ? HOST_FILE
				: HOST_OTHER,
		found->link, found->resolved, mode & S_IROTH || access(path, R_OK) == 0);
}

/* Follows path by hand, to know where each link on the way lies. What leads nowhere just ends. */
static void find_links(struct host *host, const char *path)
{
	enum { LINKS_MAX = 40 };
	g_autofree char *at = g_strdup("/"), *rest = g_strdup(path); // at: without links; rest: still to be walked
	for (int followed = 0; *rest && followed <= LINKS_MAX;) {
		const char *name = rest + strspn(rest, "/");
		size_t length = strcspn(name, "/");
		g_autofree char *component = g_strndup(name, length), *after = g_strdup(name + length);
		g_autofree char *below = g_build_filename(at, component, NULL);
		g_autofree char *place = g_canonicalize_filename(below, "/");
		g_autofree char *target = length > 0 ? g_file_read_link(place, NULL) : NULL;
		g_free(rest);
		rest = target ? g_strconcat(target, after, NULL) : g_strdup(after);
		if (!target || g_path_is_absolute(target)) {
			g_free(at);
			at = g_strdup(target ? "/" : place);
		}
		if (target) {
			host_add_link_at(host, path, place);
			followed++;
		}
	}
}

void host_look_up_linked(struct host *host, const char *path)
{
	host_look_up(host, path);
	if (strcmp(host_path(host, path)->resolved, path) != 0)
		find_links(host, path);
}

static void look_up_all(struct host *host, const char *const *paths)
{
	for (; *paths; paths++)
		host_look_up(host, *paths);
}

static void look_up_items(struct host *host, const struct project *project, enum config_key key)
{
	const GPtrArray *items = project_items(project, key);
	for (guint i = 0; i < items->len; i++) {
		const char *path = ((const struct config_item *)items->pdata[i])->value;
		host_look_up_linked(host, path);
	}
}

static void add_writable(struct host *host, const struct project *project)
{
	const GPtrArray *shares = project_items(project, CONFIG_SHARE);
	for (guint i = 0; i < shares->len; i++) {
		g_autofree char *path = resolve(host, ((const struct config_item *)shares->pdata[i])->value);
		host_add_writable(host, project->name, path);
	}
}

/* What the containers of all projects may write. One whose configuration is wrong has not been started with it. */
static gboolean gather_writable(struct host *host, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	g_autoptr(GPtrArray) names = dirs ? project_names(dirs, error) : NULL;
	for (guint i = 0; names && i < names->len; i++) {
		autoproject struct project *project = project_load(names->pdata[i], dirs, NULL);
		if (project)
			add_writable(host, project);
	}
	return names != NULL;
}

static gboolean has_links(const struct host *host)
{
	GHashTableIter iter;
	void *path;
	g_hash_table_iter_init(&iter, host->paths);
	while (g_hash_table_iter_next(&iter, NULL, &path))
		if (((const struct host_path *)path)->links)
			return TRUE;
	return FALSE;
}

char *host_resolve(const char *path, GError **error)
{
	autohost struct host *host = host_new();
	host_look_up(host, path);
	find_links(host, path);
	const struct host_path *found = host_path(host, path);
	if (found->links && !gather_writable(host, error))
		return NULL;
	for (guint i = 0; found->links && i < found->links->len; i++)
		for (guint j = 0; j < host->writable->len; j++) {
			const struct host_writable *by = host->writable->pdata[j];
			if (path_within(found->links->pdata[i], by->path)) {
				error_set(error,
					"%s leads over the link %s, which the container of %s can change: write %s "
					"instead",
					path, (char *)found->links->pdata[i], by->project, found->resolved);
				return NULL;
			}
		}
	return g_strdup(found->resolved);
}

char *host_read_text(const char *path)
{
	char *content = NULL;
	struct stat st;
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > 256 * 1024 ||
		!g_file_get_contents(path, &content, NULL, NULL))
		return g_strdup("");
	return content;
}

static void add_own_files(struct host *host, const char *config, const char *folder)
{
	g_autofree char *path = g_build_filename(config, folder, NULL);
	g_autoptr(GDir) dir = follow(host->followed, path)->missing ? NULL : g_dir_open(path, 0, NULL);
	const char *name;
	g_ptr_array_add(host->own, resolve(host, path));
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		g_ptr_array_add(host->own, resolve(host, file));
	}
}

/* isolate's own folders, and its files where links lead elsewhere: into a repository of settings, for instance. */
static gboolean gather_own(struct host *host, const struct project *project, GError **error)
{
	g_autofree char *config = xdg_path(XDG_CONFIG, error, NULL);
	g_autofree char *data = xdg_path(XDG_DATA, error, NULL);
	g_autofree char *state = xdg_path(XDG_STATE, error, NULL);
	g_autofree char *runtime = xdg_path(XDG_RUNTIME, error, NULL);
	if (!runtime)
		return FALSE;
	host->config = resolve(host, config);
	host->data = resolve(host, data);
	host->state = resolve(host, state);
	host->runtime = resolve(host, runtime);
	add_own_files(host, config, "projects");
	add_own_files(host, config, "traits");
	for (guint i = 0; i < project->files->len; i++)
		g_ptr_array_add(host->own, resolve(host, project->files->pdata[i]));
	return TRUE;
}

static gboolean gather_git(struct host *host, const struct project *project, GError **error)
{
	static const char full[] = "full";
	const GPtrArray *shares = project_items(project, CONFIG_SHARE);
	for (guint i = 0; i < shares->len && strcmp(project_text(project, CONFIG_GIT), full) != 0; i++) {
		const struct config_item *item = shares->pdata[i];
		const struct host_path *share = host_path(host, item->value);
		if (share && share->kind == HOST_DIR && !git_find(host, share->resolved, error)) {
			g_prefix_error(error, "%s: ", item->origin);
			return FALSE;
		}
	}
	return TRUE;
}

struct host *host_gather(const struct project *project, GError **error)
{
	static const enum config_key paths[] = {CONFIG_SHARE, CONFIG_READ_ONLY, CONFIG_HIDE, CONFIG_DOTFILES};
	autohost struct host *host = host_new();
	if (!host_gather_user(host, error) || !gather_own(host, project, error))
		return NULL;
	host->hostname = g_strdup(g_get_host_name());
	host->machine_id = g_strchomp(host_read_text("/etc/machine-id"));
	gboolean host_network = strcmp(project_text(project, CONFIG_NETWORK_MODE), "host") == 0;
	host->resolv_conf = host_network ? host_read_text("/etc/resolv.conf") : g_strdup("");
	host->hosts = host_network ? host_read_text("/etc/hosts") : g_strdup("");
	host_gather_limits(host);
	host_look_up(host, "/etc");
	look_up_all(host, base_trees);
	look_up_all(host, base_roots);
	look_up_all(host, base_pieces);
	look_up_all(host, base_state);
	look_up_all(host, etc_made);
	look_up_all(host, etc_secrets);
	for (const struct look_folder *folder = look_folders; folder->source; folder++) {
		g_autofree char *path = g_build_filename(host->home, folder->source, NULL);
		host_look_up_linked(host, path);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		look_up_items(host, project, paths[i]);
	if (!host_gather_base(host, project, error))
		return NULL;
	if (has_links(host) && !gather_writable(host, error))
		return NULL;
	if (!gather_git(host, project, error) || !git_programs_find(host, project, error))
		return NULL;
	return g_steal_pointer(&host);
}
