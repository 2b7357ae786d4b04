/* isolate-session: one for each running project, outside the container. It owns the children, answers the control socket
 * and ends some time after the last application. One thread, one GLib main loop, nothing that blocks.
 *
 *   runtime.c    lock and sockets           start.c      configuration → plan → gate, daemon
 *   container.c  the engine and init        display.c    isolate-wlproxy
 *   uplink.c     isolate-network
 *   client.c     connections                request.c    what they ask
 *   job.c        applications               processes.c  what runs inside, looked at from outside
 *   output.c     what applications wrote that nobody attends         kept.c    files of a bounded size
 *   live.c       the display's policy       audit.c      what was denied          prompt.c  questions to a person
 *   bus.c        xdg-dbus-proxy             audio.c      isolate-audio */
#pragma once

#include "engine.h"
#include "plan.h"
#include "runtime.h"

#include <glib.h>

enum session_state {
	SESSION_STARTING, // init takes requests once it is there
	SESSION_RUNNING,
	SESSION_STOPPING, // nothing new is started
	SESSION_ENDED,	  // nothing of the container is left
};

struct display;
struct output;
struct uplink;
struct bus;
struct audio;

struct session {
	const char *project;
	const struct plan *plan; // approved; never changed
	struct runtime runtime;
	enum session_state state;
	gint64 started; // µs, CLOCK_REALTIME
	GMainLoop *loop;

	struct engine_container container;
	pid_t init;	// seen from here, 0 before INIT_HELLO
	int init_pidfd; // -1 before

	GError *failure;		 // why there is no container, or why it ended
	guint grace_timer, hangup_timer; // SESSION_STOPPING
	GArray *stops;			 // struct client_wait: who asked for the end

	GPtrArray *clients; // struct client, owned
	guint door;	    // source of runtime.listener
	GHashTable *jobs;   // id → struct job, owned
	guint32 last_job;
	gboolean busy; // a process may be inside: no INIT_IDLE since the last start
	gboolean held; // `isolate start`: no linger before the first application
	guint linger_timer;
	gint64 farewell; // SESSION_ENDED: when it ends at the latest (µs, monotonic)
	guint waited;	 // since the linger time was over, moments that whoever had connected got to ask

	struct uplink *uplink;	 // NULL without [Network] Mode=internet
	struct output *output;	 // of applications that nobody attends
	struct display *display; // NULL without [Display] Wayland
	struct bus *bus;	 // NULL without a session bus
	struct audio *audio;	 // NULL without [Audio]
};

/* The container is up: what waited for that is answered. */
void session_up(struct session *session);

/* Hears clients. Before the container is up, their Run requests wait in init's socket; with an
 * uplink, until that is ready, in theirs. */
void session_open_door(struct session *session);

/* There will be no container: whoever has connected is told. */
void session_refuse(struct session *session, const GError *failure);

/* Nothing of the container is left: everybody is told, and the session ends. */
void session_down(struct session *session);

/* SIGTERM to all inside, after grace (ms) the end of everything. May be called again with less. */
void session_stop(struct session *session, gint64 grace);

/* Ends the container after the linger time, unless something runs in it. */
void session_linger(struct session *session);
void session_stay(struct session *session);
