#include "build.h"

#include "base.h"

#include <string.h>

/* The project's name as a host name: no underscore, and no hyphen at the end. */
static char *default_hostname(const char *project)
{
	char *name = g_strdelimit(g_strdup(project), "_", '-');
	for (size_t n = strlen(name); n > 1 && name[n - 1] == '-'; n--)
		name[n - 1] = '\0';
	return name;
}

static char *text_or(const struct project *project, enum config_key key, const char *otherwise)
{
	const char *text = project_text(project, key);
	return g_strdup(*text ? text : otherwise);
}

/* The user's shell, where it is one that the container has. */
static char *shell_inside(const struct host *host)
{
	gboolean visible = host->shell && (path_within_any(host->shell, base_visible) ||
						  path_within(host->shell, "/run/current-system"));
	return g_strdup(visible && !host->base ? host->shell : "/bin/sh");
}

static void set_layer(struct plan *plan, const struct project *project, const struct host *host)
{
	plan->layer = (enum plan_layer)project_choice(project, CONFIG_LAYER);
	if (plan->layer == PLAN_LAYER_NONE)
		return;
	plan->layer_base = g_strdup(project_text(project, CONFIG_BASE));
	plan->layer_place = g_build_filename(host->runtime, project->name, PLAN_LAYER_DIR, NULL);
	if (plan->layer == PLAN_LAYER_PERSISTENT)
		plan->layer_keep = g_build_filename(host->data, project->name, PLAN_LAYER_DIR, NULL);
	// A tree of the user's own is taken for root's, as it will have been where it was made.
	gboolean own_tree = project_choice(project, CONFIG_BASE) >= BASE_DIR;
	plan->layer_owner = own_tree ? host->uid : PLAN_OWNER_UNKNOWN;
}

static void set_members(struct plan *plan, const struct project *project, const struct host *host)
{
	g_autofree char *hostname = default_hostname(project->name);
	plan->project = g_strdup(project->name);
	plan->title = text_or(project, CONFIG_TITLE, project->name);
	plan->color = text_or(project, CONFIG_COLOR, NULL);
	plan->engine = g_strdup(project_text(project, CONFIG_ENGINE));
	plan->hostname = text_or(project, CONFIG_HOSTNAME, hostname);
	plan->home = g_strdup(host->home);
	plan->shell = shell_inside(host);
	plan->cwd = text_or(project, CONFIG_CWD, host->home);
	plan->linger_ms = project_duration(project, CONFIG_LINGER);
	plan->gate = (enum plan_gate)project_choice(project, CONFIG_GATE);
	plan->debug = project_flag(project, CONFIG_DEBUG);
	plan->nested_sandbox = project_flag(project, CONFIG_NESTED_SANDBOX);
	plan->wayland = project_flag(project, CONFIG_WAYLAND);
	set_layer(plan, project, host);
	plan->portals = project_flag(project, CONFIG_PORTALS);
	plan->playback = project_flag(project, CONFIG_PLAYBACK);
	plan->record = project_flag(project, CONFIG_RECORD);
}

struct plan *plan_build(const struct project *project, const struct host *host, GError **error)
{
	autoplan struct plan *plan = plan_new();
	g_autofree char *runtime_dir = g_strdup_printf("/run/user/%u", host->uid);
	struct build build = {.project = project, .host = host, .plan = plan, .runtime_dir = runtime_dir};
	set_members(plan, project, host);
	build.base = (enum base_kind)project_choice(project, CONFIG_BASE);
	build.layered = plan->layer == PLAN_LAYER_NONE ? 0 : PLAN_LAYERED;
	build_bus(&build);
	if (!build_network(&build, error) || !build_base(&build, error))
		return NULL;
	build.look = build_look(&build);
	if (!build_home(&build, error) || !build_files(&build, error))
		return NULL;
	build_bus_files(&build);
	build_audio(&build);
	build_limits(&build);
	build_display(&build);
	build_env(&build);
	build_permissions(&build);
	return g_steal_pointer(&plan);
}
