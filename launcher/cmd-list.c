#include "cmd.h"

#include "error.h"
#include "host-app.h"
#include "json.h"
#include "log.h"
#include "project.h"
#include "running.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct row {
	const char *name;
	gboolean running;
	struct project *project; // NULL when its configuration is wrong
	char *wrong;
};

static struct row make_row(const char *name, const struct config_dirs *dirs)
{
	g_autoptr(GError) cause = NULL;
	struct row row = {.name = name, .running = running_now(name)};
	row.project = project_open(name, dirs, &cause);
	row.wrong = cause ? g_strdup(cause->message) : NULL;
	return row;
}

static const char *title_of(const struct row *row)
{
	const char *title = row->project ? project_text(row->project, CONFIG_TITLE) : "";
	return *title ? title : row->name;
}

static const char *app_title(const struct config_app *app)
{
	return app->title ? app->title : app->name;
}

static void print_row(const struct row *row)
{
	const char *state = row->running ? "running" : row->wrong ? "wrong" : "-";
	printf("%-20s  %-8s  %s\n", row->name, state, title_of(row));
	if (row->wrong) {
		g_autofree char *shown = text_dup_sanitized(row->wrong, 1000);
		fflush(stdout);
		log_warning("%s", shown);
	}
}

/* What is before the tab can be given to isolate as it is: a menu hands back words, never a label. */
static void print_menu(const struct row *row)
{
	if (!row->project)
		return;
	for (guint i = 0; i < row->project->apps->len; i++) {
		const struct config_app *app = row->project->apps->pdata[i];
		printf(".%s %s\t%s (%s)\n", row->name, app->name, app_title(app), title_of(row));
	}
	printf(".%s\tShell (%s)\n", row->name, title_of(row));
}

static GVariant *to_variant(const struct row *row)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_auto(GVariantBuilder) apps = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; row->project && i < row->project->apps->len; i++)
		g_variant_builder_add(&apps, "s", ((const struct config_app *)row->project->apps->pdata[i])->name);
	g_variant_dict_insert(&dict, "project", "s", row->name);
	g_variant_dict_insert(&dict, "title", "s", title_of(row));
	g_variant_dict_insert(&dict, "color", "s", row->project ? project_text(row->project, CONFIG_COLOR) : "");
	g_variant_dict_insert(&dict, "running", "b", row->running);
	g_variant_dict_insert_value(&dict, "apps", g_variant_builder_end(&apps));
	if (row->wrong)
		g_variant_dict_insert(&dict, "error", "^ay", row->wrong);
	return g_variant_dict_end(&dict);
}

static int list(gboolean json, gboolean menu, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	g_autoptr(GPtrArray) names = dirs ? project_names(dirs, error) : NULL;
	g_auto(GVariantBuilder) rows = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	if (!names)
		return 0;
	for (guint i = 0; i < names->len; i++) {
		struct row row = make_row(names->pdata[i], dirs);
		if (json)
			g_variant_builder_add_value(&rows, to_variant(&row));
		else if (menu)
			print_menu(&row);
		else
			print_row(&row);
		project_free(row.project);
		g_free(row.wrong);
	}
	if (json)
		json_print(g_variant_builder_end(&rows));
	else if (names->len == 0 && cmd_interactive())
		log_info("there is no project yet: isolate create NAME --share DIR");
	return 0;
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	g_autofree char *format = NULL;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{"format",	   0, 0, G_OPTION_ARG_FILENAME, &format, "json, or menu: words for isolate, a tab, a label",
			"FORMAT"},
		{NULL},
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 0, 0, error);
	if (!words)
		return 0;
	if (format && strcmp(format, "json") != 0 && strcmp(format, "menu") != 0) {
		g_autofree char *shown = text_dup_sanitized(format, 64);
		error_set(error, "--format is json or menu, not \"%s\"", shown);
		return 0;
	}
	return list(json || (format && strcmp(format, "json") == 0), format && strcmp(format, "menu") == 0, error);
}

const struct cmd cmd_list = {
	.name = "list",
	.arguments = "[--json|--format json|menu]",
	.summary = "List the projects",
	.details =
		"The second column says running, wrong (what is wrong with its configuration follows on stderr) or -.\n"
		"A menu: isolate list --format menu | wofi --dmenu | cut -f1 | xargs isolate\n",
	.run = run,
};
