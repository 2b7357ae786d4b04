#include "cmd.h"

#include "json.h"
#include "plan.h"
#include "reply.h"
#include "subnet.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static char *command_text(GVariant *job)
{
	g_auto(GStrv) argv = NULL;
	g_variant_lookup(job, "argv", "^aay", &argv);
	g_autoptr(GString) line = g_string_new(NULL);
	for (char **word = argv; word && *word; word++) {
		gboolean plain =
			**word && strspn(*word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
						"_-./=:,+@%") == strlen(*word);
		g_autofree char *quoted = plain ? g_strdup(*word) : g_shell_quote(*word);
		g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", quoted);
	}
	return text_dup_sanitized(line->str, 1000);
}

static void print_jobs(GVariant *body)
{
	g_autoptr(GVariant) jobs = g_variant_lookup_value(body, "jobs", G_VARIANT_TYPE("aa{sv}"));
	if (!jobs)
		return;
	for (gsize i = 0; i < g_variant_n_children(jobs); i++) {
		g_autoptr(GVariant) job = g_variant_get_child_value(jobs, i);
		g_autofree char *command = command_text(job), *since = reply_clock(reply_number(job, "started"));
		printf("%s%7d  since %s  %s\n", i == 0 ? "Applications\n" : "", (int)reply_number(job, "pid"), since,
			command);
	}
}

static void print_network(GVariant *body)
{
	gboolean online = TRUE;
	g_autofree const char **forwards = NULL;
	g_variant_lookup(body, "online", "b", &online);
	g_variant_lookup(body, "forwards", "^a&s", &forwards);
	printf("Network  %s%s\n", reply_text(body, "network"), online ? "" : ", which is not there now");
	for (const char **forward = forwards; forward && *forward; forward++) {
		unsigned port, inside;
		if (forward_parse(*forward, &port, &inside))
			printf("Forward  127.0.0.1:%u → %u\n", port, inside);
	}
}

static void print_limits(GVariant *body)
{
	g_autoptr(GVariant) limits = g_variant_lookup_value(body, "limits", G_VARIANT_TYPE("aa{sv}"));
	for (gsize i = 0; limits && i < g_variant_n_children(limits); i++) {
		g_autoptr(GVariant) one = g_variant_get_child_value(limits, i);
		struct plan_limit limit = {reply_number(one, "value"), PLAN_UNLIMITED};
		for (int resource = 0; resource < PLAN_N_RESOURCES; resource++) {
			if (strcmp(reply_text(one, "resource"), plan_resource_name((enum plan_resource)resource)) !=
					0 ||
				!plan_enforcement_find(reply_text(one, "by"), &limit.by))
				continue;
			g_autofree char *shown = plan_limit_text((enum plan_resource)resource, &limit);
			printf("Limit    %s\n", shown);
		}
	}
}

static void print_status(GVariant *body)
{
	g_autofree char *since = reply_clock(reply_number(body, "started"));
	g_autofree char *title = text_dup_sanitized(reply_text(body, "title"), 200);
	gint64 linger = reply_number(body, "linger");
	printf("%s: running since %s\n", reply_text(body, "project"), since);
	if (strcmp(title, reply_text(body, "project")) != 0)
		printf("Title    %s\n", title);
	printf("Engine   %s, init is process %d\n", reply_text(body, "engine"), (int)reply_number(body, "pid"));
	print_network(body);
	print_limits(body);
	if (linger < 0)
		printf("Linger   forever\n");
	else
		printf("Linger   %g s\n", (double)linger / 1000);
	print_jobs(body);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	GError *cause = NULL;
	g_autoptr(GVariant) body = words ? reply_ask(words[0], "Status", "Status", &cause) : NULL;
	if (cause)
		g_propagate_error(error, cause);
	if (!words || cause)
		return 0;
	GVariantDict all;
	g_variant_dict_init(&all, body);
	g_variant_dict_insert(&all, "project", "s", words[0]);
	g_variant_dict_insert(&all, "running", "b", body != NULL);
	g_autoptr(GVariant) shown = g_variant_ref_sink(g_variant_dict_end(&all));
	if (json)
		json_print(shown);
	else if (body)
		print_status(body);
	else
		printf("%s: not running\n", words[0]);
	return 0;
}

const struct cmd cmd_status = {
	.name = "status",
	.arguments = "NAME [--json]",
	.summary = "Show whether a container runs, since when, and the applications in it",
	.flags = CMD_PROJECT,
	.run = run,
};
