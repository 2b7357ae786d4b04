/* isolate-session NAME --ready-fd N [--hold] [--review]: started by `isolate` where no session of the project listens. */
#include "audio.h"
#include "bus.h"
#include "client.h"
#include "container.h"
#include "display.h"
#include "error.h"
#include "fd.h"
#include "job.h"
#include "log.h"
#include "output.h"
#include "session.h"
#include "spawn.h"
#include "start.h"
#include "text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct arguments {
	const char *project;
	int ready;
	gboolean hold, review;
};

static gboolean parse(int argc, char **argv, struct arguments *arguments)
{
	*arguments = (struct arguments){.ready = -1};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--ready-fd") == 0 && i + 1 < argc)
			arguments->ready = atoi(argv[++i]);
		else if (strcmp(argv[i], "--hold") == 0)
			arguments->hold = TRUE;
		else if (strcmp(argv[i], "--review") == 0)
			arguments->review = TRUE;
		else if (!arguments->project && text_is_project_name(argv[i]))
			arguments->project = argv[i];
		else
			return FALSE;
	}
	return arguments->project && arguments->ready > STDERR_FILENO && fd_set_cloexec(arguments->ready, true) == 0 &&
	       fd_set_nonblocking(arguments->ready, true) == 0;
}

/* What nobody has a use for in a daemon must not reach its children either. */
static void clean_process(void)
{
	g_auto(GStrv) kept = spawn_environment();
	clearenv();
	for (char **variable = kept; *variable; variable++) {
		char *equals = strchr(*variable, '=');
		*equals = '\0';
		setenv(*variable, equals + 1, 1);
	}
	spawn_raise_descriptors();
	signal(SIGPIPE, SIG_IGN);
	umask(077);
}

static void session_init(struct session *session, const struct arguments *arguments)
{
	*session = (struct session){
		.project = arguments->project, .held = arguments->hold, .container = {0, -1, -1, -1},
			      .init_pidfd = -1
	      };
	session->loop = g_main_loop_new(NULL, FALSE);
	session->clients = g_ptr_array_new();
	session->stops = g_array_new(FALSE, FALSE, sizeof(struct client_wait));
	session->jobs = g_hash_table_new_full(g_int_hash, g_int_equal, NULL, (GDestroyNotify)job_free);
}

static void session_finish(struct session *session)
{
	g_clear_pointer(&session->output, output_free);
	while (session->clients->len > 0)
		client_drop(session->clients->pdata[0]);
	g_ptr_array_unref(session->clients);
	g_array_unref(session->stops);
	g_hash_table_unref(session->jobs);
	fd_closep(&session->container.init);
	fd_closep(&session->container.info);
	fd_closep(&session->container.errors);
	fd_closep(&session->init_pidfd);
	bus_free(session->bus);
	audio_free(session->audio);
	g_clear_error(&session->failure);
	plan_free((struct plan *)session->plan);
	g_main_loop_unref(session->loop);
}

/* Up to the point where the one who started us may ask for an application. */
static gboolean begin(struct session *session, const struct arguments *arguments, GError **error)
{
	session->plan = start_plan(session->project, arguments->review, error);
	if (!session->plan || !start_daemon(session->project, error) || !bus_start(session, &session->bus, error) ||
		!audio_start(session, &session->audio, error) || !container_start(session, error))
		return FALSE;
	session->output = output_new(session->project);
	session->display = display_new(session);
	session_open_door(session);
	return TRUE;
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	g_autoptr(GError) error = NULL;
	struct session session;
	if (fd_fill_stdio() < 0)
		return ISOLATE_ERROR_FAILED;
	log_init("isolate-session");
	if (!parse(argc, argv, &arguments)) {
		log_error("this is started by isolate");
		return ISOLATE_ERROR_FAILED;
	}
	clean_process();
	session_init(&session, &arguments);
	start_be_interruptible(TRUE);
	enum runtime_outcome outcome = runtime_take(&session.runtime, session.project, &error);
	if (outcome == RUNTIME_JOINED)
		start_answer(arguments.ready, ANSWER_JOIN, NULL);
	if (outcome == RUNTIME_TAKEN && begin(&session, &arguments, &error)) {
		start_answer(arguments.ready, ANSWER_READY, NULL);
		client_add(&session, arguments.ready);
		g_main_loop_run(session.loop);
	} else if (error) {
		start_answer(arguments.ready, ANSWER_FAILED, error);
		session_refuse(&session, error);
	}
	runtime_release(&session.runtime);
	session_finish(&session);
	return 0;
}
