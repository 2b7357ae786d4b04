#include "run-request.h"

#include "cmd.h"
#include "error.h"
#include "text.h"

#include <string.h>

#define ACTION_SET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

struct run_request *run_request_new(const char *project, char **argv, GError **error)
{
	if (!cmd_check_project(project, error))
		return NULL;
	if (argv && argv[0] && !*argv[0]) {
		error_set(error, "the application's name is empty");
		return NULL;
	}
	struct run_request *request = g_new0(struct run_request, 1);
	request->project = g_strdup(project);
	request->argv = argv && argv[0] ? g_strdupv(argv) : NULL;
	// A shell may well be there to read a script from a pipe.
	request->display_optional = !request->argv;
	return request;
}

void run_request_free(struct run_request *request)
{
	if (!request)
		return;
	g_free(request->project);
	g_strfreev(request->argv);
	g_free(request->action);
	g_strfreev(request->env);
	g_free(request->cwd);
	g_free(request);
}

static gboolean check_env(char **env, GError **error)
{
	for (; env && *env; env++) {
		size_t name = strspn(*env, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
		if (name == 0 || (*env)[name] != '=' || g_ascii_isdigit((*env)[0])) {
			g_autofree char *shown = text_dup_sanitized(*env, 80);
			return error_set(error, "--env takes NAME=VALUE, not \"%s\"", shown);
		}
	}
	return TRUE;
}

/* Moves what the options gave into the request. */
static gboolean set_options(struct run_request *request, gboolean tty, gboolean no_tty, GError **error)
{
	if (tty && no_tty)
		return error_set(error, "--tty and --no-tty exclude each other");
	if (tty && request->detach)
		return error_set(error, "--tty and --detach exclude each other");
	if (request->action && strspn(request->action, ACTION_SET) != strlen(request->action))
		return error_set(error, "--action takes the name of an action: letters, digits and -");
	if (request->cwd && !g_path_is_absolute(request->cwd))
		return error_set(error, "--cwd takes an absolute path in the container");
	request->tty = tty ? RUN_TTY_YES : no_tty ? RUN_TTY_NO : RUN_TTY_AUTO;
	return check_env(request->env, error);
}

struct run_request *run_request_parse(int argc, char **argv, GError **error)
{
	g_autofree char *project = NULL, *cwd = NULL, *action = NULL;
	g_auto(GStrv) env = NULL;
	gboolean tty = FALSE, no_tty = FALSE, detach = FALSE, no_display = FALSE;
	const GOptionEntry options[] = {
		{"project", 'p', 0, G_OPTION_ARG_FILENAME, &project, "the project", "NAME"},
		{"env",	0, 0, G_OPTION_ARG_FILENAME_ARRAY, &env, "a variable for the application; may be repeated",
			"K=V"},
		{"cwd", 0, 0, G_OPTION_ARG_FILENAME, &cwd, "where it starts, in the container", "DIR"},
		{"action",   0, 0, G_OPTION_ARG_FILENAME, &action, "an action of its menu entry", "ID"},
		{"tty",	0, 0, G_OPTION_ARG_NONE, &tty, "give it a terminal, wherever this runs", NULL},
		{"no-tty",	   0, 0, G_OPTION_ARG_NONE, &no_tty, "give it pipes, even on a terminal", NULL},
		{"detach",	   0, 0, G_OPTION_ARG_NONE, &detach, "come back at once; isolate logs has its output", NULL},
		{"no-display",     0, 0, G_OPTION_ARG_NONE, &no_display, "without a Wayland connection", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_options(options, argc, argv, error);
	if (!words)
		return NULL;
	if (!project) {
		error_set(error, "in which project? isolate run --project NAME -- APP [ARGUMENTS]");
		return NULL;
	}
	if (!words[0]) {
		error_set(error, "what shall run? isolate run --project %s -- APP [ARGUMENTS]",
			text_is_project_name(project) ? project : "NAME");
		return NULL;
	}
	autorequest struct run_request *request = run_request_new(project, words, error);
	if (!request)
		return NULL;
	request->env = g_steal_pointer(&env);
	request->cwd = g_steal_pointer(&cwd);
	request->action = g_steal_pointer(&action);
	request->detach = detach;
	request->no_display = no_display;
	return set_options(request, tty, no_tty, error) ? g_steal_pointer(&request) : NULL;
}
