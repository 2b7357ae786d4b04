#include "cmd.h"

#include "json.h"
#include "reply.h"
#include "running.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { COMMAND_MAX = 1000, DEPTH_MAX = 32 };

static char *command_text(GVariant *process)
{
	g_autofree char *command = NULL;
	g_variant_lookup(process, "command", "^ay", &command);
	return text_dup_sanitized(command ? command : "?", COMMAND_MAX);
}

static void print_table(GVariant *processes)
{
	printf("%7s %7s  %s\n", "PID", "PPID", "COMMAND");
	for (gsize i = 0; i < g_variant_n_children(processes); i++) {
		g_autoptr(GVariant) process = g_variant_get_child_value(processes, i);
		g_autofree char *shown = command_text(process);
		printf("%7d %7d  %s\n", (int)reply_number(process, "pid"), (int)reply_number(process, "ppid"), shown);
	}
}

/* ppid → its children's places in the list. Of one whose parent has gone while they were read, init is. */
static GHashTable *sort_by_parent(GVariant *processes)
{
	GHashTable *children = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
	for (gsize i = 0; i < g_variant_n_children(processes); i++) {
		g_autoptr(GVariant) process = g_variant_get_child_value(processes, i);
		gpointer ppid = GINT_TO_POINTER((int)reply_number(process, "ppid"));
		GArray *list = g_hash_table_lookup(children, ppid);
		if (!list) {
			list = g_array_new(FALSE, FALSE, sizeof(gsize));
			g_hash_table_insert(children, ppid, list);
		}
		g_array_append_val(list, i);
	}
	return children;
}

static void print_branch(GVariant *processes, GHashTable *children, int parent, const char *indent, int depth)
{
	const GArray *list = g_hash_table_lookup(children, GINT_TO_POINTER(parent));
	for (guint i = 0; list && i < list->len; i++) {
		g_autoptr(GVariant) process = g_variant_get_child_value(processes, g_array_index(list, gsize, i));
		g_autofree char *shown = command_text(process);
		gboolean last = i + 1 == list->len;
		int pid = (int)reply_number(process, "pid");
		printf("%s%s%d %s\n", indent, last ? "└─" : "├─", pid, shown);
		// A container can nest them as deep as it likes; what is deeper stands at this depth.
		g_autofree char *more = g_strconcat(indent, depth < DEPTH_MAX ? (last ? "  " : "│ ") : "", NULL);
		if (pid != parent && depth < 10 * DEPTH_MAX)
			print_branch(processes, children, pid, more, depth + 1);
	}
}

static GVariant *processes_of(const char *project, GError **error)
{
	g_autoptr(GVariant) body = reply_ask(project, "Processes", "Processes", error);
	return body ? g_variant_lookup_value(body, "processes", G_VARIANT_TYPE("aa{sv}")) : NULL;
}

static void show_one(const char *project, gboolean json, GError **error)
{
	GError *cause = NULL;
	g_autoptr(GVariant) processes = processes_of(project, &cause);
	if (cause) {
		g_propagate_error(error, cause);
		return;
	}
	if (!processes)
		processes = g_variant_ref_sink(g_variant_new("aa{sv}", NULL));
	if (json)
		json_print(g_variant_ref(processes));
	else
		print_table(processes);
}

static void show_all(gboolean json)
{
	g_autoptr(GPtrArray) names = running_all();
	g_auto(GVariantBuilder) rows = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < names->len; i++) {
		// One that ends meanwhile is passed over.
		g_autoptr(GVariant) processes = processes_of(names->pdata[i], NULL);
		if (!processes)
			continue;
		if (json) {
			g_variant_builder_open(&rows, G_VARIANT_TYPE_VARDICT);
			g_variant_builder_add(&rows, "{sv}", "project", g_variant_new_string(names->pdata[i]));
			g_variant_builder_add(&rows, "{sv}", "processes", processes);
			g_variant_builder_close(&rows);
			continue;
		}
		g_autoptr(GHashTable) children = sort_by_parent(processes);
		puts(names->pdata[i]);
		print_branch(processes, children, 1, "", 0);
	}
	if (json)
		json_print(g_variant_builder_end(&rows));
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 0, 1, error);
	if (words && words[0])
		show_one(words[0], json, error);
	else if (words)
		show_all(json);
	return 0;
}

const struct cmd cmd_ps = {
	.name = "ps",
	.arguments = "[NAME] [--json]",
	.summary = "List the processes in a container, or as a tree those in all that run",
	.details = "Processes have the numbers that they have inside.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
