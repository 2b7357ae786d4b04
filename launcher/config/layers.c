#include "layers.h"

#include "app.h"
#include "text.h"
#include "value.h"

#include <string.h>

static void item_free(void *data)
{
	struct config_item *item = data;
	g_free(item->value);
	g_free(item->dest);
	g_free(item->origin);
	g_free(item);
}

GPtrArray *layers_items_new(void)
{
	return g_ptr_array_new_with_free_func(item_free);
}

static void variable_free(void *data)
{
	struct config_variable *variable = data;
	g_free(variable->name);
	g_free(variable->value);
	g_free(variable->origin);
	g_free(variable);
}

void project_free(struct project *project)
{
	if (!project)
		return;
	g_free(project->name);
	for (size_t i = 0; i < CONFIG_N_KEYS; i++)
		g_ptr_array_unref(project->settings[i]);
	g_ptr_array_unref(project->environment);
	g_ptr_array_unref(project->apps);
	g_ptr_array_unref(project->files);
	g_free(project);
}

static void add_item(GPtrArray *items, const char *value, const char *dest, const char *origin)
{
	struct config_item *item = g_new0(struct config_item, 1);
	item->value = g_strdup(value);
	item->dest = g_strdup(dest);
	item->origin = g_strdup(origin);
	g_ptr_array_add(items, item);
}

static gboolean is_list(const struct config_row *row)
{
	return row->type == CONFIG_LIST || row->type == CONFIG_PATHS || row->type == CONFIG_HOME_PATHS;
}

static void set_default(GPtrArray *items, const struct config_row *row)
{
	g_ptr_array_set_size(items, 0);
	g_autofree char *first = row->values ? g_strndup(row->values, strcspn(row->values, "|")) : NULL;
	const char *initial = row->initial ? row->initial : first;
	if (!is_list(row)) {
		add_item(items, initial ? initial : "", NULL, "default");
	} else if (initial) {
		g_auto(GStrv) parts = g_strsplit(initial, ";", -1);
		for (char **p = parts; *p; p++)
			add_item(items, *p, NULL, "default");
	}
}

struct project *layers_project_new(const char *name)
{
	struct project *project = g_new0(struct project, 1);
	project->name = g_strdup(name);
	for (int i = 0; i < CONFIG_N_KEYS; i++) {
		project->settings[i] = layers_items_new();
		set_default(project->settings[i], config_row((enum config_key)i));
	}
	project->environment = g_ptr_array_new_with_free_func(variable_free);
	project->apps = g_ptr_array_new_with_free_func(app_free);
	project->files = g_ptr_array_new_with_free_func(g_free);
	return project;
}

static gboolean is_honoured(const struct config_row *row, const char *value)
{
	if (!row->honoured || (row->initial && strcmp(row->initial, value) == 0))
		return TRUE;
	g_auto(GStrv) honoured = config_choices(row->honoured);
	return row->type == CONFIG_CHOICE && g_strv_contains((const char *const *)honoured, value);
}

static gboolean known_group(const struct config_file *file, const struct config_entry *entry, GError **error)
{
	g_autofree const char **groups = config_groups();
	if (g_strv_contains(groups, entry->group))
		return TRUE;
	const char *nearest = text_nearest(entry->group, groups);
	return config_file_wrong(file, entry, error, "unknown group%s%s%s", nearest ? "; did you mean [" : "",
		nearest ? nearest : "", nearest ? "]?" : "");
}

static gboolean unknown_key(const struct config_file *file, const struct config_entry *entry, GError **error)
{
	g_autofree const char **keys = config_keys(entry->group);
	const struct config_row *elsewhere = config_find_elsewhere(entry->key);
	if (elsewhere)
		return config_file_wrong(
			file, entry, error, "unknown key; did you mean [%s] %s?", elsewhere->group, elsewhere->key);
	const char *nearest = text_nearest(entry->key, keys);
	return config_file_wrong(file, entry, error, "unknown key%s%s%s", nearest ? "; did you mean " : "",
		nearest ? nearest : "", nearest ? "?" : "");
}

gboolean layers_parse(const struct layers *layers, const struct config_row *row, const struct config_file *file,
	const struct config_entry *entry, GPtrArray *items, GError **error)
{
	g_auto(GStrv) parts = NULL;
	if (is_list(row)) {
		parts = config_file_list(file, entry, error);
	} else {
		char *text = config_file_text(file, entry, error);
		if (text) {
			parts = g_new0(char *, 2);
			parts[0] = *text ? g_steal_pointer(&text) : NULL;
		}
		g_free(text);
	}
	for (char **p = parts; p && *p; p++) {
		g_autofree char *reason = NULL, *dest = NULL;
		g_autofree char *value = value_normal(row, *p, layers->dirs->home, &dest, &reason);
		if (!value)
			return config_file_wrong(file, entry, error, "%s%s\"%s\": %s", is_list(row) ? "" : "unknown ",
				is_list(row) ? "" : "value ", *p, reason);
		if (!is_honoured(row, value))
			return config_file_wrong(file, entry, error, "\"%s\" is not in this version of isolate%s%s", *p,
				row->honoured[0] ? "; it has: " : "", row->honoured);
		add_item(items, value, dest, entry->origin);
	}
	return parts != NULL;
}

