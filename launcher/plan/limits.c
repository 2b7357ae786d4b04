#include "build.h"

#include "value.h"

#include <string.h>

static const char *const names[] = {"memory", "cpu", "tasks"};
static const char *const controllers[] = {"memory", "cpu", "pids"};

const char *plan_resource_name(enum plan_resource resource)
{
	return names[resource];
}

static gboolean is_delegated(const struct host *host, enum plan_resource resource)
{
	g_auto(GStrv) words = g_strsplit(host->delegated ? host->delegated : "", " ", -1);
	return g_strv_contains((const char *const *)words, controllers[resource]);
}

/* A cgroup where there is one. Else what setrlimit(2) can do without counting, or stopping, anything of the host's: no time of a
 * processor, which it counts from the start of a process, and no processes where it counts those of the user outside too. */
enum plan_enforcement plan_limit_by(const struct host *host, enum plan_resource resource)
{
	if (is_delegated(host, resource))
		return PLAN_CGROUP;
	if (resource == PLAN_MEMORY || (resource == PLAN_TASKS && host->counts_tasks))
		return PLAN_RLIMIT;
	return PLAN_UNENFORCED;
}

void build_limits(struct build *build)
{
	static const struct {
		enum config_key key;
		gint64 (*number)(const char *value);
	} rows[PLAN_N_RESOURCES] = {
		[PLAN_MEMORY] = {CONFIG_MEMORY, value_memory_number},
		[PLAN_CPU] = {CONFIG_CPU,	  value_cpu_number	  },
		[PLAN_TASKS] = {CONFIG_TASKS,  value_tasks_number },
	};
	for (int i = 0; i < PLAN_N_RESOURCES; i++) {
		const char *text = project_text(build->project, rows[i].key);
		if (*text)
			build->plan->limits[i] = (struct plan_limit){
				rows[i].number(text), plan_limit_by(build->host, (enum plan_resource)i)};
	}
}

gboolean plan_needs_scope(const struct plan *plan)
{
	for (int i = 0; i < PLAN_N_RESOURCES; i++)
		if (plan->limits[i].by == PLAN_CGROUP)
			return TRUE;
	return FALSE;
}

static char *amount_text(enum plan_resource resource, gint64 value)
{
	static const char units[] = "TGMK";
	gint64 unit = (gint64)1 << 40;
	switch (resource) {
	case PLAN_MEMORY:
		for (const char *name = units; *name; name++, unit /= 1024)
			if (value % unit == 0)
				return g_strdup_printf("%" G_GINT64_FORMAT "%c of memory", value / unit, *name);
		return g_strdup_printf("%" G_GINT64_FORMAT " bytes of memory", value);
	case PLAN_CPU:
		return g_strdup_printf("%" G_GINT64_FORMAT "%% of a processor", value);
	case PLAN_TASKS:
		return g_strdup_printf("%" G_GINT64_FORMAT " processes and threads", value);
	case PLAN_N_RESOURCES:
		break;
	}
	g_assert_not_reached();
}

char *plan_limit_text(enum plan_resource resource, const struct plan_limit *limit)
{
	g_autofree char *amount = amount_text(resource, limit->value);
	switch (limit->by) {
	case PLAN_CGROUP:
		return g_strconcat(
			amount, resource == PLAN_MEMORY ? ", and as much swap, all together" : ", all together", NULL);
	case PLAN_RLIMIT:
		return g_strconcat(amount,
			resource == PLAN_MEMORY
				? ", but each process by itself, not all together: isolate doctor says why"
				: ", all together",
			NULL);
	case PLAN_UNENFORCED:
		return g_strconcat(amount, ", which this machine does not enforce: isolate doctor says why", NULL);
	case PLAN_UNLIMITED:
		return g_strdup("no limit");
	}
	g_assert_not_reached();
}
