#include "error.h"
#include "layers.h"
#include "project.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { TRAITS_MAX = 64 };

static char *conf_path(const char *dir, const char *folder, const char *name)
{
	g_autofree char *file = g_strconcat(name, ".conf", NULL);
	return g_build_filename(dir, folder, file, NULL);
}

static gboolean apply_file(struct layers *layers, const struct config_file *file, GError **error);

/* Every trait there is, for the nearest one to a wrong name. */
static gboolean unknown_trait(const struct layers *layers, const char *name, const struct config_file *file,
	const struct config_entry *entry, GError **error)
{
	const char *const dirs[] = {layers->dirs->user, layers->dirs->system, layers->dirs->system_data};
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++) {
		g_autofree char *folder = g_build_filename(dirs[i], "traits", NULL);
		g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
		const char *found;
		while (dir && (found = g_dir_read_name(dir)))
			if (g_str_has_suffix(found, ".conf"))
				g_ptr_array_add(names, g_strndup(found, strlen(found) - strlen(".conf")));
	}
	g_ptr_array_add(names, NULL);
	const char *nearest = text_nearest(name, (const char *const *)names->pdata);
	return config_file_wrong(file, entry, error,
		"there is no trait \"%s\"%s%s%s in %s/traits, %s/traits or %s/traits", name,
		nearest ? " (did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?)" : "", dirs[0], dirs[1],
		dirs[2]);
}

static gboolean cycle(const struct layers *layers, const char *name, const struct config_file *file,
	const struct config_entry *entry, GError **error)
{
	g_autoptr(GString) path = g_string_new(NULL);
	gboolean inside = FALSE;
	for (guint i = 0; i < layers->open->len; i++) {
		inside |= strcmp(layers->open->pdata[i], name) == 0;
		if (inside)
			g_string_append_printf(path, "%s → ", (char *)layers->open->pdata[i]);
	}
	return config_file_wrong(file, entry, error, "traits name each other in a circle: %s%s", path->str, name);
}

static gboolean has_name(const GPtrArray *names, const char *name)
{
	for (guint i = 0; i < names->len; i++)
		if (strcmp(names->pdata[i], name) == 0)
			return TRUE;
	return FALSE;
}

static gboolean apply_trait(struct layers *layers, const char *name, const struct config_file *by,
	const struct config_entry *entry, GError **error)
{
	if (has_name(layers->open, name))
		return cycle(layers, name, by, entry, error);
	if (has_name(layers->done, name))
		return TRUE;
	if (layers->done->len + layers->open->len >= TRAITS_MAX)
		return config_file_wrong(by, entry, error, "more than %d traits", TRAITS_MAX);
	const char *const dirs[] = {layers->dirs->user, layers->dirs->system, layers->dirs->system_data};
	autofile struct config_file *file = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(dirs) && !file; i++) {
		g_autofree char *path = conf_path(dirs[i], "traits", name);
		if (!config_file_read(path, &file, error))
			return FALSE;
	}
	if (!file)
		return unknown_trait(layers, name, by, entry, error);
	g_ptr_array_add(layers->open, g_strdup(name));
	if (!apply_file(layers, file, error))
		return FALSE;
	g_ptr_array_set_size(layers->open, (gint)layers->open->len - 1);
	g_ptr_array_add(layers->done, g_strdup(name));
	return TRUE;
}

static gboolean apply_traits(
	struct layers *layers, const struct config_file *file, const struct config_entry *entry, GError **error)
{
	g_autoptr(GPtrArray) items = layers_items_new();
	if (!layers_parse(layers, config_row(CONFIG_TRAITS), file, entry, items, error))
		return FALSE;
	for (guint i = 0; i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		if (!apply_trait(layers, item->value, file, entry, error))
			return FALSE;
	}
	g_ptr_array_extend_and_steal(layers->project->settings[CONFIG_TRAITS], g_steal_pointer(&items));
	return TRUE;
}

static gboolean apply_file(struct layers *layers, const struct config_file *file, GError **error)
{
	g_ptr_array_add(layers->project->files, g_strdup(file->path));
	for (guint i = 0; i < file->entries->len && file != layers->lock; i++) {
		const struct config_entry *entry = file->entries->pdata[i];
		if (config_find(entry->group, entry->key) == CONFIG_TRAITS && !apply_traits(layers, file, entry, error))
			return FALSE;
	}
	for (guint i = 0; i < file->entries->len; i++)
		if (!layers_apply(layers, file, file->entries->pdata[i], error))
			return FALSE;
	return TRUE;
}

