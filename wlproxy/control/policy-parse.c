#include "policy-parse.h"

#include "error.h"
#include "globals.h"
#include "interfaces.h"
#include "text.h"

#include <string.h>

/* A key and the text of its value. Lists come as several strings, everything else as one. */
struct assignment {
	struct policy *policy;
	const char *key;
	char *const *values; // at least one unless the key is a list
};

struct key {
	const char *name;
	gboolean (*set)(const struct assignment *a, int argument, GError **error);
	int argument;
	bool is_list;
};

static const char *const answer_names[] = {
	[POLICY_DENY] = "deny",
	[POLICY_ALLOW] = "allow",
	[POLICY_ASK] = "ask",
	[POLICY_GUARDED] = "guarded",
	[POLICY_PRIVATE] = "private",
	NULL,
};

static const char *const switch_names[] = {"no", "yes", NULL};
static const char *const gpu_names[] = {"none", "render", "compute", "full", NULL};
static const char *const x11_names[] = {"no", "auto", NULL};
static const char *const profile_names[] = {"project", "permissive", NULL};

static gboolean unknown_value(const struct assignment *a, const char *value, const char *const *names, GError **error)
{
	g_autofree char *shown = text_dup_sanitized(value, 64);
	g_autofree char *all = g_strjoinv(", ", (char **)names);
	const char *near = text_nearest(value, names);
	if (near)
		return error_set(
			error, "%s does not take “%s”: did you mean %s? (one of %s)", a->key, shown, near, all);
	return error_set(error, "%s does not take “%s”: use one of %s", a->key, shown, all);
}

/* The place of the value among names, -1 with an error. */
static int parse_name(const struct assignment *a, const char *const *names, GError **error)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], a->values[0]) == 0)
			return i;
	unknown_value(a, a->values[0], names, error);
	return -1;
}

static gboolean may_answer(enum policy_key key, enum policy_answer answer)
{
	switch (answer) {
	case POLICY_ALLOW:
	case POLICY_DENY:
		return TRUE;
	case POLICY_ASK:
		return key == POLICY_CLIPBOARD || key == POLICY_PRIMARY || key == POLICY_INHIBIT_SHORTCUTS ||
		       key == POLICY_STEAL_FOCUS;
	case POLICY_GUARDED:
	case POLICY_PRIVATE:
		return key == POLICY_CLIPBOARD || key == POLICY_PRIMARY;
	}
	return FALSE;
}

static gboolean set_answer(const struct assignment *a, int key, GError **error)
{
	const char *names[G_N_ELEMENTS(answer_names)];
	int n = 0;
	for (int i = 0; answer_names[i]; i++)
		if (may_answer((enum policy_key)key, (enum policy_answer)i))
			names[n++] = answer_names[i];
	names[n] = NULL;
	int chosen = parse_name(a, names, error);
	if (chosen < 0)
		return FALSE;
	for (int i = 0; answer_names[i]; i++)
		if (answer_names[i] == names[chosen])
			a->policy->answers[key] = (enum policy_answer)i;
	return TRUE;
}

enum { SWITCH_TEXT_INPUT, SWITCH_PORTALS };

static gboolean set_switch(const struct assignment *a, int which, GError **error)
{
	int on = parse_name(a, switch_names, error);
	if (on < 0)
		return FALSE;
	*(which == SWITCH_PORTALS ? &a->policy->portals : &a->policy->text_input) = on == 1;
	return TRUE;
}

static gboolean set_gpu(const struct assignment *a, int argument, GError **error)
{
	int gpu = parse_name(a, gpu_names, error);
	if (gpu < 0)
		return FALSE;
	a->policy->gpu = (enum policy_gpu)gpu;
	return TRUE;
}

static gboolean set_profile(const struct assignment *a, int argument, GError **error)
{
	int profile = parse_name(a, profile_names, error);
	if (profile < 0)
		return FALSE;
	a->policy->permissive = profile == 1;
	return TRUE;
}

static gboolean set_title_prefix(const struct assignment *a, int argument, GError **error)
{
	enum { PREFIX_MAX = 128 };
	if (strlen(a->values[0]) > PREFIX_MAX)
		return error_set(error, "TitlePrefix is longer than %d bytes", PREFIX_MAX);
	g_free(a->policy->title_prefix);
	g_autofree char *clean = text_dup_sanitized(a->values[0], PREFIX_MAX);
	a->policy->title_prefix = *clean ? g_strdup(clean) : NULL;
	return TRUE;
}

