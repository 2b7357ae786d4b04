#include "gate.h"

#include "agent.h"
#include "approval.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "notice.h"
#include "polkit.h"
#include "statement.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>

static const char launch_action[] = "org.isolate.launch";

/* One run of the gate. */
struct gate {
	const struct plan *plan;
	const struct approval *approved; // or NULL
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

static GSource *on_signal(struct gate *gate, int number)
{
	GSource *source = g_unix_signal_source_new(number);
	g_source_set_callback(source, interrupted, gate, NULL);
	g_source_attach(source, g_main_context_get_thread_default());
	return source;
}

static void off_signal(GSource *source)
{
	g_source_destroy(source);
	g_source_unref(source);
}

static gboolean judge(const struct gate *gate, enum polkit_answer answer, GError **error)
{
	const char *project = gate->plan->project;
	switch (answer) {
	case POLKIT_YES:
		return TRUE;
	case POLKIT_NO:
		return error_set(error,
			"polkit refused it: the password was wrong, or a rule of this computer forbids %s",
			launch_action);
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
			project);
	}
	g_assert_not_reached();
}

/* The question itself, once the text is before the person's eyes. */
static gboolean ask_polkit(struct gate *gate, GError **error)
{
	enum polkit_answer answer;
	// Without interaction first: a polkit that hangs is found out, and a rule's yes or no needs no agent.
	if (!polkit_check(gate->polkit, launch_action, FALSE, gate->cancellable, &answer, error))
		return FALSE;
	if (answer == POLKIT_NO)
		return error_set(error, "a polkit rule of this computer forbids %s", launch_action);
	if (answer == POLKIT_YES)
		return TRUE;
	struct agent agent = {0};
	if (gate->terminal >= 0)
		agent_start(&agent, gate->terminal);
	gboolean asked = polkit_check(gate->polkit, launch_action, TRUE, gate->cancellable, &answer, error);
	agent_stop(&agent);
	return asked && judge(gate, answer, error);
}

static gboolean ask_on_terminal(struct gate *gate, GError **error)
{
	g_autofree char *text = statement_for_terminal(gate->plan, gate->approved);
	if (fd_write_all(gate->terminal, text, strlen(text)) < 0)
		return error_set_errno(error, errno, "cannot write to the terminal");
	return ask_polkit(gate, error);
}

static gboolean ask_on_desktop(struct gate *gate, GError **error)
{
	g_autofree char *summary = statement_summary(gate->plan), *body = statement_body(gate->plan, gate->approved);
	g_autoptr(GError) cause = NULL;
	struct notice *notice = notice_show(summary, body, review_pressed, gate, &cause);
	if (!notice) // nobody would have seen what the password is for
		return error_set(error,
			"no terminal and no notification service (%s) to show what %s may reach: run isolate start "
			"--review %s "
			"in a terminal",
			cause->message, gate->plan->project, gate->plan->project);
	gboolean granted = ask_polkit(gate, error);
	notice_close(notice);
	if (gate->reviewing && !granted) {
		g_clear_error(error);
		if (notice_open_review(gate->plan->project, error))
			return error_set(error, "the question goes on in a terminal");
	}
	return granted;
}

static gboolean ask(const struct plan *plan, const struct approval *approved, enum gate_flags flags, GError **error)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autoptr(GMainContextPusher) pushed G_GNUC_UNUSED = g_main_context_pusher_new(context);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	autofd terminal = flags & GATE_TERMINAL ? open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	struct gate gate = {.plan = plan, .approved = approved, .cancellable = cancellable, .terminal = terminal};
	gate.polkit = polkit_connect(error);
	if (!gate.polkit)
		return FALSE;
	GSource *interrupt = on_signal(&gate, SIGINT), *terminate = on_signal(&gate, SIGTERM);
	gboolean granted = terminal >= 0 ? ask_on_terminal(&gate, error) : ask_on_desktop(&gate, error);
	off_signal(interrupt);
	off_signal(terminate);
	polkit_free(gate.polkit);
	return granted;
}

/* TRUE when nobody needs to be asked. */
static gboolean settled(const struct plan *plan, const struct approval *approved, enum gate_flags flags)
{
	if (flags & GATE_REVIEW || plan->gate != PLAN_GATE_CHANGED || !approved)
		return FALSE;
	g_autoptr(GPtrArray) fresh = approval_new(approved->permissions, plan->permissions);
	return fresh->len == 0;
}

gboolean gate_check(const struct plan *plan, enum gate_flags flags, GError **error)
{
	if (plan->gate == PLAN_GATE_NEVER)
		return TRUE;
	g_autoptr(GError) unusable = NULL;
	autoapproval struct approval *approved = approval_load(plan->project, &unusable);
	if (unusable)
		log_warning("%s; asking again", unusable->message);
	if (settled(plan, approved, flags))
		return TRUE;
	if (!ask(plan, approved, flags, error)) {
		g_prefix_error(error, "%s was not started: ", plan->project);
		return FALSE;
	}
	g_autoptr(GError) forgotten = NULL;
	if (!approval_store(plan->project, plan->permissions, &forgotten))
		log_warning("%s; it will be asked again", forgotten->message);
	return TRUE;
}
