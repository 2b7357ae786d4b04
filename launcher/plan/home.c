#include "build.h"

#include "error.h"

static gboolean add_dotfile(struct build *build, const struct config_item *item, gboolean private, GError **error)
{
	const struct host_path *found;
	if (!source_check(build, item, FALSE, FALSE, &found, error))
		return FALSE;
	// One that this host lacks shows nothing: the same list serves several machines.
	if (found)
		plan_op_bind(build->plan, found->resolved, item->value,
			PLAN_READ_ONLY | (private ? PLAN_MOUNT_POINT : 0), item->origin);
	return TRUE;
}

gboolean build_home(struct build *build, GError **error)
{
	struct plan *plan = build->plan;
	const char *reason = project_origin(build->project, CONFIG_HOME_MODE);
	gboolean persistent = project_choice(build->project, CONFIG_HOME_MODE) == 0;
	if (!g_path_is_absolute(plan->home) || path_within(build->runtime_dir, plan->home))
		return error_set(error, "%s cannot be a home: give the user one of its own", plan->home);
	if (persistent) {
		g_autofree char *source = g_build_filename(build->host->data, plan->project, "home", NULL);
		plan_op_bind(plan, source, plan->home, PLAN_OWN, reason);
	} else {
		plan_op_add(plan, PLAN_OP_TMPFS, NULL, plan->home, reason)->mode = 0700;
	}
	const GPtrArray *dotfiles = project_items(build->project, CONFIG_DOTFILES);
	for (guint i = 0; i < dotfiles->len; i++)
		if (!add_dotfile(build, dotfiles->pdata[i], persistent, error))
			return FALSE;
	return TRUE;
}