static const struct config_entry *locked(const struct layers *layers, const struct config_entry *entry)
{
	for (guint i = 0; layers->lock && i < layers->lock->entries->len; i++) {
		const struct config_entry *lock = layers->lock->entries->pdata[i];
		if (strcmp(lock->group, entry->group) == 0 && strcmp(lock->key, entry->key) == 0)
			return lock;
	}
	return NULL;
}

/* A key that lock.conf has is left alone, but nobody shall believe that nothing is asked when something is. */
static gboolean check_locked_gate(const struct layers *layers, const struct config_file *file,
	const struct config_entry *entry, const GPtrArray *items, GError **error)
{
	const struct config_item *item = items->len > 0 ? items->pdata[0] : NULL;
	const struct config_entry *lock = locked(layers, entry);
	g_autofree char *forced = config_file_text(layers->lock, lock, error);
	if (!item || !forced || strcmp(item->value, "never") != 0 || strcmp(forced, "never") == 0)
		return forced != NULL;
	return config_file_wrong(file, entry, error, "forbidden by %s=%s", lock->origin, forced);
}

static gboolean set_row(struct layers *layers, enum config_key key, const struct config_file *file,
	const struct config_entry *entry, GError **error)
{
	const struct config_row *row = config_row(key);
	g_autoptr(GPtrArray) items = layers_items_new();
	if (!layers_parse(layers, row, file, entry, items, error))
		return FALSE;
	gboolean is_lock = file == layers->lock;
	if (!is_lock && locked(layers, entry))
		return key != CONFIG_GATE || check_locked_gate(layers, file, entry, items, error);
	GPtrArray *setting = layers->project->settings[key];
	if (items->len == 0 || !is_list(row) || is_lock)
		g_ptr_array_set_size(setting, 0);
	g_ptr_array_extend_and_steal(setting, g_steal_pointer(&items));
	if (setting->len == 0 && !is_list(row))
		set_default(setting, row);
	return TRUE;
}

static int compare_variables(const void *a, const void *b)
{
	const struct config_variable *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

static gboolean set_variable(
	struct layers *layers, const struct config_file *file, const struct config_entry *entry, GError **error)
{
	const char *wrong = value_variable(entry->key);
	if (wrong)
		return config_file_wrong(file, entry, error, "the name must be %s", wrong);
	g_autofree char *value = config_file_text(file, entry, error);
	if (!value)
		return FALSE;
	wrong = value_text(value);
	if (wrong)
		return config_file_wrong(file, entry, error, "it must be %s", wrong);
	if (file != layers->lock && locked(layers, entry))
		return TRUE;
	GPtrArray *environment = layers->project->environment;
	for (guint i = 0; i < environment->len; i++) {
		struct config_variable *variable = environment->pdata[i];
		if (strcmp(variable->name, entry->key) == 0)
			g_ptr_array_remove_index(environment, i--);
	}
	if (!*value)
		return TRUE;
	struct config_variable *variable = g_new0(struct config_variable, 1);
	variable->name = g_strdup(entry->key);
	variable->value = g_steal_pointer(&value);
	variable->origin = g_strdup(entry->origin);
	g_ptr_array_add(environment, variable);
	g_ptr_array_sort(environment, compare_variables);
	return TRUE;
}

gboolean layers_apply(
	struct layers *layers, const struct config_file *file, const struct config_entry *entry, GError **error)
{
	if (strcmp(entry->group, "App") == 0 || g_str_has_prefix(entry->group, "App ")) {
		struct config_app *app = app_of_entry(layers->project->apps, file, entry, error);
		gboolean keep = file != layers->lock && locked(layers, entry);
		return app && (!*entry->key || app_set(app, file, entry, keep, error));
	}
	if (!*entry->key)
		return known_group(file, entry, error);
	enum config_key key = config_find(entry->group, entry->key);
	if (key == CONFIG_TRAITS && file == layers->lock)
		return config_file_wrong(file, entry, error, "a lock holds keys, not traits");
	if (key == CONFIG_TRAITS)
		return TRUE; // applied before the file
	if (key != CONFIG_N_KEYS)
		return set_row(layers, key, file, entry, error);
	if (strcmp(entry->group, "Environment") == 0)
		return set_variable(layers, file, entry, error);
	return unknown_key(file, entry, error);
}