/* The files of the project itself, of the system and the user. */
static gboolean apply_project(struct layers *layers, const char *name, GError **error)
{
	const char *const dirs[] = {layers->dirs->system, layers->dirs->user};
	gboolean found = FALSE;
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++) {
		g_autofree char *path = conf_path(dirs[i], "projects", name);
		if (dirs[i] == layers->dirs->user && layers->dirs->draft) {
			g_free(path);
			path = g_strdup(layers->dirs->draft);
		}
		autofile struct config_file *file = NULL;
		if (!config_file_read(path, &file, error) || (file && !apply_file(layers, file, error)))
			return FALSE;
		found |= file != NULL;
	}
	return found || project_unknown(name, layers->dirs, error);
}

static gboolean read_lock(const struct config_dirs *dirs, struct config_file **lock, GError **error)
{
	g_autofree char *path = g_build_filename(dirs->system, "lock.conf", NULL);
	return config_file_read(path, lock, error);
}

gboolean project_unlocked(const struct config_dirs *dirs, enum config_key key, GError **error)
{
	autofile struct config_file *lock = NULL;
	if (!read_lock(dirs, &lock, error))
		return FALSE;
	for (guint i = 0; lock && i < lock->entries->len; i++) {
		const struct config_entry *entry = lock->entries->pdata[i];
		if (config_find(entry->group, entry->key) == key)
			return error_set(error, "%s: nobody can set it differently", entry->origin);
	}
	return TRUE;
}

struct project *project_load(const char *name, const struct config_dirs *dirs, GError **error)
{
	if (!text_is_project_name(name)) {
		error_set(error, "not a project's name");
		return NULL;
	}
	autoproject struct project *project = layers_project_new(name);
	g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) done = g_ptr_array_new_with_free_func(g_free);
	autofile struct config_file *lock = NULL;
	if (!read_lock(dirs, &lock, error))
		return NULL;
	struct layers layers = {.dirs = dirs, .project = project, .lock = lock, .open = open, .done = done};
	if (!apply_project(&layers, name, error) || (lock && !apply_file(&layers, lock, error)))
		return NULL;
	return g_steal_pointer(&project);
}

gboolean project_exists(const char *name, const struct config_dirs *dirs)
{
	if (!text_is_project_name(name))
		return FALSE;
	g_autofree char *user = conf_path(dirs->user, "projects", name);
	g_autofree char *system = conf_path(dirs->system, "projects", name);
	return access(user, F_OK) == 0 || access(system, F_OK) == 0;
}

static gboolean add_names(GPtrArray *names, const char *dir, GError **error)
{
	g_autofree char *folder = g_build_filename(dir, "projects", NULL);
	g_autoptr(GError) cause = NULL;
	g_autoptr(GDir) files = g_dir_open(folder, 0, &cause);
	if (!files && !g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return error_set(error, "cannot read the folder %s: %s", folder, cause->message);
	const char *file;
	while (files && (file = g_dir_read_name(files))) {
		g_autofree char *name = g_strdup(file);
		char *end = strrchr(name, '.');
		if (!end || strcmp(end, ".conf") != 0)
			continue;
		*end = '\0';
		if (text_is_project_name(name) && !has_name(names, name))
			g_ptr_array_add(names, g_steal_pointer(&name));
	}
	return TRUE;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *project_names(const struct config_dirs *dirs, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	if (!add_names(names, dirs->user, error) || !add_names(names, dirs->system, error))
		return NULL;
	g_ptr_array_sort(names, compare_names);
	return g_steal_pointer(&names);
}

gboolean project_unknown(const char *name, const struct config_dirs *dirs, GError **error)
{
	g_autofree char *shown = text_dup_sanitized(name, 64);
	g_autoptr(GPtrArray) names = project_names(dirs, NULL);
	const char *nearest = NULL;
	if (names) {
		g_ptr_array_add(names, NULL);
		nearest = text_nearest(name, (const char *const *)names->pdata);
	}
	return error_set(error, "there is no project \"%s\"%s%s%s; to make it: isolate create %s", shown,
		nearest ? " (did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?)" : "", shown);
}
