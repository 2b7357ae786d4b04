#include "session.h"

#include "audio.h"
#include "bus.h"
#include "client.h"
#include "container.h"
#include "display.h"
#include "error.h"
#include "job.h"
#include "uplink.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/socket.h>

enum {
	NEWCOMER_MS = 250,
	COLLECT_TURNS = 40, // of NEWCOMER_MS, for whoever ran an application to ask how it ended
	DOOR_PAUSE_MS = 200,
	FIRST_MS = 10 * 1000, // for whoever started the session to ask for the first application
	FAREWELL_MS = 2000,   // for whoever ran an application that was killed to ask how it ended
	FAREWELL_LOOK_MS = 5,
	HANG_UP_MS = 500, // until terminals are hung up again
};

static gboolean reopen_door(gpointer data)
{
	struct session *session = data;
	session->door = 0;
	session_open_door(session);
	return G_SOURCE_REMOVE;
}

static gboolean door_knocked(gint listener, GIOCondition condition, gpointer data)
{
	struct session *session = data;
	if (client_accept_all(session))
		return G_SOURCE_CONTINUE;
	// Whoever waits goes on waiting; to be called again at once would keep a processor busy.
	session->door = g_timeout_add(DOOR_PAUSE_MS, reopen_door, session);
	return G_SOURCE_REMOVE;
}

void session_up(struct session *session)
{
	session->state = SESSION_RUNNING;
	session->started = g_get_real_time();
	client_resume_all(session);
	session_linger(session);
}

void session_open_door(struct session *session)
{
	session->door = g_unix_fd_add(session->runtime.listener, G_IO_IN, door_knocked, session);
}

/* Nobody comes in after this; those who have are told why there is nothing for them, or learn it when they ask. */
static void close_door(struct session *session, const GError *failure)
{
	if (session->runtime.listener < 0)
		return;
	client_accept_all(session);
	if (session->door)
		g_source_remove(session->door);
	session->door = 0;
	runtime_close_door(&session->runtime);
	for (guint i = 0; failure && i < session->clients->len; i++)
		client_send_error(session->clients->pdata[i], 0, failure);
}

void session_refuse(struct session *session, const GError *failure)
{
	close_door(session, failure);
}

static gboolean say_farewell(gpointer data)
{
	struct session *session = data;
	if (g_hash_table_size(session->jobs) > 0 && g_get_monotonic_time() < session->farewell)
		return G_SOURCE_CONTINUE;
	g_main_loop_quit(session->loop);
	return G_SOURCE_REMOVE;
}

void session_down(struct session *session)
{
	gboolean started = session->state != SESSION_STARTING;
	session->state = SESSION_ENDED;
	session_stay(session);
	if (session->grace_timer)
		g_source_remove(session->grace_timer);
	session->grace_timer = 0;
	if (session->hangup_timer)
		g_source_remove(session->hangup_timer);
	session->hangup_timer = 0;
	job_end_all(session, session->failure);
	close_door(session, started ? NULL : session->failure);
	g_clear_pointer(&session->uplink, uplink_free);
	g_clear_pointer(&session->display, display_free);
	g_clear_pointer(&session->bus, bus_free);
	g_clear_pointer(&session->audio, audio_free);
	for (guint i = 0; i < session->stops->len; i++) {
		const struct client_wait *wait = &g_array_index(session->stops, struct client_wait, i);
		client_send(wait->client, wait->serial, "Done", NULL, NULL, 0);
	}
	// Its Wait may be on its way: without an answer it would take the end of the application for a failure of ours.
	session->farewell = g_get_monotonic_time() + FAREWELL_MS * (gint64)1000;
	if (say_farewell(session))
		g_timeout_add(FAREWELL_LOOK_MS, say_farewell, session);
}

static gboolean grace_over(gpointer data)
{
	struct session *session = data;
	session->grace_timer = 0;
	container_kill(session);
	return G_SOURCE_REMOVE;
}

/* A shell at its prompt that is told just before it waits for the next key has noticed, and waits all the same. */
static gboolean hang_up_again(gpointer data)
{
	struct session *session = data;
	GHashTableIter iter;
	struct job *job;
	g_hash_table_iter_init(&iter, session->jobs);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&job)) {
		const struct init_request request = {
			.type = INIT_SIGNAL, .job = job->id, .signal = SIGHUP, .group = TRUE};
		if (job->tty && job->started && !job->exited)
			container_send(session, &request, NULL, 0, NULL);
	}
	return G_SOURCE_CONTINUE;
}

void session_stop(struct session *session, gint64 grace)
{
	if (session->state == SESSION_ENDED)
		return;
	// The door stays open: somebody may lose patience, and stop it with less grace.
	session->state = SESSION_STOPPING;
	session_stay(session);
	if (session->grace_timer)
		g_source_remove(session->grace_timer);
	session->grace_timer = g_timeout_add((guint)grace, grace_over, session);
	if (!session->hangup_timer)
		session->hangup_timer = g_timeout_add(HANG_UP_MS, hang_up_again, session);
	const struct init_request request = {.type = INIT_STOP};
	if (!session->busy || !container_send(session, &request, NULL, 0, NULL))
		container_kill(session);
}

static gboolean linger_over(gpointer data)
{
	struct session *session = data;
	session->linger_timer = 0;
	// Somebody may have connected and not asked yet, or not heard yet how the application ended.
	client_accept_all(session);
	gboolean uncollected = g_hash_table_size(session->jobs) > 0;
	guint turns = uncollected ? COLLECT_TURNS : 1;
	gboolean wait = session->clients->len > 0 && session->waited < turns;
	session->waited++;
	if (wait)
		session->linger_timer = g_timeout_add(NEWCOMER_MS, linger_over, session);
	else
		session_stop(session, 0);
	return G_SOURCE_REMOVE;
}

void session_stay(struct session *session)
{
	if (session->linger_timer)
		g_source_remove(session->linger_timer);
	session->linger_timer = 0;
	session->waited = 0;
}

void session_linger(struct session *session)
{
	if (session->state == SESSION_STOPPING) {
		container_kill(session);
		return;
	}
	session_stay(session);
	if (session->state != SESSION_RUNNING || session->busy || session->held ||
		session->plan->linger_ms == PLAN_LINGER_FOREVER)
		return;
	gint64 ms = session->plan->linger_ms;
	if (session->last_job == 0)
		ms = MAX(ms, FIRST_MS);
	session->linger_timer = g_timeout_add((guint)ms, linger_over, session);
}
