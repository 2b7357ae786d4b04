/* What the gate compares and shows. A new permission that has no line here would be granted unseen. */
#include "build.h"

#include <string.h>

static void add(GPtrArray *lines, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(GPtrArray *lines, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *line = g_strdup_vprintf(format, args);
	va_end(args);
	if (!g_ptr_array_find_with_equal_func(lines, line, g_str_equal, NULL))
		g_ptr_array_add(lines, g_steal_pointer(&line));
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
		add(build->plan->permissions, "files %s %s", access, line->str);
	}
}

/* Of what may be changed: elsewhere a repository is as readable as the rest. What is written into its hooks and settings
 * runs outside the next time that git does. */
static void add_git(const struct build *build)
{
	const char *git = project_text(build->project, CONFIG_GIT);
	if (project_items(build->project, CONFIG_SHARE)->len == 0 || strcmp(git, "hidden") == 0)
		return;
	add(build->plan->permissions, "files git ro");
	if (strcmp(git, "full") == 0)
		add(build->plan->permissions, "files git full");
}

/* The names of a list of the policy, sorted; the strings stay the policy's. */
static GPtrArray *list_of(GVariant *policy, const char *key)
{
	GPtrArray *names = g_ptr_array_new();
	g_autofree const char **list = NULL;
	g_variant_lookup(policy, key, "^a&s", &list);
	for (const char **name = list; name && *name; name++)
		g_ptr_array_add(names, (gpointer)*name);
	g_ptr_array_sort(names, compare);
	return names;
}

/* The defaults less what DenyGlobals= takes off, which is in the line for the same reason. */
static void add_wayland(GPtrArray *lines, GVariant *policy)
{
	g_autoptr(GPtrArray) names = list_of(policy, "DenyGlobals");
	g_autoptr(GString) line = g_string_new("wayland");
	for (guint i = 0; i < names->len; i++)
		g_string_append_printf(line, "%s %s", i == 0 ? " without" : "", (const char *)names->pdata[i]);
	add(lines, "%s", line->str);
}

static const char *text_of(GVariant *policy, const char *key)
{
	gboolean on = FALSE;
	const char *text = NULL;
	if (g_variant_lookup(policy, key, "b", &on))
		return on ? "yes" : "no";
	gboolean found = g_variant_lookup(policy, key, "&s", &text);
	g_assert(found); // else something would be permitted without a line
	return text;
}

GPtrArray *plan_policy_permissions(GVariant *policy)
{
	static const struct {
		const char *key, *name;
		gboolean graded; // its value says how far it goes
	} rows[] = {
		{"Clipboard",	      "clipboard",	   TRUE },
		{"Primary",	    "primary",	       TRUE },
		{"DragAndDrop",	"drag-and-drop",	 FALSE},
		{"Fullscreen",       "fullscreen",	     FALSE},
		{"PointerLock",	"pointer-lock",	FALSE},
		{"InhibitIdle",	"inhibit-idle",	FALSE},
		{"InhibitShortcuts", "inhibit-shortcuts", TRUE },
		{"StealFocus",       "steal-focus",	      TRUE },
		{"TextInput",	      "text-input",	    FALSE},
	};
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	add_wayland(lines, policy);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *value = text_of(policy, rows[i].key);
		// "private" is a clipboard of the project's own: the host's is not reached.
		if (strcmp(value, "deny") == 0 || strcmp(value, "no") == 0 || strcmp(value, "private") == 0)
			continue;
		add(lines, "wayland %s%s%s", rows[i].name, rows[i].graded ? " " : "", rows[i].graded ? value : "");
	}
	g_autoptr(GPtrArray) globals = list_of(policy, "AllowGlobals");
	for (guint i = 0; i < globals->len; i++)
		add(lines, "wayland global %s", (const char *)globals->pdata[i]);
	return lines;
}

/* What Deny= keeps back is in the line, as with shares. */
static void add_network(struct plan *plan)
{
	if (plan->network == PLAN_NETWORK_NONE)
		return;
	// Which has the internet too: to go from all of it to that alone gives nothing.
	if (plan->network == PLAN_NETWORK_HOST)
		add(plan->permissions, "network host");
	g_autoptr(GString) line = g_string_new("network internet");
	for (guint i = 0; i < plan->deny->len; i++)
		g_string_append_printf(line, "%s %s", i == 0 ? " but not" : "", (const char *)plan->deny->pdata[i]);
	add(plan->permissions, "%s", line->str);
	if (plan->lan)
		add(plan->permissions, "network lan");
	for (guint i = 0; i < plan->allow->len; i++)
		add(plan->permissions, "network allow %s", (const char *)plan->allow->pdata[i]);
	for (guint i = 0; i < plan->forwards->len; i++)
		add(plan->permissions, "network forward %s", (const char *)plan->forwards->pdata[i]);
}

/* A folder is files of the host's; an image and a profile are none, but not what was agreed to when their names change. */
static void add_base(const struct build *build)
{
	const char *name = strchr(project_text(build->project, CONFIG_BASE), ':');
	if (build->base == BASE_DIR)
		add(build->plan->permissions, "files ro %s", build->host->base);
	else if (build->base == BASE_NIX)
		add(build->plan->permissions, "root base nix %s", name + 1);
	else if (build->base == BASE_IMAGE)
		add(build->plan->permissions, "root base image %s", name + 1);
}

static void add_list(const struct build *build, enum config_key key, const char *words)
{
	const GPtrArray *items = project_items(build->project, key);
	for (guint i = 0; i < items->len; i++)
		add(build->plan->permissions, "%s %s", words, ((const struct config_item *)items->pdata[i])->value);
}

static void add_bus(const struct build *build)
{
	struct plan *plan = build->plan;
	if (plan->portals)
		add(plan->permissions, "bus portals");
	add_list(build, CONFIG_TALK, "bus talk");
	add_list(build, CONFIG_CALL, "bus call");
	add_list(build, CONFIG_OWN, "bus own");
	if (plan->playback)
		add(plan->permissions, "audio playback");
	if (plan->record)
		add(plan->permissions, "audio record");
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
			add(plan->permissions, "environment pass %s", item->value);
	}
	if (plan->debug)
		add(plan->permissions, "security debug");
	if (plan->nested_sandbox)
		add(plan->permissions, "security nested-sandbox");
	if (plan->layer != PLAN_LAYER_NONE)
		add(plan->permissions, "root layer %s", project_text(build->project, CONFIG_LAYER));
	add_base(build);
	if (plan->wayland)
		g_ptr_array_extend_and_steal(plan->permissions, plan_policy_permissions(plan->policy));
	add_bus(build);
	g_ptr_array_sort(plan->permissions, compare);
}