/* A key that the launcher sends and that decides nothing here. */
static gboolean check_x11(const struct assignment *a, int argument, GError **error)
{
	return parse_name(a, x11_names, error) >= 0;
}

static gboolean check_switch(const struct assignment *a, int argument, GError **error)
{
	return parse_name(a, switch_names, error) >= 0;
}

static gboolean ignore(const struct assignment *a, int argument, GError **error)
{
	return TRUE;
}

static gboolean set_limit(const struct assignment *a, int limit, GError **error)
{
	static const char units[] = "KMGT";
	const char *text = a->values[0];
	char *end;
	guint64 value = g_ascii_strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, g_ascii_toupper(*end)) : NULL;
	int shift = unit ? 10 * (int)(unit - units + 1) : 0;
	if (!g_ascii_isdigit(*text) || (unit ? end[1] : *end) != '\0' || value == 0 ||
		value > (guint64)INT64_MAX >> shift) {
		g_autofree char *shown = text_dup_sanitized(text, 64);
		return error_set(error, "%s does not take “%s”: use a number, as 4096 or 64M", a->key, shown);
	}
	a->policy->limits[limit] = value << shift;
	return TRUE;
}

static bool has_table(const char *name)
{
	const char *known;
	for (size_t i = 0; (known = interfaces_name(i)) != NULL; i++)
		if (strcmp(known, name) == 0)
			return true;
	return false;
}

