#include "cmd.h"

#include "error.h"
#include "host-app.h"
#include "host.h"
#include "json.h"
#include "plan.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct plan *cmd_make_plan(const char *name, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	autoproject struct project *project = dirs ? project_open(name, dirs, error) : NULL;
	autohost struct host *host = project ? host_gather(project, error) : NULL;
	return host ? plan_build(project, host, error) : NULL;
}

static const struct plan_app *find_app(const struct plan *plan, const char *name)
{
	for (guint i = 0; i < plan->apps->len; i++) {
		const struct plan_app *app = plan->apps->pdata[i];
		if (strcmp(app->name, name) == 0)
			return app;
	}
	return NULL;
}

static void print_app(const struct plan *plan, const char *name)
{
	const struct plan_app *app = find_app(plan, name);
	const char *const plain[] = {name, NULL};
	g_autoptr(GString) line = g_string_new("\nWould run\n ");
	for (const char *const *word = app ? (const char *const *)app->exec : plain; *word; word++) {
		g_autofree char *quoted = g_shell_quote(*word);
		g_autofree char *shown = text_dup_sanitized(quoted, 4096);
		g_string_append_printf(line, " %s", shown);
	}
	puts(line->str);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 2, error);
	autoplan struct plan *plan = words ? cmd_make_plan(words[0], error) : NULL;
	if (!plan)
		return 0;
	if (json) {
		json_print(plan_to_variant(plan));
		return 0;
	}
	g_autoptr(GString) text = g_string_new(NULL);
	plan_print(plan, text);
	fputs(text->str, stdout);
	if (words[1])
		print_app(plan, words[1]);
	return 0;
}

const struct cmd cmd_plan = {
	.name = "plan",
	.arguments = "NAME [APP] [--json]",
	.summary = "Show what a container would be made of, without making it",
	.details = "Every operation stands with the file, line and key that asked for it. Nothing is started or "
		   "changed.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
