#include "attend.h"

#include "error.h"
#include "fd.h"
#include "message.h"
#include "pump.h"
#include "session-client.h"
#include "signals.h"
#include "tty.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
	PUMP_IN,
	PUMP_KEYS, // to the pty
	PUMP_OUT,
	PUMP_ERR,
	PUMP_SCREEN, // of the pty
	PUMPS,
	LOOK_MAX_MS = 100,
	BACKGROUND_POLL_MS = 300, // nobody tells a process that it has come to the foreground
};

struct attendance {
	int socket;
	guint32 job, serial;
	struct streams *streams;
	int signals;
	struct pump pumps[PUMPS];
	int look_ms;
	gboolean exited;
	int status;
};

static void open_pumps(struct attendance *all)
{
	struct streams *streams = all->streams;
	for (int i = 0; i < PUMPS; i++)
		pump_init(&all->pumps[i], -1, FALSE, -1, FALSE);
	if (streams->mask & 1u) {
		struct stat st;
		pump_init(&all->pumps[PUMP_IN], STDIN_FILENO, FALSE, fd_steal(&streams->ours[0]), TRUE);
		all->pumps[PUMP_IN].hold = fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	}
	if (streams->mask & 2u)
		pump_init(&all->pumps[PUMP_OUT], fd_steal(&streams->ours[1]), TRUE, STDOUT_FILENO, FALSE);
	if (streams->mask & 4u && streams->ours[2] >= 0)
		pump_init(&all->pumps[PUMP_ERR], fd_steal(&streams->ours[2]), TRUE, STDERR_FILENO, FALSE);
	if (streams->mode != STREAMS_TTY)
		return;
	fd_set_nonblocking(streams->master, true);
	pump_init(&all->pumps[PUMP_KEYS], streams->keys, FALSE, streams->master, FALSE);
	all->pumps[PUMP_KEYS].terminal = TRUE;
	all->pumps[PUMP_KEYS].chunk = G_MAXSIZE;
	pump_init(&all->pumps[PUMP_SCREEN], streams->master, FALSE, streams->screen, FALSE);
}

static void send_signal(struct attendance *all, int number, gboolean group)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "job", "u", all->job);
	g_variant_dict_insert(&body, "signal", "i", number);
	g_variant_dict_insert(&body, "group", "b", group);
	// A session that is gone is noticed where its messages are read.
	message_send(all->socket, ++all->serial, "Signal", g_variant_dict_end(&body), NULL, 0, NULL);
}

/* Raw as long as we are in the foreground; where we are not, keys are somebody else's. */
static void take_terminal(struct attendance *all)
{
	if (all->streams->mode != STREAMS_TTY || !all->pumps[PUMP_KEYS].from_tty)
		return;
	tty_raw(all->streams->keys);
	tty_copy_size(all->streams->keys, all->streams->master);
}

/* The application was stopped by its terminal, or we were: both stop and go on together. */
static void stop_together(struct attendance *all)
{
	tty_restore();
	signals_stop_ourselves();
	take_terminal(all);
	send_signal(all, SIGCONT, TRUE);
}

static void handle_signal(struct attendance *all, const struct signal_note *note)
{
	gboolean tty = all->streams->mode == STREAMS_TTY;
	switch (note->number) {
	case SIGWINCH:
		if (tty)
			tty_copy_size(all->streams->screen, all->streams->master);
		return;
	case SIGTSTP:
		// The application's process group has no shell to stop it for: a stop that cannot be ignored is the same to it.
		send_signal(all, SIGSTOP, TRUE);
		stop_together(all);
		return;
	case SIGCONT:
		take_terminal(all);
		send_signal(all, SIGCONT, TRUE);
		return;
	default:
		send_signal(all, note->number, note->from_terminal);
	}
}