static gboolean check_global(const struct assignment *a, const char *name, bool allow, GError **error)
{
	const struct global_rule *rule = globals_find(name);
	if (!rule) {
		g_autofree char *shown = text_dup_sanitized(name, 64);
		const char *near = globals_nearest(name);
		return error_set(error, "%s: there is no interface “%s”%s%s%s", a->key, shown,
			near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
	}
	if (allow && rule->class == GLOBAL_HIDDEN && !has_table(name))
		return error_set(error,
			"%s: isolate has no description of %s and cannot offer it: remove it from the list", a->key,
			name);
	return TRUE;
}

static gboolean set_globals(const struct assignment *a, int allow, GError **error)
{
	char ***list = allow ? &a->policy->allow_globals : &a->policy->deny_globals;
	for (char *const *name = a->values; *name; name++)
		if (!check_global(a, *name, allow, error))
			return FALSE;
	g_strfreev(*list);
	*list = g_strdupv((char **)a->values);
	return TRUE;
}

static const struct key display_keys[] = {
	{"Wayland",	    check_switch,	  0,			     false},
	{"X11",		check_x11,	   0,			      false},
	{"Clipboard",	      set_answer,	  POLICY_CLIPBOARD,	    false},
	{"Primary",	    set_answer,	POLICY_PRIMARY,		false},
	{"DragAndDrop",	set_answer,	    POLICY_DRAG_AND_DROP,	  false},
	{"Fullscreen",       set_answer,	   POLICY_FULLSCREEN,	      false},
	{"PointerLock",	set_answer,	    POLICY_POINTER_LOCK,	 false},
	{"InhibitIdle",	set_answer,	    POLICY_INHIBIT_IDLE,	 false},
	{"InhibitShortcuts", set_answer,	 POLICY_INHIBIT_SHORTCUTS, false},
	{"StealFocus",       set_answer,	   POLICY_STEAL_FOCUS,       false},
	{"TextInput",	      set_switch,	  SWITCH_TEXT_INPUT,	     false},
	{"AllowGlobals",	 set_globals,      true,			    true },
	{"DenyGlobals",	set_globals,	     false,		    true },
	{"TitlePrefix",	set_title_prefix, 0,			     false},
	{"MaxClients",       set_limit,	  POLICY_MAX_CLIENTS,	      false},
	{"MaxObjects",       set_limit,	  POLICY_MAX_OBJECTS,	      false},
	{"MaxSurfaces",	set_limit,	   POLICY_MAX_SURFACES,	false},
	{"MaxShmBytes",	set_limit,	   POLICY_MAX_SHM_BYTES,	 false},
	{"MaxPoolBytes",	 set_limit,	    POLICY_MAX_POOL_BYTES,	   false},
	{"MaxDmabufs",       set_limit,	  POLICY_MAX_DMABUFS,	      false},
	{"MaxTitle",	     set_limit,	POLICY_MAX_TITLE,	  false},
	{"MaxClipboard",	 set_limit,	    POLICY_MAX_CLIPBOARD,	  false},
	{NULL,	       NULL,	     0,			false},
};

static const struct key graphics_keys[] = {
	{"Gpu",	set_gpu, 0, false},
	{"Device", ignore,  0, false},
	{NULL,     NULL,    0, false},
};

static const struct key bus_keys[] = {
	{"Portals", set_switch, SWITCH_PORTALS, false},
	{NULL,      NULL,	     0,		false},
};

/* A file alone may say this: a session never weakens a project to it. */
static const struct key profile_key = {"Profile", set_profile, 0, false};

static const struct key *find_key(const struct key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

static gboolean unknown_key(const char *name, const struct key *const *groups, GError **error)
{
	const char *names[64];
	size_t n = 0;
	for (; *groups; groups++)
		for (const struct key *key = *groups; key->name && n + 1 < G_N_ELEMENTS(names); key++)
			names[n++] = key->name;
	names[n] = NULL;
	g_autofree char *shown = text_dup_sanitized(name, 64);
	const char *near = text_nearest(name, names);
	return error_set(error, "unknown key “%s”%s%s%s", shown, near ? ": did you mean " : "", near ? near : "",
		near ? "?" : "");
}

static gboolean apply(struct policy *policy, const struct key *key, char *const *values, GError **error)
{
	if (!key->is_list && (!values[0] || values[1]))
		return error_set(error, "%s takes one value", key->name);
	return key->set(&(struct assignment){policy, key->name, values}, key->argument, error);
}

static gboolean apply_key(struct policy *policy, GKeyFile *file, const char *group, const struct key *keys,
	const char *name, GError **error)
{
	const struct key *key = find_key(keys, name);
	if (!key && keys == display_keys && strcmp(name, profile_key.name) == 0)
		key = &profile_key;
	if (!key)
		return unknown_key(name, (const struct key *const[]){keys, NULL}, error);
	if (key->is_list) {
		g_auto(GStrv) list = g_key_file_get_string_list(file, group, name, NULL, error);
		return list && apply(policy, key, list, error);
	}
	g_autofree char *value = g_key_file_get_string(file, group, name, error);
	return value && apply(policy, key, (char *[]){value, NULL}, error);
}

static gboolean apply_group(
	struct policy *policy, GKeyFile *file, const char *group, const struct key *keys, GError **error)
{
	g_auto(GStrv) names = g_key_file_get_keys(file, group, NULL, NULL);
	for (char **name = names; name && *name; name++) {
		if (!apply_key(policy, file, group, keys, *name, error)) {
			g_prefix_error(error, "[%s] ", group);
			return FALSE;
		}
	}
	return TRUE;
}

static struct policy_app *add_app(struct policy *policy, const char *name, GError **error)
{
	if (!text_is_app_name(name)) {
		g_autofree char *shown = text_dup_sanitized(name, 64);
		error_set(error, "“%s” is no name of an application", shown);
		return NULL;
	}
	policy->apps = g_renew(struct policy_app, policy->apps, policy->n_apps + 1);
	struct policy_app *app = &policy->apps[policy->n_apps++];
	*app = (struct policy_app){.name = g_strdup(name)};
	return app;
}

static gboolean apply_app_group(struct policy *policy, GKeyFile *file, const char *group, GError **error)
{
	static const char *const names[] = {"WindowClass", "NativeIds", NULL};
	struct policy_app *app = add_app(policy, group + strlen("App "), error);
	if (!app)
		return FALSE;
	g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);
	for (char **key = keys; key && *key; key++)
		if (!g_strv_contains(names, *key))
			return error_set(error, "[%s] unknown key “%s”: use WindowClass or NativeIds", group, *key);
	app->window_class = g_key_file_get_string(file, group, "WindowClass", NULL);
	app->native_ids = g_key_file_get_string_list(file, group, "NativeIds", NULL, NULL);
	return TRUE;
}

static gboolean apply_project_group(struct policy *policy, GKeyFile *file, GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, "Project", NULL, NULL);
	for (char **key = keys; key && *key; key++)
		if (strcmp(*key, "Name") != 0)
			return error_set(error, "[Project] unknown key “%s”: use Name", *key);
	g_autofree char *name = g_key_file_get_string(file, "Project", "Name", NULL);
	if (!name || !text_is_project_name(name))
		return error_set(error, "[Project] Name is no name of a project: use a-z, 0-9, _ and -, at most 32");
	g_free(policy->project);
	policy->project = g_steal_pointer(&name);
	return TRUE;
}

