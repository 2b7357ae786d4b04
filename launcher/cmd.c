#include "cmd.h"

#include "error.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_help(const struct cmd *cmd, GOptionContext *context)
{
	// GLib's own text, without its usage line: that one names the program, not the verb.
	g_autofree char *help = g_option_context_get_help(context, FALSE, NULL);
	const char *options = strstr(help, "\n\n");
	g_print("isolate %s %s\n\n%s.\n%s%s%s", cmd->name, cmd->arguments, cmd->summary, cmd->details ? "\n" : "",
		cmd->details ? cmd->details : "", options && options[2] ? options + 1 : "");
}

char **cmd_options(const GOptionEntry *options, int argc, char **argv, GError **error)
{
	const struct cmd *cmd = cmd_find(argv[0]);
	gboolean help = FALSE;
	const GOptionEntry help_option[] = {
		{"help",		 'h', G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &help, NULL, NULL},
		{NULL},
	};
	GOptionContext *context = g_option_context_new(NULL);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_strict_posix(context, (cmd->flags & CMD_STRICT) != 0);
	if (options)
		g_option_context_add_main_entries(context, options, NULL);
	g_option_context_add_main_entries(context, help_option, NULL);

	char **words = g_new0(char *, argc + 1);
	for (int i = 0; i < argc; i++)
		words[i] = g_strdup(argv[i]);
	g_autoptr(GError) cause = NULL;
	if (!g_option_context_parse_strv(context, &words, &cause)) {
		g_autofree char *shown = text_dup_sanitized(cause->message, 200);
		error_set(error, "isolate %s: %s; it takes: %s", cmd->name, shown, cmd->arguments);
		g_clear_pointer(&words, g_strfreev);
	} else if (help) {
		print_help(cmd, context);
		exit(0);
	}
	g_option_context_free(context);
	if (!words)
		return NULL;
	// Off with the verb, and with the "--" where GOption leaves it: before words that look like options.
	int skip = words[1] && strcmp(words[1], "--") == 0 ? 2 : 1;
	char **rest = g_strdupv(words + skip);
	g_strfreev(words);
	return rest;
}

char **cmd_words(const GOptionEntry *options, int argc, char **argv, int min, int max, GError **error)
{
	const struct cmd *cmd = cmd_find(argv[0]);
	g_auto(GStrv) words = cmd_options(options, argc, argv, error);
	if (!words)
		return NULL;
	int n = (int)g_strv_length(words);
	if (n < min || (max >= 0 && n > max)) {
		g_autofree char *extra = n < min ? NULL : text_dup_sanitized(words[max], 64);
		if (n < min && n == 0 && cmd->flags & CMD_PROJECT)
			error_set(error, "which project? isolate %s %s", cmd->name, cmd->arguments);
		else if (n < min)
			error_set(error, "something is missing: isolate %s %s", cmd->name, cmd->arguments);
		else
			error_set(error, "\"%s\" is one argument too many: isolate %s %s", extra, cmd->name,
				cmd->arguments);
		return NULL;
	}
	if (cmd->flags & CMD_PROJECT && n > 0 && !cmd_check_project(words[0], error))
		return NULL;
	return g_steal_pointer(&words);
}

gboolean cmd_check_project(const char *name, GError **error)
{
	if (text_is_project_name(name))
		return TRUE;
	g_autofree char *shown = text_dup_sanitized(name, 64);
	return error_set(error,
		"\"%s\" cannot be a project's name: a lower-case letter, then at most 31 of a-z, 0-9, _ and -", shown);
}

gboolean cmd_interactive(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

gboolean cmd_ask(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *question = g_strdup_vprintf(format, args);
	va_end(args);
	fprintf(stderr, "%s [y/N] ", question);
	char answer[16] = "";
	if (!fgets(answer, sizeof answer, stdin))
		return FALSE;
	g_strstrip(answer);
	return g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0;
}
