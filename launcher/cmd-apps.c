#include "cmd.h"

#include "host-app.h"
#include "json.h"
#include "project.h"
#include "text.h"

#include <stdio.h>

static char *command_line(const struct config_app *app)
{
	g_autoptr(GString) line = g_string_new(NULL);
	for (char **word = app->exec; *word; word++) {
		g_autofree char *quoted = g_shell_quote(*word);
		g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", quoted);
	}
	return text_dup_sanitized(line->str, 4096);
}

static GVariant *to_variant(const struct config_app *app)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_variant_dict_insert(&dict, "name", "s", app->name);
	g_variant_dict_insert(&dict, "title", "s", app->title ? app->title : app->name);
	g_variant_dict_insert(&dict, "exec", "^as", app->exec);
	g_variant_dict_insert(&dict, "icon", "s", app->icon ? app->icon : "");
	g_variant_dict_insert(&dict, "window-class", "s", app->window_class ? app->window_class : "");
	g_variant_dict_insert(&dict, "terminal", "b", app->terminal);
	g_variant_dict_insert(&dict, "origin", "s", app->origin);
	return g_variant_dict_end(&dict);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	autodirs struct config_dirs *dirs = words ? config_dirs_new(error) : NULL;
	autoproject struct project *project = dirs ? project_open(words[0], dirs, error) : NULL;
	if (!project)
		return 0;
	g_auto(GVariantBuilder) apps = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < project->apps->len; i++) {
		const struct config_app *app = project->apps->pdata[i];
		g_autofree char *line = command_line(app);
		if (json)
			g_variant_builder_add_value(&apps, to_variant(app));
		else
			printf("%-20s  %-24s  %s\n", app->name, app->title ? app->title : app->name, line);
	}
	if (json)
		json_print(g_variant_builder_end(&apps));
	return 0;
}

const struct cmd cmd_apps = {
	.name = "apps",
	.arguments = "NAME [--json]",
	.summary = "List the applications that a project names",
	.details = "They are the groups [App ...] of its configuration. Any program that is visible in the container "
		   "can be run\n"
		   "besides: isolate APP --project NAME.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
