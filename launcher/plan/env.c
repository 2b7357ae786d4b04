/* The environment of an application: nothing of the caller's but what Pass= names, which comes with each run. */
#include "build.h"

#include <string.h>

struct env {
	GHashTable *values; // name → value
};

static void set(struct env *env, const char *name, const char *value)
{
	g_hash_table_insert(env->values, g_strdup(name), g_strdup(value));
}

static gboolean exists(const struct build *build, const char *path)
{
	const struct host_path *found = host_path(build->host, path);
	return found && found->kind != HOST_MISSING;
}

static void set_paths(struct env *env, const struct build *build)
{
	g_autoptr(GString) path = g_string_new("/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games");
	const char *portals = build_bus_data_dir(build);
	g_autoptr(GString) data = g_string_new(NULL);
	if (portals)
		g_string_append_printf(data, "%s:", portals);
	if (build->look) {
		g_string_append(data, PLAN_LOOK_DIR "/share:" PLAN_LOOK_DIR "/dot:");
		// Cursors are not looked for in the data directories.
		set(env, "XCURSOR_PATH",
			"~/.local/share/icons:~/.icons:" PLAN_LOOK_DIR "/share/icons:" PLAN_LOOK_DIR
			"/dot/icons:/usr/share/icons:/usr/share/pixmaps");
	}
	g_string_append(data, "/usr/local/share:/usr/share");
	if (exists(build, "/run/current-system")) {
		g_string_append(path, ":/run/current-system/sw/bin:/run/current-system/profile/bin");
		g_string_append(data, ":/run/current-system/sw/share:/run/current-system/profile/share");
	}
	// A profile's own go first.
	gboolean profile = build->base == BASE_NIX && build->host->base;
	g_autofree char *bin = g_strdup_printf("%s/bin:", profile ? build->host->base : "");
	g_autofree char *share = g_strdup_printf("%s/share:", profile ? build->host->base : "");
	g_string_prepend(path, profile ? bin : "");
	g_string_prepend(data, profile ? share : "");
	if (build->look || portals || profile || exists(build, "/run/current-system"))
		set(env, "XDG_DATA_DIRS", data->str);
	// Where language tools install programs for a user. What the system has goes first.
	static const char *const own[] = {".local/bin", ".cargo/bin", "go/bin"};
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		g_string_append_printf(path, ":%s/%s", build->plan->home, own[i]);
	set(env, "PATH", path->str);
}

static void set_display(struct env *env, const struct build *build)
{
	set(env, "GDK_BACKEND", "wayland,x11");
	set(env, "QT_QPA_PLATFORM", "wayland;xcb");
	set(env, "XDG_SESSION_TYPE", "wayland");
	set(env, "WAYLAND_DISPLAY", PLAN_WAYLAND_NAME);
	set(env, "MOZ_ENABLE_WAYLAND", "1");
	set(env, "ELECTRON_OZONE_PLATFORM_HINT", "auto");
	// Java's windows in a compositor that does not reparent them stay empty without it.
	set(env, "_JAVA_AWT_WM_NONREPARENTING", "1");
}

static void set_sockets(struct env *env, const struct build *build)
{
	const struct plan *plan = build->plan;
	g_autofree char *bus = g_strdup_printf("unix:path=%s/" PLAN_BUS_NAME, build->runtime_dir);
	g_autofree char *pulse = g_strdup_printf("unix:%s/pulse/native", build->runtime_dir);
	if (plan->bus->len > 0)
		set(env, "DBUS_SESSION_BUS_ADDRESS", bus);
	if (plan->portals)
		set(env, "GTK_USE_PORTAL", "1");
	// Without it libpulse would start a server where it finds none.
	if (plan->playback || plan->record)
		set(env, "PULSE_SERVER", pulse);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void finish(struct env *env, struct plan *plan)
{
	GHashTableIter iter;
	void *name, *value;
	g_hash_table_iter_init(&iter, env->values);
	while (g_hash_table_iter_next(&iter, &name, &value))
		g_ptr_array_add(plan->env, g_strdup_printf("%s=%s", (char *)name, (char *)value));
	g_ptr_array_sort(plan->env, compare);
}

/* A proxy's address may hold a password, and is of no use without a network. */
static gboolean is_proxy_setting(const char *name)
{
	return g_str_has_suffix(name, "_proxy") || g_str_has_suffix(name, "_PROXY");
}

static gboolean is_set(const struct project *project, const char *name)
{
	for (guint i = 0; i < project->environment->len; i++)
		if (strcmp(((const struct config_variable *)project->environment->pdata[i])->name, name) == 0)
			return TRUE;
	return FALSE;
}

static void build_pass(struct build *build)
{
	struct plan *plan = build->plan;
	const GPtrArray *names = project_items(build->project, CONFIG_PASS);
	for (guint i = 0; i < names->len; i++) {
		const struct config_item *item = names->pdata[i];
		gboolean usual = strcmp(item->origin, "default") == 0;
		if (is_set(build->project, item->value) ||
			(usual && plan->network == PLAN_NETWORK_NONE && is_proxy_setting(item->value)) ||
			g_ptr_array_find_with_equal_func(plan->pass, item->value, g_str_equal, NULL))
			continue;
		g_ptr_array_add(plan->pass, g_strdup(item->value));
	}
	g_ptr_array_sort(plan->pass, compare);
}

void build_env(struct build *build)
{
	const struct host *host = build->host;
	struct plan *plan = build->plan;
	struct env env = {.values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
	set(&env, "HOME", plan->home);
	set(&env, "USER", host->user);
	set(&env, "LOGNAME", host->user);
	set(&env, "SHELL", plan->shell);
	set(&env, "XDG_RUNTIME_DIR", build->runtime_dir);
	set(&env, "ISOLATE_PROJECT", plan->project);
	set(&env, "container", "isolate");
	set_paths(&env, build);
	if (plan->wayland)
		set_display(&env, build);
	set_sockets(&env, build);
	// Without a session bus and a GPU, what would look for them and wait, or fail.
	set(&env, "GSETTINGS_BACKEND", "keyfile");
	set(&env, "NO_AT_BRIDGE", "1");
	set(&env, "GTK_A11Y", "none");
	set(&env, "LIBGL_ALWAYS_SOFTWARE", "1");
	for (guint i = 0; i < build->project->environment->len; i++) {
		const struct config_variable *variable = build->project->environment->pdata[i];
		set(&env, variable->name, variable->value);
	}
	finish(&env, plan);
	g_hash_table_unref(env.values);
	build_pass(build);
}
