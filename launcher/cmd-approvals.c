#include "cmd.h"

#include "approval.h"
#include "error.h"
#include "json.h"
#include "log.h"
#include "statement.h"
#include "text.h"
#include "xdg.h"

#include <stdio.h>
#include <string.h>

static int compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Projects with a folder in the state folder, sorted: also of those whose configuration is gone. */
static GPtrArray *projects_with_state(GError **error)
{
	g_autofree char *path = xdg_path(XDG_STATE, error, NULL);
	if (!path)
		return NULL;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	for (const char *name; dir && (name = g_dir_read_name(dir));)
		if (text_is_project_name(name))
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, compare);
	return names;
}

static GVariant *to_variant(const char *project, const struct approval *approval)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_auto(GVariantBuilder) lines = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_BYTESTRING_ARRAY);
	for (guint i = 0; i < approval->permissions->len; i++)
		g_variant_builder_add(&lines, "^ay", approval->permissions->pdata[i]);
	g_variant_dict_insert(&dict, "project", "s", project);
	g_variant_dict_insert(&dict, "time", "x", approval->time);
	g_variant_dict_insert_value(&dict, "permissions", g_variant_builder_end(&lines));
	return g_variant_dict_end(&dict);
}

static void print(const char *project, const struct approval *approval)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_local(approval->time);
	g_autofree char *day = date ? g_date_time_format(date, "%Y-%m-%d %H:%M") : NULL;
	printf("%s, approved on %s\n", project, day ? day : "an unknown day");
	for (guint i = 0; i < approval->permissions->len; i++) {
		g_autofree char *words = statement_permission(approval->permissions->pdata[i]);
		printf("  %s\n", words);
	}
}

static void list(const GPtrArray *names, gboolean json)
{
	g_auto(GVariantBuilder) rows = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GError) cause = NULL;
		autoapproval struct approval *approval = approval_load(names->pdata[i], &cause);
		if (approval && json)
			g_variant_builder_add_value(&rows, to_variant(names->pdata[i], approval));
		else if (approval)
			print(names->pdata[i], approval);
		if (cause) {
			fflush(stdout);
			g_autofree char *shown = text_dup_sanitized(cause->message, 1000);
			log_warning("%s", shown);
		}
	}
	if (json)
		json_print(g_variant_builder_end(&rows));
}

static gboolean take_back(const char *project, GError **error)
{
	g_autoptr(GError) unusable = NULL;
	autoapproval struct approval *approval = approval_load(project, &unusable);
	if (!approval && !unusable)
		return error_set(error, "nothing was approved for %s: isolate approvals list", project);
	if (!approval_remove(project, error))
		return FALSE;
	printf("%s\n", project);
	return TRUE;
}

static GPtrArray *choose(char **names, GError **error)
{
	if (!*names)
		return projects_with_state(error);
	g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func(g_free);
	for (; *names; names++) {
		if (!cmd_check_project(*names, error))
			return NULL;
		g_ptr_array_add(chosen, g_strdup(*names));
	}
	return g_steal_pointer(&chosen);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, -1, error);
	if (!words)
		return 0;
	gboolean revoking = strcmp(words[0], "revoke") == 0;
	if (!revoking && strcmp(words[0], "list") != 0) {
		g_autofree char *shown = text_dup_sanitized(words[0], 64);
		error_set(error, "isolate approvals takes list or revoke, not \"%s\"", shown);
		return 0;
	}
	if (revoking && !words[1]) {
		error_set(error, "whose? isolate approvals revoke NAME; isolate approvals list shows them");
		return 0;
	}
	g_autoptr(GPtrArray) names = choose(words + 1, error);
	if (names && !revoking)
		list(names, json);
	for (guint i = 0; names && revoking && i < names->len; i++)
		if (!take_back(names->pdata[i], error))
			break;
	return 0;
}

const struct cmd cmd_approvals = {
	.name = "approvals",
	.arguments = "list [NAME]... [--json] | revoke NAME...",
	.summary = "What you approved, and taking it back",
	.details = "After revoke the next start asks again and shows everything. A container that runs keeps what it "
		   "has until it\n"
		   "ends.\n",
	.run = run,
};
