/* Base=dir:, image: and nix: the programs of a folder of the host instead of the host's own. */
#include "base.h"
#include "build.h"

#include "error.h"

#include <string.h>

char *base_path(const struct build *build, const char *path)
{
	return build->host->base ? g_build_filename(build->host->base, path, NULL) : g_strdup(path);
}

/* Names in a root folder that a container has of its own, or has no use for. */
static gboolean is_own(const struct build *build, const char *name)
{
	static const char *const own[] = {
		"boot", "dev", "home", "lost+found", "media", "mnt", "proc", "run", "sys", "tmp", NULL};
	static const char *const unlayered[] = {"root", "var", NULL};
	return g_strv_contains(own, name) || (!build->layered && g_strv_contains(unlayered, name));
}

static void add_entry(struct build *build, const char *name, const char *reason)
{
	g_autofree char *source = base_path(build, name), *dest = g_strconcat("/", name, NULL);
	const struct host_path *found = host_path(build->host, source);
	if (is_own(build, name) || !found)
		return;
	if (found->link)
		plan_op_symlink(build->plan, found->link, dest);
	else if (found->kind == HOST_DIR)
		plan_op_bind(build->plan, source, dest, build->layered ? build->layered : PLAN_READ_ONLY, reason);
}

gboolean build_tree(struct build *build, GError **error)
{
	const struct host *host = build->host;
	struct plan *plan = build->plan;
	const struct config_item *item = project_items(build->project, CONFIG_BASE)->pdata[0];
	const char *reason = build->base == BASE_IMAGE ? "default" : item->origin;
	const struct host_path *found;
	if (build->base == BASE_IMAGE) {
		plan->image = g_strdup(strchr(item->value, ':') + 1);
		plan->base_keep = g_build_filename(host->data, plan->project, PLAN_IMAGE_DIR, NULL);
		plan->base_missing = host->base_missing;
	} else if (!source_check(build, item, FALSE, TRUE, &found, error)) {
		return FALSE;
	} else if (!host->base || strcmp(host->base, "/") == 0) {
		return item_wrong(item, error, "it is no folder with the programs of a system");
	}
	for (guint i = 0; i < host->base_names->len; i++)
		add_entry(build, host->base_names->pdata[i], reason);
	return TRUE;
}

static void link_into(struct build *build, const char *path, const char *dest)
{
	g_autofree char *target = base_path(build, path);
	const struct host_path *found = host_path(build->host, target);
	if (found && found->kind == HOST_FILE)
		plan_op_symlink(build->plan, target, dest);
}

void build_profile(struct build *build)
{
	static const char *const made[] = {"passwd", "group", "hosts", "hostname", "resolv.conf", "machine-id", NULL};
	const GPtrArray *names = build->host->base_names;
	plan_op_add(build->plan, PLAN_OP_DIR, NULL, "/etc", "default")->flags = build->layered;
	link_into(build, "bin/sh", "/bin/sh");
	link_into(build, "bin/env", "/usr/bin/env");
	for (guint i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];
		g_autofree char *target = g_build_filename(build->host->base, "etc", name, NULL);
		g_autofree char *dest = g_build_filename("/etc", name, NULL);
		if (g_strv_contains(made, name))
			continue;
		plan_op_symlink(build->plan, target, dest);
		plan_op_last(build->plan)->flags |= build->layered;
	}
}
