#include "host.h"

#include "base.h"
#include "error.h"
#include "git.h"
#include "xdg.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* path without links; of what is missing, its parents without links. */
static char *resolve(const char *path)
{
	char buffer[PATH_MAX];
	if (realpath(path, buffer))
		return g_strdup(buffer);
	g_autofree char *parent = g_path_get_dirname(path), *name = g_path_get_basename(path);
	if (strcmp(parent, path) == 0)
		return g_strdup(path);
	g_autofree char *resolved = resolve(parent);
	return g_build_filename(resolved, name, NULL);
}

static void look_up(struct host *host, const char *path)
{
	struct stat st;
	enum host_kind kind = HOST_MISSING;
	g_autofree char *resolved = resolve(path);
	g_autofree char *link = g_file_read_link(path, NULL);
	if (stat(path, &st) == 0)
		kind = S_ISDIR(st.st_mode) ? HOST_DIR : S_ISREG(st.st_mode) ? HOST_FILE : HOST_OTHER;
	host_add_path(host, path, kind, link, resolved, access(path, R_OK) == 0);
}

static void look_up_all(struct host *host, const char *const *paths)
{
	for (; *paths; paths++)
		look_up(host, *paths);
}

static void look_up_items(struct host *host, const struct project *project, enum config_key key)
{
	const GPtrArray *items = project_items(project, key);
	for (guint i = 0; i < items->len; i++)
		look_up(host, ((const struct config_item *)items->pdata[i])->value);
}

/* A file of the system that is small; "" when it cannot be read. */
static char *read_text(const char *path)
{
	char *content = NULL;
	struct stat st;
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > 256 * 1024 ||
		!g_file_get_contents(path, &content, NULL, NULL))
		return g_strdup("");
	return content;
}

static gboolean gather_user(struct host *host, GError **error)
{
	host->uid = getuid();
	host->gid = getgid();
	const struct passwd *user = getpwuid(host->uid);
	if (!user)
		return error_set(error, "the user %u has no entry in passwd", host->uid);
	host->user = g_strdup(user->pw_name);
	host->full_name =
		g_strndup(user->pw_gecos ? user->pw_gecos : "", strcspn(user->pw_gecos ? user->pw_gecos : "", ","));
	host->shell = g_strdup(user->pw_shell);
	host->home = g_canonicalize_filename(g_get_home_dir(), "/");
	const struct group *group = getgrgid(host->gid);
	host->group = g_strdup(group ? group->gr_name : user->pw_name);
	return TRUE;
}

static void add_own_files(struct host *host, const char *config, const char *folder)
{
	g_autofree char *path = g_build_filename(config, folder, NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;
	g_ptr_array_add(host->own, resolve(path));
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		g_ptr_array_add(host->own, resolve(file));
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
	host->config = resolve(config);
	host->data = resolve(data);
	host->state = resolve(state);
	host->runtime = resolve(runtime);
	add_own_files(host, config, "projects");
	add_own_files(host, config, "traits");
	for (guint i = 0; i < project->files->len; i++)
		g_ptr_array_add(host->own, resolve(project->files->pdata[i]));
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
	if (!gather_user(host, error) || !gather_own(host, project, error))
		return NULL;
	host->hostname = g_strdup(g_get_host_name());
	host->machine_id = g_strchomp(read_text("/etc/machine-id"));
	host->resolv_conf = read_text("/etc/resolv.conf");
	host->hosts = read_text("/etc/hosts");
	look_up(host, "/etc");
	look_up_all(host, base_trees);
	look_up_all(host, base_roots);
	look_up_all(host, base_pieces);
	look_up_all(host, etc_made);
	look_up_all(host, etc_secrets);
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		look_up_items(host, project, paths[i]);
	return gather_git(host, project, error) ? g_steal_pointer(&host) : NULL;
}
