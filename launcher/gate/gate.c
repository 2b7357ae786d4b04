#include "gate.h"

#include "approval.h"
#include "error.h"
#include "log.h"
#include "question.h"
#include "statement.h"
#include "text.h"

#include <string.h>

static const char launch_action[] = "org.isolate.launch";

/* A line that allows this access to path or to a folder above it. */
static gboolean is_named(const struct plan *plan, const char *access, const char *path)
{
	g_autofree char *above = g_strdup(path);
	for (;;) {
		g_autofree char *line = g_strdup_printf("files %s %s", access, above);
		g_autofree char *partly = g_strconcat(line, " but ", NULL);
		for (guint i = 0; i < plan->permissions->len; i++)
			if (strcmp(plan->permissions->pdata[i], line) == 0 ||
				g_str_has_prefix(plan->permissions->pdata[i], partly))
				return TRUE;
		if (strcmp(above, "/") == 0)
			return FALSE;
		char *parent = g_path_get_dirname(above);
		g_free(above);
		above = parent;
	}
}

/* What is shown must be all that is done: a part of the plan that made a mount of the host's files and no permission of it
 * is a mistake of isolate's, and stops here. */
static gboolean check_complete(const struct plan *plan, GError **error)
{
	for (guint i = 0; plan->ops && i < plan->ops->len; i++) {
		const struct plan_op *op = plan->ops->pdata[i];
		// What changes of a layered one goes elsewhere.
		gboolean read_only = (op->flags & (PLAN_READ_ONLY | PLAN_LAYERED)) != 0;
		gboolean base = read_only && strcmp(op->reason, "default") == 0;
		if (op->type != PLAN_OP_BIND || op->flags & PLAN_OWN || base || is_named(plan, "rw", op->source) ||
			(read_only && is_named(plan, "ro", op->source)))
			continue;
		g_autofree char *shown = text_dup_sanitized(op->source, 1000);
		return error_set(error,
			"isolate's plan has %s without naming it among the permissions; please report it", shown);
	}
	return TRUE;
}

/* TRUE when nobody needs to be asked. */
static gboolean settled(const struct plan *plan, const struct approval *approved, enum gate_flags flags)
{
	if (flags & GATE_REVIEW || plan->gate != PLAN_GATE_CHANGED || !approved)
		return FALSE;
	g_autoptr(GPtrArray) fresh = approval_new(approved->permissions, plan->permissions);
	return fresh->len == 0;
}

static gboolean ask_with(const struct plan *plan, const char *text, const char *summary, const char *body,
	enum gate_flags flags, GError **error)
{
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

static gboolean ask(const struct plan *plan, const struct approval *approved, enum gate_flags flags, GError **error)
{
	gboolean running = (flags & GATE_RUNNING) != 0;
	g_autofree char *text = statement_for_terminal(plan, approved, running);
	g_autofree char *summary = statement_summary(plan, running), *body = statement_body(plan, approved);
	return ask_with(plan, text, summary, body, flags, error);
}

static gboolean consent(const struct plan *plan, enum gate_flags flags, GError **error)
{
	g_autoptr(GError) unusable = NULL, forgotten = NULL;
	autoapproval struct approval *approved = approval_load(plan->project, &unusable);
	if (unusable)
		log_warning("%s; asking again", unusable->message);
	if (settled(plan, approved, flags))
		return TRUE;
	if (!ask(plan, approved, flags, error))
		return FALSE;
	if (!approval_store(plan->project, plan->permissions, &forgotten))
		log_warning("%s; it will be asked again", forgotten->message);
	return TRUE;
}

gboolean gate_check_root(const struct plan *plan, enum gate_flags flags, GError **error)
{
	static char root[] = "root shell";
	g_autoptr(GError) unusable = NULL, forgotten = NULL;
	if (plan->gate == PLAN_GATE_NEVER)
		return TRUE;
	autoapproval struct approval *approved = approval_load(plan->project, &unusable);
	if (unusable)
		log_warning("%s; asking again", unusable->message);
	g_autoptr(GPtrArray) wanted = g_ptr_array_new();
	for (guint i = 0; approved && i < approved->permissions->len; i++)
		g_ptr_array_add(wanted, approved->permissions->pdata[i]);
	if (approved && approval_covers(approved->permissions, root) && plan->gate == PLAN_GATE_CHANGED)
		return TRUE;
	// All else is asked for when the container starts: of an unapproved project only this is shown, and nothing is kept.
	g_autofree char *words = statement_permission(root);
	g_autofree char *text = g_strdup_printf("The container %s may:\n  + %s\n", plan->project, words);
	g_autofree char *summary = g_strdup_printf("A root shell in %s?", plan->project);
	g_autofree char *body = g_strdup_printf("It may:\n+ %s", words);
	if (!ask_with(plan, text, summary, body, flags, error)) {
		g_prefix_error(error, "no root shell in %s: ", plan->project);
		return FALSE;
	}
	g_ptr_array_add(wanted, root);
	if (approved && !approval_store(plan->project, wanted, &forgotten))
		log_warning("%s; it will be asked again", forgotten->message);
	return TRUE;
}

gboolean gate_check(const struct plan *plan, enum gate_flags flags, GError **error)
{
	if (plan->gate == PLAN_GATE_NEVER || (check_complete(plan, error) && consent(plan, flags, error)))
		return TRUE;
	g_prefix_error(error, "%s was not %s: ", plan->project, flags & GATE_RUNNING ? "changed" : "started");
	return FALSE;
}
