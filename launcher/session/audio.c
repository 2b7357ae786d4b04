#include "audio.h"

#include "args.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "restart.h"
#include "sandbox.h"
#include "socket.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { PAUSE_MS = 1000 };

struct audio {
	struct session *session;
	int listener;
	guint door, child, pause;
	GPid pid;
	struct restarts restarts;
};

static void watch_door(struct audio *audio);

static gboolean pause_over(gpointer data)
{
	struct audio *audio = data;
	audio->pause = 0;
	watch_door(audio);
	return G_SOURCE_REMOVE;
}

static void wait_a_while(struct audio *audio)
{
	audio->pause = g_timeout_add(PAUSE_MS, pause_over, audio);
}

static void relay_ended(GPid pid, gint status, gpointer data)
{
	struct audio *audio = data;
	audio->child = 0;
	audio->pid = 0;
	if (status == 0)
		watch_door(audio); // nobody wanted sound any more
	else
		wait_a_while(audio);
}

static gboolean start_relay(struct audio *audio, GError **error)
{
	const struct plan *plan = audio->session->plan;
	g_autofree char *server = g_build_filename(g_getenv("XDG_RUNTIME_DIR"), "pulse", NULL);
	autoargs inner, command;
	args_init(&inner);
	args_init(&command);
	if (!sandbox_add_own(&inner, "isolate-audio", error))
		return FALSE;
	args_add_all(&inner, "--ro-bind-try", server, "/pulse", "--remount-ro", "/", NULL);
	int listener = fcntl(audio->listener, F_DUPFD_CLOEXEC, 3);
	if (listener < 0)
		return error_set_errno(error, errno, "cannot copy a descriptor");
	args_add_all(&command, "/isolate-audio", "--server", "/pulse/native", "--listener", NULL);
	args_add_fd(&command, listener);
	if (plan->playback)
		args_add(&command, "--playback");
	if (plan->record)
		args_add(&command, "--record");
	audio->pid = sandbox_spawn(&inner, &command, error);
	if (audio->pid <= 0) {
		audio->pid = 0;
		return FALSE;
	}
	audio->child = g_child_watch_add(audio->pid, relay_ended, audio);
	return TRUE;
}

static gboolean somebody_came(gint listener, GIOCondition condition, gpointer data)
{
	struct audio *audio = data;
	g_autoptr(GError) error = NULL;
	audio->door = 0;
	if (!restart_may(&audio->restarts)) {
		wait_a_while(audio);
	} else if (!start_relay(audio, &error)) {
		log_error("%s has no sound: %s", audio->session->project, error->message);
		wait_a_while(audio);
	}
	return G_SOURCE_REMOVE;
}

static void watch_door(struct audio *audio)
{
	audio->door = g_unix_fd_add(audio->listener, G_IO_IN, somebody_came, audio);
}

gboolean audio_start(struct session *session, struct audio **audio, GError **error)
{
	*audio = NULL;
	if (!session->plan->playback && !session->plan->record)
		return TRUE;
	g_autofree char *path = g_build_filename(session->runtime.path, PLAN_SOCKETS_DIR, PLAN_PULSE_NAME, NULL);
	int listener = socket_listen(path, SOCK_STREAM | SOCK_NONBLOCK);
	if (listener < 0)
		return error_set_errno(error, errno, "cannot listen at %s", path);
	*audio = g_new0(struct audio, 1);
	**audio = (struct audio){.session = session, .listener = listener};
	watch_door(*audio);
	return TRUE;
}

void audio_free(struct audio *audio)
{
	if (!audio)
		return;
	guint sources[] = {audio->door, audio->child, audio->pause};
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
		if (sources[i])
			g_source_remove(sources[i]);
	if (audio->pid > 0) {
		kill(audio->pid, SIGKILL);
		waitpid(audio->pid, NULL, 0);
	}
	fd_closep(&audio->listener);
	g_free(audio);
}
