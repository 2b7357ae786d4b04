#include "cmd.h"

#include "attend.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "run-request.h"
#include "session-client.h"
#include "signals.h"
#include "streams.h"
#include "text.h"
#include "tty.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { RUN_SERIAL = 1, TRIES_MAX = 5, REQUEST_ROOM = 32 * 1024 };

static enum streams_mode choose_mode(const struct run_request *request)
{
	if (request->detach)
		return STREAMS_NONE;
	gboolean person = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	return request->tty == RUN_TTY_YES || (request->tty == RUN_TTY_AUTO && person) ? STREAMS_TTY : STREAMS_PIPES;
}

/* Where libwayland would look for the compositor; NULL where it would find nothing to try. */
static char *compositor(void)
{
	const char *name = g_getenv("WAYLAND_DISPLAY"), *folder = g_getenv("XDG_RUNTIME_DIR");
	if (name && g_path_is_absolute(name))
		return g_strdup(name);
	if (!folder)
		return NULL;
	g_autofree char *path = g_build_filename(folder, name && *name ? name : "wayland-0", NULL);
	return (name && *name) || g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

static void insert_bytes(GVariantDict *body, const char *key, const char *value)
{
	if (value)
		g_variant_dict_insert_value(body, key, g_variant_new_bytestring(value));
}

static void insert_list(GVariantDict *body, const char *key, char **list)
{
	if (list)
		g_variant_dict_insert_value(body, key, g_variant_new_bytestring_array((const char *const *)list, -1));
}

/* What a list takes in a message at most: each text has its NUL and the number of its end. */
static gsize list_size(char **list)
{
	gsize size = 0;
	for (; list && *list; list++)
		size += strlen(*list) + 1 + sizeof(guint32);
	return size;
}

/* Known before anything is started. */
static gboolean is_too_long(const struct run_request *request)
{
	extern char **environ;
	return list_size(request->argv) + list_size(request->env) + list_size(environ) > MESSAGE_MAX - REQUEST_ROOM;
}

static GVariant *run_body(const struct run_request *request, const struct streams *streams)
{
	extern char **environ;
	GVariantDict body;
	g_autofree char *display = request->no_display ? NULL : compositor();
	g_autofree char *cwd = g_get_current_dir();
	const char *token = g_getenv("XDG_ACTIVATION_TOKEN");
	if (!token || !*token)
		token = g_getenv("DESKTOP_STARTUP_ID");
	mode_t mask = umask(0);
	umask(mask);
	g_variant_dict_init(&body, NULL);
	insert_list(&body, "argv", request->argv);
	insert_list(&body, "env", request->env);
	insert_list(&body, "environ", environ);
	if (request->action)
		g_variant_dict_insert(&body, "action", "s", request->action);
	insert_bytes(&body, "cwd", request->cwd);
	insert_bytes(&body, "caller-cwd", cwd);
	insert_bytes(&body, "display", display);
	if (token && *token && g_utf8_validate(token, -1, NULL))
		g_variant_dict_insert(&body, "activation-token", "s", token);
	g_variant_dict_insert(&body, "no-display", "b", request->no_display);
	g_variant_dict_insert(&body, "display-optional", "b", request->display_optional);
	g_variant_dict_insert(&body, "root", "b", request->root);
	g_variant_dict_insert(&body, "detach", "b", request->detach);
	g_variant_dict_insert(&body, "tty", "b", streams->mode == STREAMS_TTY);
	g_variant_dict_insert(&body, "stdio", "u", streams->mask);
	g_variant_dict_insert(&body, "umask", "u", (guint32)mask);
	if (streams->mode == STREAMS_TTY) {
		guint16 rows, cols;
		tty_size(streams->screen, &rows, &cols);
		g_variant_dict_insert(&body, "rows", "q", rows);
		g_variant_dict_insert(&body, "cols", "q", cols);
	}
	return g_variant_dict_end(&body);
}

/* Connects, or starts the container, and has the application started in it. The socket, or -1 with an error. */
static int start(const struct run_request *request, struct session_opening *opening, struct streams *streams,
	struct message *started, GError **error)
{
	g_autoptr(GVariant) body = g_variant_ref_sink(run_body(request, streams));
	int fds[3];
	size_t n = 0;
	for (int i = 0; i < 3; i++)
		if (streams->theirs[i] >= 0)
			fds[n++] = streams->theirs[i];
	for (int i = 0; i < TRIES_MAX; i++) {
		GError *cause = NULL;
		gboolean gone = FALSE;
		autofd socket = i == 0 ? session_open_end(opening, NULL, &cause)
				       : session_open(request->project, 0, NULL, &cause);
		// A session that is ending cuts us off, or says so: the next one is for us to start. What it said before is
		// still to be read.
		if (socket >= 0 && !message_send(socket, RUN_SERIAL, "Run", body, fds, n, NULL))
			shutdown(socket, SHUT_WR);
		if (socket >= 0 && session_receive(socket, RUN_SERIAL, "Started", started, &gone, &cause))
			return fd_steal(&socket);
		if (cause) {
			g_propagate_error(error, cause);
			return -1;
		}
	}
	error_set(error, "the container of %s ends again and again: see session.log in its state folder",
		request->project);
	return -1;
}

static int stay(int socket, struct streams *streams, struct message *started, GError **error)
{
	guint32 job = 0;
	const char *warning = NULL;
	g_variant_lookup(started->body, "job", "u", &job);
	if (g_variant_lookup(started->body, "warning", "&s", &warning)) {
		g_autofree char *shown = text_dup_sanitized(warning, 500);
		log_warning("%s", shown);
	}
	if (streams->mode == STREAMS_NONE)
		return 0;
	streams->master = message_take_fd(started, 0);
	if (streams->mode == STREAMS_TTY && streams->master < 0) {
		error_set(error, "the session gave no terminal");
		return 0;
	}
	int signals = signals_catch();
	if (signals < 0) {
		error_set_errno(error, errno, "cannot catch signals");
		return 0;
	}
	return attend(socket, job, streams, signals, error);
}

int run_request_carry_out(const struct run_request *request, GError **error)
{
	struct streams streams;
	automessage started = {0};
	int status = 0;
	struct session_opening opening;
	if (is_too_long(request)) {
		error_set(error, "the command line and the environment are too long");
		return 0;
	}
	// A session that has to be started takes a while to come up: the rest is made ready meanwhile.
	session_open_begin(&opening, request->project, 0);
	if (streams_open(&streams, choose_mode(request)) < 0) {
		error_set_errno(error, errno, "cannot make pipes");
		int opened = session_open_end(&opening, NULL, NULL);
		if (opened >= 0)
			close(opened);
	} else {
		autofd socket = start(request, &opening, &streams, &started, error);
		streams_close_theirs(&streams);
		if (socket >= 0)
			status = stay(socket, &streams, &started, error);
	}
	streams_close(&streams);
	return status;
}

static int run(int argc, char **argv, GError **error)
{
	autorequest struct run_request *request = run_request_parse(argc, argv, error);
	return request ? run_request_carry_out(request, error) : 0;
}

const struct cmd cmd_run = {
	.name = "run",
	.arguments = "--project NAME [OPTIONS] [--] APP [ARGUMENTS]",
	.summary = "Run an application in a project, whatever its name is",
	.details =
		"On a terminal the application gets one of the container's own; otherwise it gets pipes. isolate ends "
		"with it\n"
		"and with its exit status. --detach leaves it alone once it runs: isolate logs shows what it writes.\n",
	.flags = CMD_STRICT,
	.run = run,
};
