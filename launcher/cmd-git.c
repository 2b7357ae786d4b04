/* What a container committed to its own copies of repositories ([Files] Git=guard). It is read over a pipe, as from a server
 * that nobody trusts: git upload-pack runs in the container, the host's git fetches from it. */
#include "cmd.h"

#include "error.h"
#include "guard.h"
#include "json.h"
#include "plan.h"
#include "text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SHOWN_MAX = 500 };

/* One line for each reference that was fetched: its name, a tab, what it points to, a tab, the subject. */
static char *fetched(const char *git_dir, const char *project, GError **error)
{
	g_autofree char *dir = g_strconcat("--git-dir=", git_dir, NULL), *out = NULL;
	g_autofree char *pattern = g_strdup_printf("refs/isolate/%s/", project);
	const char *const words[] = {
		dir, "for-each-ref", "--format=%(refname)%09%(objectname:short)%09%(contents:subject)", pattern, NULL};
	g_auto(GStrv) env = guard_environment(NULL);
	return guard_run_git(words, env, &out, error) ? g_steal_pointer(&out) : NULL;
}

static gboolean fetch(const char *project, const char *git_dir, const char *inside, GError **error)
{
	extern char **environ;
	char self[PATH_MAX];
	if (!realpath("/proc/self/exe", self))
		return error_set(error, "cannot find isolate itself");
	// git hands this to a shell, with the path quoted after it. The project's name is checked.
	g_autofree char *quoted = g_shell_quote(self), *dir = g_strconcat("--git-dir=", git_dir, NULL);
	g_autofree char *server = g_strdup_printf(
		"--upload-pack=%s run --project %s --no-tty --no-display -- git-upload-pack", quoted, project);
	g_autofree char *refs = g_strdup_printf("+refs/heads/*:refs/isolate/%s/*", project);
	const char *const words[] = {
		dir, "fetch", "-q", "--no-tags", "--no-write-fetch-head", "--prune", server, "--", inside, refs, NULL};
	g_auto(GStrv) env = guard_environment(environ);
	return guard_run_git(words, env, NULL, error);
}

static void add_rows(GVariantBuilder *rows, gboolean json, const char *repository, const char *refs)
{
	g_auto(GStrv) lines = g_strsplit(refs, "\n", -1);
	for (guint i = 0; lines[i] && *lines[i]; i++) {
		g_auto(GStrv) fields = g_strsplit(lines[i], "\t", 3);
		if (g_strv_length(fields) < 3)
			continue;
		if (json) {
			GVariantDict dict;
			g_variant_dict_init(&dict, NULL);
			g_variant_dict_insert(&dict, "repository", "^ay", repository);
			g_variant_dict_insert(&dict, "ref", "^ay", fields[0]);
			g_variant_dict_insert(&dict, "commit", "^ay", fields[1]);
			g_variant_dict_insert(&dict, "subject", "^ay", fields[2]);
			g_variant_builder_add_value(rows, g_variant_dict_end(&dict));
		} else if (i < SHOWN_MAX) {
			// Names and subjects are the container's.
			g_autofree char *line = g_strdup_printf("%s  %s  %s", fields[0], fields[1], fields[2]);
			g_autofree char *shown = text_dup_sanitized(line, 300);
			printf("  %s\n", shown);
		}
	}
}

/* One repository: fetched, where it is to be, and shown. */
static gboolean handle(const struct plan *plan, const struct plan_op *op, gboolean fetching, gboolean json,
	GVariantBuilder *rows, GError **error)
{
	g_autofree char *git_dir = guard_original(op), *work = g_path_get_dirname(op->dest);
	struct stat st;
	// Without a copy, nothing was ever committed to it.
	if (fetching && lstat(op->source, &st) == 0 && !fetch(plan->project, git_dir, op->dest, error)) {
		g_prefix_error(error, "%s: ", git_dir);
		return FALSE;
	}
	g_autofree char *refs = fetched(git_dir, plan->project, error);
	if (!refs)
		return FALSE;
	if (!json) {
		g_autofree char *shown = text_dup_sanitized(work, 1000);
		printf("%s%s\n", shown, *refs ? "" : ": nothing fetched yet");
	}
	add_rows(rows, json, work, refs);
	return TRUE;
}

static void handle_all(const char *project, gboolean fetching, gboolean json, GError **error)
{
	autoplan struct plan *plan = cmd_make_plan(project, error);
	g_auto(GVariantBuilder) rows = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	guint n = 0;
	for (guint i = 0; plan && i < plan->ops->len; i++) {
		const struct plan_op *op = plan->ops->pdata[i];
		if (!(op->flags & PLAN_GIT_GUARD))
			continue;
		n++;
		if (!handle(plan, op, fetching, json, &rows, error))
			return;
	}
	if (plan && n == 0 && fetching)
		error_set(error,
			"%s has no repository with a copy of its own: [Files] Git=guard makes one of each in a share",
			project);
	else if (plan && json)
		json_print(g_variant_builder_end(&rows));
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 2, 2, error);
	if (!words)
		return 0;
	gboolean fetching = strcmp(words[0], "fetch") == 0;
	if (!fetching && strcmp(words[0], "list") != 0) {
		g_autofree char *shown = text_dup_sanitized(words[0], 64);
		error_set(error, "\"%s\" is nothing that isolate git does: isolate git fetch|list NAME", shown);
	} else if (cmd_check_project(words[1], error)) {
		handle_all(words[1], fetching, json, error);
	}
	return 0;
}

const struct cmd cmd_git = {
	.name = "git",
	.arguments = "fetch|list NAME [--json]",
	.summary = "Bring back what a project committed under Git=guard",
	.details = "Its branches become refs/isolate/NAME/* of your repository; nothing else of yours changes:\n"
		   "  isolate git fetch first\n"
		   "  git log -p ..refs/isolate/first/main\n"
		   "  git reset refs/isolate/first/main      take it over: the files are in the share already\n"
		   "The container is started if it does not run. list shows what was fetched.\n",
	.run = run,
};
