#include "host-app.h"

#include "host-entry.h"

#include <string.h>

#define GROUP G_KEY_FILE_DESKTOP_GROUP

enum { ARGUMENTS_MAX = 256 };

/* Replaces the codes in a word. FALSE when the word is to go: one that stands for files within a word cannot be kept, since
 * files come last, and the rest are of no use in a container. */
static gboolean expand(GString *word, const char *name)
{
	for (gsize i = 0; i < word->len; i++) {
		if (word->str[i] != '%')
			continue;
		char code = word->str[i + 1];
		if (code != '%' && code != 'c')
			return FALSE;
		const char *text = code == '%' ? "%" : name;
		g_string_erase(word, (gssize)i, 2);
		g_string_insert(word, (gssize)i, text);
		i += strlen(text) - 1;
	}
	return TRUE;
}

char **host_app_argv(const char *exec, const char *name, const char **files)
{
	static const char *const codes[] = {"%f", "%F", "%u", "%U", NULL};
	g_auto(GStrv) words = NULL;
	*files = NULL;
	if (!g_shell_parse_argv(exec, NULL, &words, NULL) || g_strv_length(words) > ARGUMENTS_MAX)
		return NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	for (char **word = words; *word; word++) {
		for (gsize i = 0; codes[i]; i++)
			if (strcmp(codes[i], *word) == 0)
				*files = codes[i];
		g_autoptr(GString) expanded = g_string_new(*word);
		if (expand(expanded, name))
			g_ptr_array_add(argv, g_strdup(expanded->str));
		else if (word == words)
			return NULL;
	}
	if (argv->len == 0 || !*(const char *)argv->pdata[0])
		return NULL;
	g_ptr_array_set_free_func(argv, NULL);
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&argv), FALSE);
}

static gboolean is_action_id(const char *id)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
	return *id && strlen(id) <= 64 && strspn(id, allowed) == strlen(id);
}

static void add_actions(struct config_app *app, GKeyFile *entry)
{
	g_auto(GStrv) ids = g_key_file_get_string_list(entry, GROUP, "Actions", NULL, NULL);
	for (char **id = ids; id && *id; id++) {
		g_autofree char *group = g_strconcat("Desktop Action ", *id, NULL);
		g_autofree char *exec = g_key_file_get_string(entry, group, "Exec", NULL);
		const char *files;
		char **argv = exec && is_action_id(*id) ? host_app_argv(exec, app->title, &files) : NULL;
		if (!argv)
			continue;
		struct config_action *action = g_new0(struct config_action, 1);
		action->id = g_strdup(*id);
		action->exec = argv;
		g_ptr_array_add(app->actions, action);
	}
}

static void add_app(struct project *project, const struct config_item *item)
{
	g_autoptr(GKeyFile) entry = host_entry_find(item->value);
	g_autofree char *exec = entry ? host_entry_text(entry, "Exec") : NULL;
	g_autofree char *title = entry ? host_entry_text(entry, "Name") : NULL;
	g_autofree char *type = entry ? host_entry_text(entry, "Type") : NULL;
	const char *files = NULL;
	char **argv =
		exec && title && type && strcmp(type, "Application") == 0 ? host_app_argv(exec, title, &files) : NULL;
	if (!argv)
		return;
	struct config_app *app = project_add_app(project, item->value, item->origin);
	app->entry = g_strdup(item->value);
	app->exec = argv;
	app->files = g_strdup(files);
	app->title = g_steal_pointer(&title);
	app->icon = host_entry_text(entry, "Icon");
	app->window_class = host_entry_text(entry, "StartupWMClass");
	app->terminal = g_key_file_get_boolean(entry, GROUP, "Terminal", NULL);
	add_actions(app, entry);
}

struct project *project_open(const char *name, const struct config_dirs *dirs, GError **error)
{
	struct project *project = project_load(name, dirs, error);
	const GPtrArray *items = project ? project_items(project, CONFIG_APPS) : NULL;
	for (guint i = 0; items && i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		if (!project_app(project, item->value))
			add_app(project, item);
	}
	return project;
}

GPtrArray *host_app_missing(const struct project *project)
{
	const GPtrArray *items = project_items(project, CONFIG_APPS);
	GPtrArray *missing = g_ptr_array_new();
	for (guint i = 0; i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		if (!project_app(project, item->value))
			g_ptr_array_add(missing, item->value);
	}
	return missing;
}
