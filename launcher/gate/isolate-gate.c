/* isolate-gate: asks one question and ends. A program of its own so that neither GIO and its threads nor a password's
 * terminal are in the session, which lives on. question.h says what goes in and out. */
#include "agent.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "notice.h"
#include "polkit.h"
#include "question.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>

/* One run of the gate. */
struct gate {
	const struct question *question;
	struct polkit *polkit;
	GCancellable *cancellable;
	gboolean reviewing; // "Review" was pressed: a terminal goes on with the question
	int terminal;	    // /dev/tty, or -1
};

static gboolean interrupted(gpointer data)
{
	struct gate *gate = data;
	g_cancellable_cancel(gate->cancellable);
	return G_SOURCE_CONTINUE;
}

static void review_pressed(gpointer data)
{
	struct gate *gate = data;
	gate->reviewing = TRUE;
	g_cancellable_cancel(gate->cancellable);
}

static gboolean judge(const struct gate *gate, enum polkit_answer answer, GError **error)
{
	const struct question *question = gate->question;
	switch (answer) {
	case POLKIT_YES:
		return TRUE;
	case POLKIT_NO:
		return error_set(error,
			"polkit refused it: the password was wrong, the dialog ended, or a rule of this computer "
			"forbids %s",
			question->action);
	case POLKIT_DISMISSED:
		return error_set(error, "cancelled");
	case POLKIT_CHALLENGE:
		if (gate->terminal >= 0)
			return error_set(error, "no polkit agent could ask for consent: install pkttyagent (package "
						"polkitd) or the agent of "
						"your desktop");
		return error_set(error,
			"no polkit agent runs in this session: run isolate start --review %s in a terminal, or start "
			"the agent "
			"of your desktop",
			question->project);
	}
	g_assert_not_reached();
}

/* Asks a person: the agent of their session, and on a terminal where there is none, polkit's text agent. */
static gboolean ask_person(struct gate *gate, enum polkit_answer *answer, GError **error)
{
	for (int fallback = TRUE; fallback >= FALSE; fallback--) {
		struct agent agent = {0};
		gboolean has_agent = gate->terminal >= 0 && agent_start(&agent, fallback, gate->terminal);
		gboolean asked =
			polkit_check(gate->polkit, gate->question->action, TRUE, gate->cancellable, answer, error);
		agent_stop(&agent);
		if (!asked)
			return FALSE;
		if (*answer != POLKIT_CHALLENGE || !has_agent)
			break;
	}
	return TRUE;
}

/* The question itself, once the text is before the person's eyes. */
static gboolean ask_polkit(struct gate *gate, GError **error)
{
	enum polkit_answer answer;
	// Without interaction first: a polkit that hangs is found out, and a rule's yes or no needs no agent.
	if (!polkit_check(gate->polkit, gate->question->action, FALSE, gate->cancellable, &answer, error))
		return FALSE;
	if (answer == POLKIT_NO)
		return error_set(error, "a polkit rule of this computer forbids %s", gate->question->action);
	if (answer == POLKIT_YES)
		return TRUE;
	return ask_person(gate, &answer, error) && judge(gate, answer, error);
}

/* What runs on this terminal before us may have left it so that our text is not seen: hidden or coloured like the ground,
 * in another character set, in a corner. It may have been a container's. */
static void make_readable(int terminal)
{
	static const char reset[] = "\0337\033[r\0338\033[!p\033(B\017\033[0m\033[?25h",
			  colours[] = "\033]104\007\033]110\007\033]111\007";
	const char *kind = g_getenv("TERM");
	if (!kind || !*kind || strcmp(kind, "dumb") == 0)
		return;
	fd_write_all(terminal, reset, strlen(reset));
	if (strcmp(kind, "linux") != 0) // it has no such sequences, and prints what it does not know
		fd_write_all(terminal, colours, strlen(colours));
}

static gboolean ask_on_terminal(struct gate *gate, GError **error)
{
	const char *text = gate->question->text;
	make_readable(gate->terminal);
	if (fd_write_all(gate->terminal, text, strlen(text)) < 0)
		return error_set_errno(error, errno, "cannot write to the terminal");
	return ask_polkit(gate, error);
}

static gboolean ask_on_desktop(struct gate *gate, GError **error)
{
	const struct question *question = gate->question;
	g_autoptr(GError) cause = NULL;
	struct notice *notice = notice_show(question->summary, question->body, review_pressed, gate, &cause);
	if (!notice) // nobody would have seen what the password is for
		return error_set(error,
			"no terminal and no notification service (%s) to show what %s may reach: run isolate start "
			"--review %s "
			"in a terminal",
			cause->message, question->project, question->project);
	gboolean granted = ask_polkit(gate, error);
	notice_close(notice);
	if (gate->reviewing && !granted) {
		g_clear_error(error);
		if (notice_open_review(question->command, question->project, error))
			return error_set(error, "the question goes on in a terminal");
	}
	return granted;
}

static gboolean ask(const struct question *question, GError **error)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	autofd terminal = question->terminal ? open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	struct gate gate = {.question = question, .cancellable = cancellable, .terminal = terminal};
	g_unix_signal_add(SIGHUP, interrupted, &gate);
	g_unix_signal_add(SIGINT, interrupted, &gate);
	g_unix_signal_add(SIGTERM, interrupted, &gate);
	gate.polkit = polkit_connect(error);
	if (!gate.polkit)
		return FALSE;
	gboolean granted = terminal >= 0 ? ask_on_terminal(&gate, error) : ask_on_desktop(&gate, error);
	polkit_free(gate.polkit);
	return granted;
}

/* For `isolate doctor`: whether polkit answers and knows the action. Nobody is asked, nothing is granted. */
static int check_polkit(void)
{
	g_autoptr(GError) error = NULL;
	enum polkit_answer answer;
	struct polkit *polkit = polkit_connect(&error);
	gboolean answered = polkit && polkit_check(polkit, "org.isolate.launch", FALSE, NULL, &answer, &error);
	g_clear_pointer(&polkit, polkit_free);
	puts(answered ? "polkit answers" : error->message);
	return answered ? 0 : ISOLATE_ERROR_FAILED;
}

int main(int argc, char **argv)
{
	log_init("isolate-gate");
	if (argc == 2 && strcmp(argv[1], "--check") == 0)
		return check_polkit();
	g_autoptr(GMappedFile) input = g_mapped_file_new_from_fd(STDIN_FILENO, FALSE, NULL);
	g_autoptr(GBytes) bytes = input ? g_mapped_file_get_bytes(input) : g_bytes_new(NULL, 0);
	g_autoptr(GVariant) data =
		g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(QUESTION_TYPE), bytes, FALSE));
	struct question q;
	g_variant_get(
		data, "(&s&s&s&s&s&sb)", &q.project, &q.action, &q.text, &q.summary, &q.body, &q.command, &q.terminal);
	if (!*q.project || !*q.action) {
		log_error("isolate starts this program itself, when a container needs consent");
		return ISOLATE_ERROR_FAILED;
	}
	g_autoptr(GError) error = NULL;
	gboolean granted = ask(&q, &error);
	puts(granted ? QUESTION_GRANTED : error->message);
	return granted ? 0 : ISOLATE_ERROR_FAILED;
}
