#include "gate.h"

#include "approval.h"
#include "error.h"
#include "log.h"
#include "question.h"
#include "statement.h"
#include "text.h"

#include <string.h>

#define UNNAMED "isolate's plan has %s without naming it among the permissions; please report it"

static const char launch_action[] = "org.isolate.launch";
static const char root_shell[] = "root shell"; // a line of approvals, not of plans

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

static gboolean has_line(const struct plan *plan, const char *line)
{
	return g_ptr_array_find_with_equal_func(plan->permissions, line, g_str_equal, NULL);
}

/* Where the document portal puts what was picked for this project, and for no other. */
static gboolean is_documents(const struct plan *plan, const char *path)
{
	g_autofree char *end = g_strconcat("/doc/by-app/" PLAN_APP_ID_PREFIX, plan->project, NULL);
	return has_line(plan, "bus portals") && g_str_has_suffix(path, end);
}

/* A rule of the bus has a line of its own, or is one of portals or of the project's own names. */
static gboolean check_bus(const struct plan *plan, GError **error)
{
	static const char *const kinds[] = {"talk", "call", "own"};
	g_autofree char *names = g_strconcat("--own=" PLAN_APP_ID_PREFIX, plan->project, ".*", NULL);
	gboolean portals = has_line(plan, "bus portals");
	for (guint i = 0; plan->bus && i < plan->bus->len; i++) {
		const char *rule = plan->bus->pdata[i], *value = strchr(rule, '=');
		gboolean named = strcmp(rule, names) == 0 ||
				 (portals && (g_str_has_prefix(rule, "--call=org.freedesktop.portal.D") ||
						     g_str_has_prefix(rule, "--broadcast=org.freedesktop.portal.D")));
		for (gsize k = 0; !named && value && k < G_N_ELEMENTS(kinds); k++) {
			g_autofree char *option = g_strdup_printf("--%s=", kinds[k]);
			g_autofree char *line = g_strdup_printf("bus %s %s", kinds[k], value + 1);
			named = g_str_has_prefix(rule, option) && has_line(plan, line);
		}
		g_autofree char *shown = text_dup_sanitized(rule, 1000);
		if (!named)
			return error_set(error, UNNAMED, shown);
	}
	if ((plan->playback && !has_line(plan, "audio playback")) || (plan->record && !has_line(plan, "audio record")))
		return error_set(error, UNNAMED, "sound");
	return TRUE;
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
		if (op->type != PLAN_OP_BIND || op->flags & PLAN_OWN || base || is_documents(plan, op->source) ||
			is_named(plan, "rw", op->source) || (read_only && is_named(plan, "ro", op->source)))
			continue;
		g_autofree char *shown = text_dup_sanitized(op->source, 1000);
		return error_set(error, UNNAMED, shown);
	}
	return check_bus(plan, error);
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

/* What the container itself had approved: consent to its root alone, given before, says nothing about its start. */
static const struct approval *of_start(const struct approval *approved)
{
	gboolean root_only =
		approved && approved->permissions->len == 1 && approval_covers(approved->permissions, root_shell);
	return root_only ? NULL : approved;
}

static void store(const struct plan *plan, const GPtrArray *permissions, gboolean root)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	g_autoptr(GError) forgotten = NULL;
	for (guint i = 0; i < permissions->len; i++)
		g_ptr_array_add(all, permissions->pdata[i]);
	if (root)
		g_ptr_array_add(all, (char *)root_shell); // which the file has once, however often it is in here
	if (!approval_store(plan->project, all, &forgotten))
		log_warning("%s; it will be asked again", forgotten->message);
}

static struct approval *load(const struct plan *plan)
{
	g_autoptr(GError) unusable = NULL;
	struct approval *approved = approval_load(plan->project, &unusable);
	if (unusable)
		log_warning("%s; asking again", unusable->message);
	return approved;
}

static gboolean consent(const struct plan *plan, enum gate_flags flags, GError **error)
{
	autoapproval struct approval *approved = load(plan);
	if (settled(plan, of_start(approved), flags))
		return TRUE;
	if (!ask(plan, of_start(approved), flags, error))
		return FALSE;
	store(plan, plan->permissions, approved && approval_covers(approved->permissions, root_shell));
	return TRUE;
}

static gboolean ask_for_root(const struct plan *plan, enum gate_flags flags, GError **error)
{
	g_autofree char *words = statement_permission(root_shell);
	g_autofree char *text = g_strdup_printf("The container %s may:\n  + %s\n", plan->project, words);
	g_autofree char *summary = g_strdup_printf("A root shell in %s?", plan->project);
	g_autofree char *body = g_strdup_printf("It may:\n+ %s", words);
	return ask_with(plan, text, summary, body, flags, error);
}

gboolean gate_root_approved(const struct plan *plan)
{
	if (plan->gate == PLAN_GATE_NEVER)
		return TRUE;
	autoapproval struct approval *approved = load(plan);
	return approved && approval_covers(approved->permissions, root_shell);
}

gboolean gate_check_root(const struct plan *plan, enum gate_flags flags, GError **error)
{
	if (plan->gate != PLAN_GATE_ALWAYS && gate_root_approved(plan))
		return TRUE;
	if (!ask_for_root(plan, flags, error)) {
		g_prefix_error(error, "no root shell in %s: ", plan->project);
		return FALSE;
	}
	autoapproval struct approval *approved = load(plan);
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	store(plan, approved ? approved->permissions : none, TRUE);
	return TRUE;
}

gboolean gate_check(const struct plan *plan, enum gate_flags flags, GError **error)
{
	if (plan->gate == PLAN_GATE_NEVER || (check_complete(plan, error) && consent(plan, flags, error)))
		return TRUE;
	g_prefix_error(error, "%s was not %s: ", plan->project, flags & GATE_RUNNING ? "changed" : "started");
	return FALSE;
}