/* FALSE with an error when there is nothing more to wait for. */
static gboolean handle_message(struct attendance *all, GError **error)
{
	automessage message = {0};
	int n = message_recv(all->socket, &message, error);
	if (n < 0)
		return FALSE;
	if (n == 0)
		return error_set(error, "the session of the container ended, and the application with it");
	if (strcmp(message.name, "Exited") == 0) {
		all->exited = TRUE;
		g_variant_lookup(message.body, "status", "i", &all->status);
	} else if (strcmp(message.name, "Error") == 0 && (message.serial == 0 || message.serial == 1)) {
		session_error(&message, error);
		return FALSE;
	} else if (strcmp(message.name, "Stopped") == 0) {
		stop_together(all);
	}
	return TRUE;
}

static int unread(const struct pump *in)
{
	int left = 0;
	return in->to >= 0 && ioctl(in->to, FIONREAD, &left) == 0 ? left : 0;
}

/* A file has been copied to its end. The pipe closes only when the application has read all of it: else nobody could say
 * what it left (give_back_input()). The pipe does not say when it is empty, so it is looked at, ever less often. Returns
 * the time until the next look in ms, or -1. */
static int end_input(struct attendance *all)
{
	struct pump *in = &all->pumps[PUMP_IN];
	if (!in->hold || in->broken || in->from >= 0 || in->to < 0 || in->start < in->end)
		return -1;
	if (unread(in) == 0) {
		pump_finish(in);
		return -1;
	}
	all->look_ms = CLAMP(all->look_ms * 2, 1, LOOK_MAX_MS);
	return all->look_ms;
}

/* One round: waits and serves. */
static gboolean serve(struct attendance *all, GError **error)
{
	struct pollfd polls[2 + PUMPS];
	gboolean away = FALSE;
	for (int i = PUMP_IN; i <= PUMP_KEYS; i++) {
		struct pump *pump = &all->pumps[i];
		pump->paused = pump->from >= 0 && pump->from_tty && !tty_foreground(pump->from);
		away |= pump->paused;
	}
	if (all->pumps[PUMP_KEYS].from >= 0 && !away && !tty_is_raw())
		take_terminal(all);
	polls[0] = (struct pollfd){.fd = all->socket, .events = POLLIN};
	polls[1] = (struct pollfd){.fd = all->signals, .events = POLLIN};
	for (int i = 0; i < PUMPS; i++)
		pump_poll(&all->pumps[i], &polls[2 + i]);
	int wait = end_input(all);
	if (away)
		wait = wait < 0 ? BACKGROUND_POLL_MS : MIN(wait, BACKGROUND_POLL_MS);
	if (poll(polls, G_N_ELEMENTS(polls), wait) < 0)
		return errno == EINTR || error_set_errno(error, errno, "cannot wait");
	struct signal_note note;
	while (polls[1].revents && signals_next(&note))
		handle_signal(all, &note);
	for (int i = 0; i < PUMPS; i++)
		if (polls[2 + i].revents)
			pump_run(&all->pumps[i]);
	return !polls[0].revents || handle_message(all, error);
}

/* What the application left unread of a file is unread: the next command of a script finds it. */
static void give_back_input(struct attendance *all)
{
	struct pump *in = &all->pumps[PUMP_IN];
	if (!in->hold || in->to < 0)
		return;
	// The application can put bytes of its own into the pipe: no more goes back than came from the file.
	guint64 left = MIN(in->total, (guint64)(in->end - in->start) + (guint64)unread(in));
	lseek(STDIN_FILENO, -(off_t)left, SEEK_CUR);
}

static int shell_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int attend(int socket, guint32 job, struct streams *streams, int signals, GError **error)
{
	g_autofree struct attendance *all = g_new0(struct attendance, 1);
	*all = (struct attendance){.socket = socket, .job = job, .serial = 1, .streams = streams, .signals = signals};
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "job", "u", job);
	if (!message_send(socket, all->serial, "Wait", g_variant_dict_end(&body), NULL, 0, error))
		return 0;
	open_pumps(all);
	take_terminal(all);
	gboolean good = TRUE;
	while (good && !all->exited)
		good = serve(all, error);
	give_back_input(all);
	for (int i = PUMP_OUT; i < PUMPS; i++)
		pump_drain(&all->pumps[i]);
	tty_restore();
	for (int i = 0; i < PUMPS; i++)
		pump_finish(&all->pumps[i]);
	return shell_status(all->status);
}
