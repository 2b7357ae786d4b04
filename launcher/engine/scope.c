#include "scope.h"

#include "spawn.h"

#include <unistd.h>

static void add_property(struct args *args, const char *name, gint64 value, const char *unit)
{
	g_autofree char *word = g_strdup_printf("--property=%s=%" G_GINT64_FORMAT "%s", name, value, unit);
	args_add(args, word);
}

gboolean scope_add(struct args *args, const struct plan *plan, GError **error)
{
	g_autofree char *program = spawn_find_system("systemd-run", "systemd", error);
	if (!program)
		return FALSE;
	// A name of its own each time: the service manager takes a moment to forget the last one.
	g_autofree char *unit = g_strdup_printf("--unit=isolate-%s-%d.scope", plan->project, (int)getpid());
	g_autofree char *description = g_strdup_printf("--description=Container of %s", plan->project);
	args_add_all(args, program, "--user", "--scope", "--quiet", "--collect", unit, description, NULL);
	for (int i = 0; i < PLAN_N_RESOURCES; i++) {
		const struct plan_limit *limit = &plan->limits[i];
		if (limit->by != PLAN_CGROUP)
			continue;
		switch ((enum plan_resource)i) {
		case PLAN_MEMORY:
			add_property(args, "MemoryMax", limit->value, "");
			add_property(args, "MemorySwapMax", limit->value, "");
			// The kernel ends one process, and the service manager not all the others (systemd 252).
			args_add(args, "--property=OOMPolicy=continue");
			break;
		case PLAN_CPU:
			add_property(args, "CPUQuota", limit->value, "%");
			break;
		case PLAN_TASKS:
			add_property(args, "TasksMax", limit->value, "");
			break;
		case PLAN_N_RESOURCES:
			break;
		}
	}
	args_add(args, "--");
	return TRUE;
}
