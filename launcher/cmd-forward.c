#include "cmd.h"

#include "error.h"
#include "json.h"
#include "session-client.h"
#include "subnet.h"

#include <stdio.h>

static void print_forwards(GVariant *forwards, gboolean json)
{
	g_auto(GVariantBuilder) list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (gsize i = 0; i < g_variant_n_children(forwards); i++) {
		const char *text;
		unsigned port, inside;
		g_variant_get_child(forwards, i, "&s", &text);
		if (!forward_parse(text, &port, &inside))
			continue;
		if (!json)
			printf("127.0.0.1:%u → %u\n", port, inside);
		g_variant_builder_open(&list, G_VARIANT_TYPE_VARDICT);
		g_variant_builder_add(&list, "{sv}", "port", g_variant_new_uint32(port));
		g_variant_builder_add(&list, "{sv}", "inside", g_variant_new_uint32(inside));
		g_variant_builder_close(&list);
	}
	g_autoptr(GVariant) all = g_variant_ref_sink(g_variant_builder_end(&list));
	if (json)
		json_print(all);
}

static void list(const char *project, gboolean json, GError **error)
{
	g_autoptr(GVariant) status = session_ask(project, "Status", NULL, "Status", error);
	if (!status)
		return;
	g_autoptr(GVariant) forwards = g_variant_lookup_value(status, "forwards", G_VARIANT_TYPE_STRING_ARRAY);
	if (!forwards)
		forwards = g_variant_ref_sink(g_variant_new_strv(NULL, 0));
	print_forwards(forwards, json);
}

static void change(const char *project, const char *text, gboolean removed, GError **error)
{
	unsigned port, inside;
	if (!forward_parse(text, &port, &inside)) {
		error_set(error, "a port is a number up to 65535, or PORT:INSIDE, such as 3000 or 8080:80");
		return;
	}
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "port", "q", (guint16)port);
	g_variant_dict_insert(&body, "inside", "q", (guint16)inside);
	g_variant_dict_insert(&body, "remove", "b", removed);
	GVariant *done = session_ask(project, "Forward", g_variant_dict_end(&body), "Done", error);
	g_clear_pointer(&done, g_variant_unref);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean removed = FALSE, json = FALSE;
	const GOptionEntry options[] = {
		{"remove",  0, 0, G_OPTION_ARG_NONE, &removed, "no longer forward this port", NULL},
		{"json",	 0, 0, G_OPTION_ARG_NONE, &json, "print the list as JSON", NULL},
		{NULL},
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 2, error);
	if (!words)
		return 0;
	if (!words[1] && removed)
		error_set(error, "which port? isolate forward %s PORT --remove", words[0]);
	else if (words[1])
		change(words[0], words[1], removed, error);
	else
		list(words[0], json, error);
	return 0;
}

const struct cmd cmd_forward = {
	.name = "forward",
	.arguments = "NAME [PORT[:INSIDE]] [--remove] [--json]",
	.summary = "Reach a port of a running container from this machine, or list those",
	.details = "127.0.0.1:PORT of this machine leads to port INSIDE of the container, or the same PORT, until it "
		   "stops:\n"
		   "no other machine reaches it. Without a port those that are forwarded are listed. [Network] "
		   "Forward= of a\n"
		   "project forwards a port at each start.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
