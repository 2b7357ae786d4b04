#include "cmd.h"

#include "error.h"
#include "fd.h"
#include "log.h"
#include "session-client.h"

enum { ROUNDS_MAX = 10 };

/* Connects to a session that is up and stays so; one that is stopping is waited for. -1 with an error. */
static int open_started(const char *project, unsigned flags, gboolean *started, GError **error)
{
	for (int i = 0; i < ROUNDS_MAX; i++) {
		automessage status = {0}, none = {0};
		gboolean stopping = FALSE, gone = FALSE;
		autofd socket = session_open(project, flags, started, error);
		// Answered once the container is up.
		if (socket < 0)
			return -1;
		if (!message_send(socket, 1, "Status", NULL, NULL, 0, NULL) ||
			!session_receive(socket, 1, "Status", &status, &gone, error)) {
			if (error && *error)
				return -1;
			continue; // it ended just now: the next one is for us to start
		}
		if (!g_variant_lookup(status.body, "stopping", "b", &stopping) || !stopping)
			return fd_steal(&socket);
		message_recv(socket, &none, NULL);
	}
	error_set(error, "the container of %s ends again and again: see session.log in its state folder", project);
	return -1;
}

static int run(int argc, char **argv, GError **error)
{
	gboolean review = FALSE, started = FALSE;
	const GOptionEntry options[] = {
		{"review", 0, 0, G_OPTION_ARG_NONE, &review, "show what it may reach and ask, even if nothing is new",
			NULL},
		{NULL	     },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	if (!words)
		return 0;
	autofd socket = open_started(words[0], SESSION_HOLD | (review ? SESSION_REVIEW : 0), &started, error);
	if (socket < 0)
		return 0;
	automessage held = {0};
	if (!message_send(socket, 2, "Hold", NULL, NULL, 0, error) ||
		!session_receive(socket, 2, "Done", &held, NULL, error))
		return 0;
	if (review && !started)
		error_set(error, "%s runs already: isolate stop %s, then isolate start --review %s", words[0], words[0],
			words[0]);
	else if (!started)
		log_info("%s runs already", words[0]);
	return 0;
}

const struct cmd cmd_start = {
	.name = "start",
	.arguments = "NAME [--review]",
	.summary = "Start the container of a project without an application",
	.details = "It stays until isolate stop, or for the time of Linger= after an application has run in it.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
