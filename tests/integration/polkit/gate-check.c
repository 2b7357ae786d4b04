/* Runs the gate for a plan made up on the command line: gate-check [--terminal] [--review] [--gate changed|always|never]
 * PROJECT [PERMISSION…]. Says "granted" and ends with 0, or with 125 and the reason. */
#include "error.h"
#include "gate.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

static enum plan_gate gate_of(const char *word)
{
	return !word || !strcmp(word, "changed") ? PLAN_GATE_CHANGED
	       : !strcmp(word, "always")	 ? PLAN_GATE_ALWAYS
						 : PLAN_GATE_NEVER;
}

int main(int argc, char **argv)
{
	log_init("gate-check");
	gboolean terminal = FALSE, review = FALSE;
	g_autofree char *gate = NULL;
	g_auto(GStrv) words = NULL;
	const GOptionEntry options[] = {
		{"terminal", 0, 0, G_OPTION_ARG_NONE, &terminal, NULL, NULL},
		{"review",	   0, 0, G_OPTION_ARG_NONE, &review, NULL, NULL},
		{"gate", 0, 0, G_OPTION_ARG_STRING, &gate, NULL, NULL},
		{G_OPTION_REMAINING,	     0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL, NULL},
		{NULL  },
	};
	g_autoptr(GError) error = NULL;
	GOptionContext *context = g_option_context_new(NULL);
	g_option_context_add_main_entries(context, options, NULL);
	gboolean parsed = g_option_context_parse(context, &argc, &argv, &error);
	g_option_context_free(context);
	if (!parsed || !words) {
		log_error("%s", error ? error->message : "which project?");
		return 2;
	}
	g_autoptr(GPtrArray) permissions = g_ptr_array_new();
	for (char **word = words + 1; *word; word++)
		g_ptr_array_add(permissions, *word);
	const struct plan plan = {
		.project = words[0], .title = words[0], .gate = gate_of(gate), .permissions = permissions};
	guint flags = (terminal ? GATE_TERMINAL : 0) | (review ? GATE_REVIEW : 0);
	if (!gate_check(&plan, (enum gate_flags)flags, &error)) {
		log_error("%s", error->message);
		return error_exit_status(error);
	}
	puts("granted");
	return 0;
}
