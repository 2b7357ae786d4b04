#include "inside.h"

#include "build.h"
#include "cmd.h"
#include "error.h"
#include "fd.h"
#include "plan.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

gboolean inside_is(const char *word)
{
	const char *colon = strchr(word, ':');
	return colon && !memchr(word, '/', (size_t)(colon - word));
}

void inside_finish(struct inside *inside)
{
	g_free(inside->project);
	g_free(inside->path);
	g_free(inside->relative);
	fd_closep(&inside->home);
}

/* Relative to the home, as scp and rsync have it. */
static char *normal_path(const char *path, const char *home, const char *shown, GError **error)
{
	g_auto(GStrv) names = g_strsplit(path, "/", -1);
	if (g_strv_contains((const char *const *)names, "..")) {
		error_set(error, "%s: a path in a container has no .. in it", shown);
		return NULL;
	}
	if (strcmp(path, "~") == 0 || g_str_has_prefix(path, "~/"))
		path += path[1] ? 2 : 1;
	return g_canonicalize_filename(path, home);
}

/* The operation that made what is at path. */
static const struct plan_op *covering(const struct plan *plan, const char *path)
{
	for (guint i = plan->ops->len; i > 0; i--) {
		const struct plan_op *op = plan->ops->pdata[i - 1];
		if (path_within(path, op->dest))
			return op;
	}
	return NULL;
}

static gboolean open_home(struct inside *inside, const struct plan_op *op, const char *home, GError **error)
{
	const char *below = inside->path + strlen(home);
	inside->relative = g_strdup(*below ? below + 1 : ".");
	inside->home = open(op->source, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inside->home < 0 && errno == ENOENT)
		return error_set(error, "%s has no home yet: its first start makes it", inside->project);
	return inside->home >= 0 || error_set_errno(error, errno, "cannot open %s", op->source);
}

gboolean inside_find(struct inside *inside, const char *word, GError **error)
{
	const char *colon = strchr(word, ':');
	g_autofree char *shown = text_dup_sanitized(word, 300);
	*inside = (struct inside){.project = g_strndup(word, (size_t)(colon - word)), .home = -1};
	if (!cmd_check_project(inside->project, error))
		return FALSE;
	autoplan struct plan *plan = cmd_make_plan(inside->project, error);
	inside->path = plan ? normal_path(colon + 1, plan->home, shown, error) : NULL;
	if (!inside->path)
		return FALSE;
	const struct plan_op *op = covering(plan, inside->path);
	gboolean is_home = op && strcmp(op->dest, plan->home) == 0;
	if (is_home && op->type == PLAN_OP_BIND)
		return open_home(inside, op, plan->home, error);
	if (!op || op->type != PLAN_OP_BIND)
		return TRUE; // only a process in the container can see it
	g_autofree char *there = g_strconcat(op->source, inside->path + strlen(op->dest), NULL);
	g_autofree char *host = text_dup_sanitized(there, 1000);
	return error_set(error, "%s is %s of the host, which the container shows: copy it there", shown, host);
}
