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

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends what a share keeps back: without it in the line, taking a Hide= or a ReadOnly= away would be no change. */
static void append_exceptions(const struct build *build, GString *line, const struct config_item *share,
	enum config_key key, const char *word)
{
	const GPtrArray *items = project_items(build->project, key);
	g_autoptr(GPtrArray) kept = g_ptr_array_new();
	for (guint i = 0; i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		const struct host_path *found = host_path(build->host, item->value);
		if (found && path_within(item->dest, share->dest) && strcmp(item->dest, share->dest) != 0)
			g_ptr_array_add(kept, found->resolved);
	}
	g_ptr_array_sort(kept, compare);
	for (guint i = 0; i < kept->len; i++)
		g_string_append_printf(line, " but %s %s", word, (const char *)kept->pdata[i]);
}

static void add_paths(const struct build *build, enum config_key key, const char *access)
{
	const GPtrArray *items = project_items(build->project, key);
	for (guint i = 0; i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		const struct host_path *found = host_path(build->host, item->value);
		if (!found || found->kind == HOST_MISSING)
			continue;
		g_autoptr(GString) line = g_string_new(found->resolved);
		if (key == CONFIG_SHARE)
			append_exceptions(build, line, item, CONFIG_READ_ONLY, "ro");
		if (key != CONFIG_DOTFILES)
			append_exceptions(build, line, item, CONFIG_HIDE, "hidden");
		add(build->plan, "files %s %s", access, line->str);
	}
}

/* Of what may be changed: elsewhere a repository is as readable as the rest. What is written into its hooks and settings
 * runs outside the next time that git does. */
static void add_git(const struct build *build)
{
	const char *git = project_text(build->project, CONFIG_GIT);
	if (project_items(build->project, CONFIG_SHARE)->len == 0 || strcmp(git, "hidden") == 0)
		return;
	add(build->plan, "files git ro");
	if (strcmp(git, "full") == 0)
		add(build->plan, "files git full");
}

/* The defaults less what DenyGlobals= takes off, which is in the line for the same reason. */
static void add_wayland(const struct build *build)
{
	const GPtrArray *denied = project_items(build->project, CONFIG_DENY_GLOBALS);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GString) line = g_string_new("wayland");
	for (guint i = 0; i < denied->len; i++)
		g_ptr_array_add(names, ((const struct config_item *)denied->pdata[i])->value);
	g_ptr_array_sort(names, compare);
	for (guint i = 0; i < names->len; i++)
		g_string_append_printf(line, "%s %s", i == 0 ? " without" : "", (const char *)names->pdata[i]);
	add(build->plan, "%s", line->str);
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
	add_wayland(build);
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

/* What Deny= keeps back is in the line, as with shares. */
static void add_network(struct plan *plan)
{
	if (plan->network == PLAN_NETWORK_NONE)
		return;
	// Which has the internet too: to go from all of it to that alone gives nothing.
	if (plan->network == PLAN_NETWORK_HOST)
		add(plan, "network host");
	g_autoptr(GString) line = g_string_new("network internet");
	for (guint i = 0; i < plan->deny->len; i++)
		g_string_append_printf(line, "%s %s", i == 0 ? " but not" : "", (const char *)plan->deny->pdata[i]);
	add(plan, "%s", line->str);
	if (plan->lan)
		add(plan, "network lan");
	for (guint i = 0; i < plan->allow->len; i++)
		add(plan, "network allow %s", (const char *)plan->allow->pdata[i]);
	for (guint i = 0; i < plan->forwards->len; i++)
		add(plan, "network forward %s", (const char *)plan->forwards->pdata[i]);
}

void build_permissions(struct build *build)
{
	struct plan *plan = build->plan;
	add_paths(build, CONFIG_SHARE, "rw");
	add_paths(build, CONFIG_READ_ONLY, "ro");
	add_paths(build, CONFIG_DOTFILES, "ro");
	add_git(build);
	add_network(plan);
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
