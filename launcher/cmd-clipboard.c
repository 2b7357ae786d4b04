#include "cmd.h"

#include "error.h"
#include "session-client.h"
#include "text.h"

#include <string.h>

static int run(int argc, char **argv, GError **error)
{
	static const char *const actions[] = {"push", "pull", NULL};
	gboolean primary = FALSE;
	const GOptionEntry options[] = {
		{"primary", 0, 0, G_OPTION_ARG_NONE, &primary, "the selection of the middle button", NULL},
		{NULL	     },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 2, 2, error);
	if (!words)
		return 0;
	if (!g_strv_contains(actions, words[0])) {
		g_autofree char *shown = text_dup_sanitized(words[0], 64);
		error_set(error, "isolate clipboard takes push or pull, not \"%s\"", shown);
		return 0;
	}
	if (!cmd_check_project(words[1], error))
		return 0;
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "to", "s", strcmp(words[0], "push") == 0 ? "host" : "project");
	g_variant_dict_insert(&body, "selection", "s", primary ? "Primary" : "Clipboard");
	GVariant *done = session_ask(words[1], "Move", g_variant_dict_end(&body), "Done", error);
	if (done)
		g_variant_unref(done);
	return 0;
}

const struct cmd cmd_clipboard = {
	.name = "clipboard",
	.arguments = "push|pull NAME [--primary]",
	.summary = "Move what was copied from a project to the host, or back, once",
	.details =
		"For projects with Clipboard=private, or Primary=private with --primary. push makes what was\n"
		"copied in the project the host's clipboard. pull makes what the host has the project's: a copy,\n"
		"which is taken while a window of the project has the keyboard. Bind them to keys of your desktop.\n",
	.run = run,
};
