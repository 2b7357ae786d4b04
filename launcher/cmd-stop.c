/* The family that ends a container: stop, kill, restart. */
#include "cmd.h"

#include "error.h"
#include "fd.h"
#include "log.h"
#include "project.h"
#include "session-client.h"

enum { GRACE_S = 10 };

/* TRUE when it is stopped, whether it has run before or not. */
static gboolean stop(const char *project, gint64 grace, gboolean *ran, GError **error)
{
	GError *cause = NULL;
	autofd socket = session_connect(project, &cause);
	*ran = socket >= 0;
	if (cause)
		g_propagate_error(error, cause);
	if (cause || socket < 0)
		return !cause;
	automessage done = {0};
	gboolean gone = FALSE;
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "grace", "x", grace);
	if (!message_send(socket, 1, "Stop", g_variant_dict_end(&body), NULL, 0, error))
		return FALSE;
	if (!session_receive(socket, 1, "Done", &done, &gone, error))
		return gone;
	// The session itself has still to put its things away: its end closes the connection.
	automessage nothing = {0};
	return message_recv(socket, &nothing, NULL) <= 0;
}

/* A project that does not run is stopped already, but one that does not exist is a mistake. */
static gboolean stop_known(const char *project, gint64 grace, GError **error)
{
	gboolean ran;
	if (!stop(project, grace, &ran, error))
		return FALSE;
	if (ran)
		return TRUE;
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	if (!dirs || (!project_exists(project, dirs) && !project_unknown(project, dirs, error)))
		return FALSE;
	log_info("%s does not run", project);
	return TRUE;
}

static int run_stop(int argc, char **argv, GError **error)
{
	gint64 seconds = GRACE_S;
	const GOptionEntry options[] = {
		{"grace", 0, 0, G_OPTION_ARG_INT64, &seconds, "how long its processes have to end (10)", "SECONDS"},
		{NULL     },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	if (!words)
		return 0;
	if (seconds < 0 || seconds > 3600)
		error_set(error, "--grace takes 0 to 3600 seconds");
	else
		stop_known(words[0], seconds * 1000, error);
	return 0;
}

static int run_kill(int argc, char **argv, GError **error)
{
	g_auto(GStrv) words = cmd_words(NULL, argc, argv, 1, 1, error);
	if (words)
		stop_known(words[0], 0, error);
	return 0;
}

static int run_restart(int argc, char **argv, GError **error)
{
	gboolean ran;
	g_auto(GStrv) words = cmd_words(NULL, argc, argv, 1, 1, error);
	if (!words || !stop(words[0], GRACE_S * 1000, &ran, error))
		return 0;
	autofd socket = session_open(words[0], SESSION_HOLD, NULL, error);
	automessage status = {0};
	if (socket >= 0 && message_send(socket, 1, "Status", NULL, NULL, 0, error))
		session_receive(socket, 1, "Status", &status, NULL, error);
	return 0;
}

const struct cmd cmd_stop = {
	.name = "stop",
	.arguments = "NAME [--grace SECONDS]",
	.summary = "Ask everything in a container to end, and end it",
	.details = "Its processes get SIGTERM. What is left after the grace time is killed.\n",
	.flags = CMD_PROJECT,
	.run = run_stop,
};

const struct cmd cmd_kill = {
	.name = "kill",
	.arguments = "NAME",
	.summary = "End a container and everything in it at once",
	.flags = CMD_PROJECT,
	.run = run_kill,
};

const struct cmd cmd_restart = {
	.name = "restart",
	.arguments = "NAME",
	.summary = "Stop a container and start it again, with what its configuration says now",
	.flags = CMD_PROJECT,
	.run = run_restart,
};
