#include "cmd.h"

#include "desktop.h"
#include "error.h"
#include "host-app.h"
#include "json.h"
#include "log.h"
#include "menu-entries.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
	[DESKTOP_UNCHANGED] = "unchanged",
	[DESKTOP_WRITTEN] = "written",
	[DESKTOP_REMOVED] = "removed",
	[DESKTOP_KEPT] = "kept",
	[DESKTOP_MISSING] = "missing",
	[DESKTOP_OUTDATED] = "outdated",
	[DESKTOP_ORPHAN] = "orphan",
};

static GVariant *to_variant(const struct desktop_entry *entry)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_variant_dict_insert(&dict, "project", "s", entry->project);
	g_variant_dict_insert(&dict, "state", "s", kinds[entry->kind]);
	g_variant_dict_insert(&dict, "path", "^ay", entry->path);
	if (entry->reason)
		g_variant_dict_insert(&dict, "reason", "s", entry->reason);
	return g_variant_dict_end(&dict);
}

static void warn_kept(const struct desktop_entry *entry)
{
	if (entry->kind != DESKTOP_KEPT)
		return;
	g_autofree char *shown = text_dup_sanitized(entry->path, 1000);
	log_warning("%s is kept: %s; remove it to have isolate's", shown, entry->reason);
}

static void warn_missing(const struct project *project)
{
	g_autoptr(GPtrArray) missing = host_app_missing(project);
	for (guint i = 0; i < missing->len; i++)
		log_warning("%s: this machine's menu has no %s.desktop, or it runs nothing: Apps=%s gives no entry",
			project->name, (const char *)missing->pdata[i], (const char *)missing->pdata[i]);
}

/* all: also what was left as it is. */
static void print(const GPtrArray *entries, gboolean json, gboolean all)
{
	g_auto(GVariantBuilder) rows = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < entries->len; i++) {
		const struct desktop_entry *entry = entries->pdata[i];
		g_autofree char *shown = text_dup_sanitized(entry->path, 4096);
		if (json)
			g_variant_builder_add_value(&rows, to_variant(entry));
		else if (all || entry->kind == DESKTOP_WRITTEN || entry->kind == DESKTOP_REMOVED)
			printf("%-9s  %s\n", kinds[entry->kind], shown);
		fflush(stdout);
		if (!all)
			warn_kept(entry);
	}
	if (json)
		json_print(g_variant_builder_end(&rows));
}

typedef gboolean (*each_function)(const struct project *project, const char *command, GPtrArray *done, GError **error);

/* One that cannot be read keeps its entries, does not stop the others, and is told at once. Returns how many there were. */
static guint each_project(
	char **names, const struct config_dirs *dirs, each_function function, GPtrArray *done, GError **error)
{
	guint wrong = 0;
	g_autofree char *command = desktop_command(error);
	for (char **name = names; command && *name; name++) {
		g_autoptr(GError) cause = NULL;
		autoproject struct project *project = NULL;
		if (cmd_check_project(*name, &cause))
			project = project_open(*name, dirs, &cause);
		if (project && function == desktop_sync)
			warn_missing(project);
		if (project && function(project, command, done, error))
			continue;
		if (!cause)
			break;
		g_autofree char *shown = text_dup_sanitized(cause->message, 1000);
		log_warning("%s", shown);
		wrong++;
	}
	return wrong;
}

/* The words after the verb's own, or the names of all projects. */
static char **choose(char **words, const struct config_dirs *dirs, GError **error)
{
	if (words[1])
		return g_strdupv(words + 1);
	g_autoptr(GPtrArray) all = project_names(dirs, error);
	if (!all)
		return NULL;
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	for (guint i = 0; i < all->len; i++)
		g_strv_builder_add(names, all->pdata[i]);
	return g_strv_builder_end(names);
}

static gboolean prune(const struct config_dirs *dirs, gboolean look_only, GPtrArray *done, GError **error)
{
	g_autoptr(GPtrArray) names = project_names(dirs, error);
	return names && desktop_prune(names, look_only, done, error);
}

static void work(char **words, const struct config_dirs *dirs, GPtrArray *done, GError **error)
{
	gboolean all = !words[1];
	each_function function = strcmp(words[0], "list") == 0 ? desktop_list : desktop_sync;
	if (strcmp(words[0], "prune") == 0) {
		prune(dirs, FALSE, done, error);
		return;
	}
	g_auto(GStrv) names = choose(words, dirs, error);
	if (strcmp(words[0], "remove") == 0) {
		for (char **name = names; name && *name; name++)
			if (!cmd_check_project(*name, error) || !desktop_remove(*name, done, error))
				return;
		return;
	}
	GError *cause = NULL;
	guint wrong = names ? each_project(names, dirs, function, done, &cause) : 0;
	if (names && !cause && all)
		prune(dirs, function == desktop_list, done, &cause);
	if (cause)
		g_propagate_error(error, cause);
	else if (wrong > 0 && error && !*error)
		error_set(error, "%u of the projects could not be read: their entries are as they were", wrong);
}

static int run(int argc, char **argv, GError **error)
{
	static const char *const actions[] = {"list", "prune", "remove", "sync", NULL};
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, -1, error);
	if (!words)
		return 0;
	g_autofree char *shown = text_dup_sanitized(words[0], 64);
	if (!g_strv_contains(actions, words[0])) {
		const char *nearest = text_nearest(words[0], actions);
		error_set(error, "isolate desktop takes sync, list, prune or remove, not \"%s\"%s%s%s", shown,
			nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
		return 0;
	}
	if (strcmp(words[0], "prune") == 0 && words[1]) {
		error_set(error, "isolate desktop prune takes no names: it removes what belongs to no project");
		return 0;
	}
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	g_autoptr(GPtrArray) done = desktop_entries_new();
	GError *cause = NULL;
	if (dirs)
		work(words, dirs, done, &cause);
	print(done, json, strcmp(words[0], "list") == 0);
	if (cause)
		g_propagate_error(error, cause);
	return 0;
}

void menu_entries_update(const char *name)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(GPtrArray) done = desktop_entries_new();
	g_autofree char *command = desktop_command(&cause);
	autodirs struct config_dirs *dirs = command ? config_dirs_new(&cause) : NULL;
	if (dirs && project_exists(name, dirs)) {
		autoproject struct project *project = project_open(name, dirs, &cause);
		if (project)
			desktop_sync(project, command, done, &cause);
	} else if (dirs) {
		desktop_remove(name, done, &cause);
	}
	for (guint i = 0; i < done->len; i++)
		warn_kept(done->pdata[i]);
	if (cause) {
		g_autofree char *shown = text_dup_sanitized(cause->message, 1000);
		log_warning("the menu is not up to date: %s", shown);
	}
}

const struct cmd cmd_desktop = {
	.name = "desktop",
	.arguments = "sync|list|remove [NAME]... | prune [--json]",
	.summary = "Menu entries for the applications of projects",
	.details = "sync writes one entry for each [App] of the projects and removes those that are too many; create "
		   "and remove\n"
		   "do it themselves. list shows what sync would do. remove takes a project's entries away until the "
		   "next sync,\n"
		   "prune those of projects that are gone. An entry that you edited is yours: it is kept and named.\n",
	.run = run,
};
