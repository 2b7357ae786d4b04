#include "app.h"

#include "text.h"
#include "value.h"

#include <string.h>

enum { ARGUMENTS_MAX = 256 };

static const char *const app_keys[] = {"Exec", "Name", "Icon", "WindowClass", "Terminal", NULL};

void app_free(void *data)
{
	struct config_app *app = data;
	g_free(app->name);
	g_strfreev(app->exec);
	g_free(app->files);
	g_free(app->title);
	g_free(app->icon);
	g_free(app->window_class);
	g_free(app->origin);
	g_free(app->entry);
	g_clear_pointer(&app->actions, g_ptr_array_unref);
	g_free(app);
}

static void action_free(void *data)
{
	struct config_action *action = data;
	g_free(action->id);
	g_strfreev(action->exec);
	g_free(action);
}

struct config_app *project_add_app(struct project *project, const char *name, const char *origin)
{
	struct config_app *app = g_new0(struct config_app, 1);
	app->name = g_strdup(name);
	app->origin = g_strdup(origin);
	app->actions = g_ptr_array_new_with_free_func(action_free);
	g_ptr_array_add(project->apps, app);
	return app;
}

struct config_app *app_of_entry(
	GPtrArray *apps, const struct config_file *file, const struct config_entry *entry, GError **error)
{
	const char *name = entry->group + strlen("App");
	while (*name == ' ')
		name++;
	const char *wrong = value_app_name(name);
	if (wrong) {
		config_file_wrong(file, entry, error, "an application's group is [App NAME]; NAME must be %s", wrong);
		return NULL;
	}
	for (guint i = 0; i < apps->len; i++) {
		struct config_app *app = apps->pdata[i];
		if (strcmp(app->name, name) == 0)
			return app;
	}
	struct config_app *app = g_new0(struct config_app, 1);
	app->name = g_strdup(name);
	app->exec = g_strdupv((char *[]){app->name, NULL});
	app->origin = g_strdup(entry->origin);
	g_ptr_array_add(apps, app);
	return app;
}

/* The field code of the Desktop Entry Specification that ends argv, taken off it; or NULL. */
static char *take_field_code(char **argv)
{
	static const char *const codes[] = {"%f", "%F", "%u", "%U", NULL};
	guint n = g_strv_length(argv);
	if (n == 0 || !g_strv_contains(codes, argv[n - 1]))
		return NULL;
	char *code = argv[n - 1];
	argv[n - 1] = NULL;
	return code;
}

static gboolean set_exec(struct config_app *app, const struct config_file *file, const struct config_entry *entry,
	const char *value, gboolean check_only, GError **error)
{
	g_auto(GStrv) argv = NULL;
	g_autoptr(GError) cause = NULL;
	if (!*value)
		argv = g_strdupv((char *[]){app->name, NULL});
	else if (!g_shell_parse_argv(value, NULL, &argv, &cause))
		return config_file_wrong(file, entry, error, "%s", cause->message);
	g_autofree char *files = take_field_code(argv);
	if (!argv[0] || !*argv[0])
		return config_file_wrong(file, entry, error, "the program's name is empty");
	if (g_strv_length(argv) > ARGUMENTS_MAX)
		return config_file_wrong(file, entry, error, "more than %d arguments", ARGUMENTS_MAX);
	if (!check_only) {
		g_strfreev(app->exec);
		app->exec = g_steal_pointer(&argv);
		g_free(app->files);
		app->files = g_steal_pointer(&files);
	}
	return TRUE;
}

gboolean app_set(struct config_app *app, const struct config_file *file, const struct config_entry *entry,
	gboolean check_only, GError **error)
{
	char **texts[] = {NULL, &app->title, &app->icon, &app->window_class, NULL};
	size_t i = 0;
	while (app_keys[i] && strcmp(app_keys[i], entry->key) != 0)
		i++;
	if (!app_keys[i]) {
		const char *nearest = text_nearest(entry->key, app_keys);
		return config_file_wrong(file, entry, error, "unknown key%s%s%s", nearest ? "; did you mean " : "",
			nearest ? nearest : "", nearest ? "?" : "");
	}
	g_autofree char *value = config_file_text(file, entry, error);
	if (!value)
		return FALSE;
	const char *wrong = value_text(value);
	gboolean flag = strcmp(entry->key, "Terminal") == 0;
	if (!wrong && flag && *value && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		wrong = "yes or no";
	if (wrong)
		return config_file_wrong(file, entry, error, "it must be %s", wrong);
	if (i == 0)
		return set_exec(app, file, entry, value, check_only, error);
	if (check_only)
		return TRUE;
	if (flag) {
		app->terminal = strcmp(value, "yes") == 0;
	} else {
		g_free(*texts[i]);
		*texts[i] = *value ? g_steal_pointer(&value) : NULL;
	}
	return TRUE;
}