static gboolean apply_file(struct policy *policy, GKeyFile *file, GError **error)
{
	static const char *const known[] = {"Project", "Display", "Graphics", "Bus", "App NAME", NULL};
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	for (char **group = groups; *group; group++) {
		gboolean ok;
		if (strcmp(*group, "Display") == 0)
			ok = apply_group(policy, file, *group, display_keys, error);
		else if (strcmp(*group, "Graphics") == 0)
			ok = apply_group(policy, file, *group, graphics_keys, error);
		else if (strcmp(*group, "Bus") == 0)
			ok = apply_group(policy, file, *group, bus_keys, error);
		else if (strcmp(*group, "Project") == 0)
			ok = apply_project_group(policy, file, error);
		else if (g_str_has_prefix(*group, "App "))
			ok = apply_app_group(policy, file, *group, error);
		else {
			const char *near = text_nearest(*group, known);
			g_autofree char *shown = text_dup_sanitized(*group, 64);
			ok = error_set(error, "unknown group [%s]%s%s%s", shown, near ? ": did you mean [" : "",
				near ? near : "", near ? "]?" : "");
		}
		if (!ok)
			return FALSE;
	}
	return TRUE;
}

struct policy *policy_from_file(const char *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	struct policy *policy = policy_new("default");
	if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, error) && apply_file(policy, file, error))
		return policy;
	g_prefix_error(error, "%s: ", path);
	policy_unref(policy);
	return NULL;
}

/* The text that a file would have. NULL for a type that no key has. */
static char **value_to_strv(GVariant *value)
{
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
		return g_strdupv((char *[]){(char *)g_variant_get_string(value, NULL), NULL});
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
		return g_strdupv((char *[]){g_variant_get_boolean(value) ? "yes" : "no", NULL});
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING_ARRAY))
		return g_variant_dup_strv(value, NULL);
	return NULL;
}

static gboolean apply_apps(struct policy *policy, GVariant *apps, GError **error)
{
	if (!g_variant_is_of_type(apps, G_VARIANT_TYPE("a(ssas)")))
		return error_set(error, "Apps is not of the type a(ssas)");
	GVariantIter iter;
	const char *name, *window_class;
	char **native_ids;
	g_variant_iter_init(&iter, apps);
	while (g_variant_iter_next(&iter, "(&s&s^as)", &name, &window_class, &native_ids)) {
		struct policy_app *app = add_app(policy, name, error);
		if (!app) {
			g_strfreev(native_ids);
			return FALSE;
		}
		app->window_class = *window_class ? g_strdup(window_class) : NULL;
		app->native_ids = native_ids;
	}
	return TRUE;
}

static gboolean apply_gpu_nodes(struct policy *policy, GVariant *nodes, GError **error)
{
	if (!g_variant_is_of_type(nodes, G_VARIANT_TYPE("a(tt)")))
		return error_set(error, "GpuNodes is not of the type a(tt)");
	gsize n;
	gconstpointer data = g_variant_get_fixed_array(nodes, &n, sizeof(struct policy_gpu_node));
	policy->gpu_nodes = g_memdup2(data, n * sizeof(struct policy_gpu_node));
	policy->n_gpu_nodes = n;
	return TRUE;
}

static gboolean apply_variant(struct policy *policy, const char *name, GVariant *value, GError **error)
{
	static const struct key *const groups[] = {display_keys, graphics_keys, bus_keys, NULL};
	if (strcmp(name, "Apps") == 0)
		return apply_apps(policy, value, error);
	if (strcmp(name, "GpuNodes") == 0)
		return apply_gpu_nodes(policy, value, error);
	const struct key *key = NULL;
	for (size_t i = 0; groups[i] && !key; i++)
		key = find_key(groups[i], name);
	if (!key)
		return unknown_key(name, groups, error);
	g_auto(GStrv) values = value_to_strv(value);
	if (!values)
		return error_set(error, "%s has a value of the type %s", name, g_variant_get_type_string(value));
	return apply(policy, key, values, error);
}

struct policy *policy_from_variant(const char *project, GVariant *values, GError **error)
{
	if (!text_is_project_name(project) || !g_variant_is_of_type(values, G_VARIANT_TYPE_VARDICT)) {
		error_set(error, "a policy needs the name of a project and an a{sv}");
		return NULL;
	}
	struct policy *policy = policy_new(project);
	GVariantIter iter;
	const char *name;
	GVariant *value;
	g_variant_iter_init(&iter, values);
	while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
		gboolean ok = apply_variant(policy, name, value, error);
		g_variant_unref(value);
		if (!ok) {
			policy_unref(policy);
			return NULL;
		}
	}
	return policy;
}
