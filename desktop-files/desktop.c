#include "desktop.h"

#include "entry.h"
#include "error.h"
#include "folder.h"

#include <string.h>
#include <sys/stat.h>

static void free_entry(void *data)
{
	struct desktop_entry *entry = data;
	g_free(entry->path);
	g_free(entry->project);
	g_free(entry);
}

GPtrArray *desktop_entries_new(void)
{
	return g_ptr_array_new_with_free_func(free_entry);
}

static void note(GPtrArray *done, const struct folder *folder, const char *name, const char *project,
	enum desktop_kind kind, enum folder_state state)
{
	struct desktop_entry *entry = g_new0(struct desktop_entry, 1);
	entry->kind = kind;
	entry->path = g_build_filename(folder->path, name, NULL);
	entry->project = g_strdup(project);
	if (kind == DESKTOP_KEPT)
		entry->reason =
			state == FOLDER_EDITED ? "it was edited after isolate wrote it" : "isolate did not write it";
	g_ptr_array_add(done, entry);
}

char *desktop_command(GError **error)
{
	g_autofree char *running = g_file_read_link("/proc/self/exe", error);
	if (!running)
		return NULL;
	struct stat ours, installed;
	if (stat(ISOLATE_COMMAND, &installed) == 0 && stat("/proc/self/exe", &ours) == 0 &&
		ours.st_dev == installed.st_dev && ours.st_ino == installed.st_ino)
		return g_strdup(ISOLATE_COMMAND);
	if (g_str_has_suffix(running, " (deleted)")) // replaced while it ran
		return g_strdup(ISOLATE_COMMAND);
	return g_steal_pointer(&running);
}

/* Whether the entry is as it should be, and what would be done about it. */
static enum desktop_kind judge(enum folder_state state, const char *found, const char *wanted)
{
	switch (state) {
	case FOLDER_ABSENT:
		return DESKTOP_MISSING;
	case FOLDER_OURS:
		return strcmp(found, wanted) == 0 ? DESKTOP_UNCHANGED : DESKTOP_OUTDATED;
	case FOLDER_EDITED:
	case FOLDER_FOREIGN:
		return DESKTOP_KEPT;
	}
	g_assert_not_reached();
}

static gboolean put(const struct folder *folder, const struct project *project, const struct config_app *app,
	const char *command, gboolean look_only, GPtrArray *done, GError **error)
{
	g_autofree char *name = desktop_entry_file(project->name, app->name);
	g_autofree char *wanted = desktop_entry(project, app, command, error), *found = NULL;
	if (!wanted)
		return FALSE;
	enum folder_state state = folder_look(folder, name, &found);
	enum desktop_kind kind = judge(state, found, wanted);
	if (!look_only && (kind == DESKTOP_MISSING || kind == DESKTOP_OUTDATED)) {
		if (!folder_write(folder, name, wanted, error))
			return FALSE;
		kind = DESKTOP_WRITTEN;
	}
	note(done, folder, name, project->name, kind, state);
	return TRUE;
}

/* Of an entry that should not be there: removed when it is as we left it. */
static gboolean take(const struct folder *folder, const char *name, gboolean look_only, GPtrArray *done, GError **error)
{
	g_autofree char *project = folder_project_of(name);
	enum folder_state state = folder_look(folder, name, NULL);
	enum desktop_kind kind = state == FOLDER_OURS ? DESKTOP_ORPHAN : DESKTOP_KEPT;
	if (state == FOLDER_ABSENT || state == FOLDER_FOREIGN) // somebody else's name is no business of ours
		return TRUE;
	if (!look_only && kind == DESKTOP_ORPHAN) {
		if (!folder_remove(folder, name, error))
			return FALSE;
		kind = DESKTOP_REMOVED;
	}
	note(done, folder, name, project, kind, state);
	return TRUE;
}

static gboolean is_app_file(const struct project *project, const char *name)
{
	for (guint i = 0; i < project->apps->len; i++) {
		const struct config_app *app = project->apps->pdata[i];
		g_autofree char *file = desktop_entry_file(project->name, app->name);
		if (strcmp(file, name) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean walk(
	const struct project *project, const char *command, gboolean look_only, GPtrArray *done, GError **error)
{
	autofolder folder;
	if (!folder_open(&folder, error))
		return FALSE;
	for (guint i = 0; i < project->apps->len; i++)
		if (!put(&folder, project, project->apps->pdata[i], command, look_only, done, error))
			return FALSE;
	g_autoptr(GPtrArray) names = folder_names(&folder, project->name, error);
	for (guint i = 0; names && i < names->len; i++)
		if (!is_app_file(project, names->pdata[i]) && !take(&folder, names->pdata[i], look_only, done, error))
			return FALSE;
	return names != NULL;
}

gboolean desktop_sync(const struct project *project, const char *command, GPtrArray *done, GError **error)
{
	return walk(project, command, FALSE, done, error);
}

gboolean desktop_list(const struct project *project, const char *command, GPtrArray *found, GError **error)
{
	return walk(project, command, TRUE, found, error);
}

gboolean desktop_remove(const char *project, GPtrArray *done, GError **error)
{
	autofolder folder;
	g_autoptr(GPtrArray) names = folder_open(&folder, error) ? folder_names(&folder, project, error) : NULL;
	for (guint i = 0; names && i < names->len; i++)
		if (!take(&folder, names->pdata[i], FALSE, done, error))
			return FALSE;
	return names != NULL;
}

gboolean desktop_prune(const GPtrArray *names, gboolean look_only, GPtrArray *done, GError **error)
{
	autofolder folder;
	g_autoptr(GPtrArray) files = folder_open(&folder, error) ? folder_names(&folder, NULL, error) : NULL;
	for (guint i = 0; files && i < files->len; i++) {
		g_autofree char *project = folder_project_of(files->pdata[i]);
		gboolean exists = FALSE;
		for (guint j = 0; j < names->len; j++)
			exists = exists || strcmp(names->pdata[j], project) == 0;
		if (!exists && !take(&folder, files->pdata[i], look_only, done, error))
			return FALSE;
	}
	return files != NULL;
}
