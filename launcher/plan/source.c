/* Which paths of the host may be shown in a container at all, and where. */
#include "build.h"

#include "base.h"
#include "error.h"
#include "text.h"

#include <string.h>

gboolean item_wrong(const struct config_item *item, GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *what = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *line = g_strdup_printf("%s=%s: %s", item->origin, item->value, what);
	g_autofree char *shown = text_dup_sanitized(line, 1000);
	return error_set(error, "%s", shown);
}

/* A container that can write what isolate reads would decide what it may reach itself; one that reaches the control
 * socket could have anything done on the host. */
static gboolean check_own(
	const struct build *build, const struct config_item *item, const char *path, gboolean writable, GError **error)
{
	const struct host *host = build->host;
	const char *const own[] = {host->config, host->data, host->state, host->runtime};
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
		if (path_within(own[i], path))
			return item_wrong(item, error,
				"isolate's own folder %s is in it, which no container may reach: "
				"share folders below instead",
				own[i]);
		if (path_within(path, own[i]))
			return item_wrong(item, error,
				"it lies in isolate's own folder %s, which no container may reach", own[i]);
	}
	for (guint i = 0; writable && i < host->own->len; i++)
		if (path_within(host->own->pdata[i], path))
			return item_wrong(item, error,
				"isolate reads %s, which the container could then rewrite: use ReadOnly=",
				(char *)host->own->pdata[i]);
	return TRUE;
}

static gboolean check_sockets(const struct config_item *item, const char *path, GError **error)
{
	static const char *const live[] = {"/proc", "/sys", "/dev", "/run", NULL};
	static const char *const media[] = {"/run/media", "/run/mount", NULL};
	if (path_within_any(path, live) && (!path_within_any(path, media) || path_within("/run/media", path)))
		return item_wrong(item, error, "%s holds sockets and devices of the host", path);
	if (path_within("/tmp/.X11-unix", path) || path_within(path, "/tmp/.X11-unix"))
		return item_wrong(
			item, error, "the sockets of the host's X servers are in it: share folders below instead");
	return TRUE;
}

/* A link in a folder that a container may write leads where the container wants, next time. */
static gboolean check_links(
	const struct build *build, const struct config_item *item, const struct host_path *path, GError **error)
{
	const GPtrArray *writable = build->host->writable;
	for (guint i = 0; path->links && i < path->links->len; i++)
		for (guint j = 0; j < writable->len; j++) {
			const struct host_writable *by = writable->pdata[j];
			if (path_within(path->links->pdata[i], by->path))
				return item_wrong(item, error,
					"the link %s leads there, which the container of %s can change: write %s "
					"instead",
					(char *)path->links->pdata[i], by->project, path->resolved);
		}
	return TRUE;
}

gboolean source_check(const struct build *build, const struct config_item *item, gboolean writable, gboolean needed,
	const struct host_path **found, GError **error)
{
	const struct host_path *path = host_path(build->host, item->value);
	*found = NULL;
	if (!path || path->kind == HOST_MISSING)
		return !needed || item_wrong(item, error,
					  "there is no such file or folder on the host: make it, or take "
					  "this out");
	if (path->kind == HOST_OTHER)
		return item_wrong(item, error, "neither a file nor a folder");
	*found = path;
	return check_links(build, item, path, error) && check_own(build, item, path->resolved, writable, error) &&
	       check_sockets(item, path->resolved, error);
}

gboolean source_check_dest(const struct build *build, const struct config_item *item, GError **error)
{
	static const char *const taken[] = {"/usr", "/etc", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
		"/proc", "/sys", "/dev", "/nix", "/gnu", "/run/user", "/run/lock", "/run/opengl-driver",
		"/run/current-system", "/run/isolate", NULL};
	const char *const roofs[] = {build->host->home, build->runtime_dir, "/run", "/tmp", "/var/tmp", "/opt"};
	gboolean moved_in = path_within(item->dest, "/opt") && strcmp(item->dest, item->value) != 0;
	if (moved_in || path_within_any(item->dest, taken))
		return item_wrong(
			item, error, "%s is a place of the container's own: give another, PATH:DEST", item->dest);
	for (size_t i = 0; i < G_N_ELEMENTS(roofs); i++)
		if (path_within(roofs[i], item->dest))
			return item_wrong(item, error,
				"it would cover %s of the container: give another place, PATH:DEST", roofs[i]);
	return TRUE;
}
