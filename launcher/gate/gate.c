#include "gate.h"

#include "approval.h"
#include "error.h"
#include "log.h"
#include "question.h"
#include "statement.h"

static const char launch_action[] = "org.isolate.launch";

/* TRUE when nobody needs to be asked. */
static gboolean settled(const struct plan *plan, const struct approval *approved, enum gate_flags flags)
{
	if (flags & GATE_REVIEW || plan->gate != PLAN_GATE_CHANGED || !approved)
		return FALSE;
	g_autoptr(GPtrArray) fresh = approval_new(approved->permissions, plan->permissions);
	return fresh->len == 0;
}

static gboolean ask(const struct plan *plan, const struct approval *approved, enum gate_flags flags, GError **error)
{
	g_autofree char *text = statement_for_terminal(plan, approved);
	g_autofree char *summary = statement_summary(plan), *body = statement_body(plan, approved);
	const struct question question = {
		.project = plan->project,
		.action = launch_action,
		.text = text,
		.summary = summary,
		.body = body,
		.command = ISOLATE_COMMAND,
		.terminal = (flags & GATE_TERMINAL) != 0,
	};
	return question_ask(&question, error);
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
