/* What the gate compares and shows. A new permission that has no line here would be granted unseen. */
#include "build.h"

#include <string.h>

static void add(struct plan *plan, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(struct plan *plan, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *line = g_strdup_vprintf(format, args);
	va_end(args);
	if (!g_ptr_array_find_with_equal_func(plan->permissions, line, g_str_equal, NULL))
		g_ptr_array_add(plan->permissions, g_steal_pointer(&line));
}

static void add_paths(const struct build *build, enum config_key key, const char *access)
{
	const GPtrArray *items = project_items(build->project, key);
	for (guint i = 0; i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		const struct host_path *found = host_path(build->host, item->value);
		if (found && found->kind != HOST_MISSING)
			add(build->plan, "files %s %s", access, found->resolved);
	}
}

static void add_display(const struct build *build)
{
	static const struct {
		enum config_key key;
		const char *name;
		gboolean graded; // its value says how far it goes
	} rows[] = {
		{CONFIG_CLIPBOARD,	   "clipboard",		TRUE },
		{CONFIG_PRIMARY,		 "primary",	    TRUE },
		{CONFIG_DRAG_AND_DROP,     "drag-and-drop",	FALSE},
		{CONFIG_FULLSCREEN,	    "fullscreen",	  FALSE},
		{CONFIG_POINTER_LOCK,      "pointer-lock",      FALSE},
		{CONFIG_INHIBIT_IDLE,      "inhibit-idle",      FALSE},
		{CONFIG_INHIBIT_SHORTCUTS, "inhibit-shortcuts", TRUE },
		{CONFIG_STEAL_FOCUS,	     "steal-focus",	    TRUE },
		{CONFIG_TEXT_INPUT,	    "text-input",	  FALSE},
	};
	add(build->plan, "wayland");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *value = project_text(build->project, rows[i].key);
		// "private" is a clipboard of the project's own: the host's is not reached.
		if (strcmp(value, "deny") == 0 || strcmp(value, "no") == 0 || strcmp(value, "private") == 0)
			continue;
		add(build->plan, "wayland %s%s%s", rows[i].name, rows[i].graded ? " " : "",
			rows[i].graded ? value : "");
	}
	const GPtrArray *globals = project_items(build->project, CONFIG_ALLOW_GLOBALS);
	for (guint i = 0; i < globals->len; i++)
		add(build->plan, "wayland global %s", ((const struct config_item *)globals->pdata[i])->value);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void build_permissions(struct build *build)
{
	struct plan *plan = build->plan;
	add_paths(build, CONFIG_SHARE, "rw");
	add_paths(build, CONFIG_READ_ONLY, "ro");
	add_paths(build, CONFIG_DOTFILES, "ro");
	if (plan->network == PLAN_NETWORK_HOST)
		add(plan, "network host");
	const GPtrArray *names = project_items(build->project, CONFIG_PASS);
	for (guint i = 0; i < names->len; i++) {
		const struct config_item *item = names->pdata[i];
		if (strcmp(item->origin, "default") != 0)
			add(plan, "environment pass %s", item->value);
	}
	if (plan->debug)
		add(plan, "security debug");
	if (plan->nested_sandbox)
		add(plan, "security nested-sandbox");
	if (plan->wayland)
		add_display(build);
	g_ptr_array_sort(plan->permissions, compare);
}
