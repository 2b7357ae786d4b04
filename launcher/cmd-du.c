#include "cmd.h"

#include "error.h"
#include "json.h"
#include "plan.h"
#include "project.h"
#include "text.h"
#include "usage.h"
#include "xdg.h"

#include <stdio.h>
#include <string.h>

/* Folders of a project's; their names are the columns. */
static const char *const parts[] = {"home", PLAN_LAYER_DIR, PLAN_IMAGE_DIR, "git"};

struct row {
	const char *name;
	gboolean project; // FALSE: what an earlier project left
	struct usage usage[G_N_ELEMENTS(parts)];
	gboolean there[G_N_ELEMENTS(parts)];
};

static gboolean count_parts(struct row *row, const char *name, const struct config_dirs *dirs)
{
	gboolean any = FALSE;
	*row = (struct row){.name = name, .project = project_exists(name, dirs)};
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *path = xdg_path(XDG_DATA, NULL, name, parts[i], NULL);
		row->there[i] = usage_count(path, &row->usage[i]);
		any |= row->there[i];
	}
	return any || row->project;
}

static char *size_text(const struct row *row, size_t part)
{
	if (!row->there[part])
		return g_strdup("-");
	g_autofree char *size = g_format_size_full(row->usage[part].bytes, G_FORMAT_SIZE_IEC_UNITS);
	// GLib's space does not break, and is two bytes in a column of bytes.
	g_auto(GStrv) words = g_strsplit(size, "\u00a0", -1);
	g_autofree char *plain = g_strjoinv(" ", words);
	return g_strconcat(row->usage[part].whole ? "" : "over ", plain, NULL);
}

static void print_head(void)
{
	printf("%-20s", "NAME");
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *name = g_ascii_strup(parts[i], -1);
		printf("  %14s", name);
	}
	puts("");
}

static void print_row(const struct row *row)
{
	printf("%-20s", row->name);
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *size = size_text(row, i);
		printf("  %14s", size);
	}
	puts(row->project ? "" : "  (no project has it any more)");
}

static GVariant *to_variant(const struct row *row)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_variant_dict_insert(&dict, "name", "s", row->name);
	g_variant_dict_insert(&dict, "project", "b", row->project);
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		if (!row->there[i])
			continue;
		g_auto(GVariantDict) part = G_VARIANT_DICT_INIT(NULL);
		g_variant_dict_insert(&part, "bytes", "t", row->usage[i].bytes);
		g_variant_dict_insert(&part, "files", "t", row->usage[i].files);
		g_variant_dict_insert(&part, "whole", "b", row->usage[i].whole);
		g_variant_dict_insert_value(&dict, parts[i], g_variant_dict_end(&part));
	}
	return g_variant_dict_end(&dict);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The projects, and what has only a folder. */
static GPtrArray *all_names(const struct config_dirs *dirs, GError **error)
{
	GPtrArray *names = project_names(dirs, error);
	g_autofree char *path = xdg_path(XDG_DATA, NULL, NULL);
	g_autoptr(GDir) folder = names ? g_dir_open(path, 0, NULL) : NULL;
	const char *name;
	while (folder && (name = g_dir_read_name(folder)))
		if (text_is_project_name(name) && !project_exists(name, dirs))
			g_ptr_array_add(names, g_strdup(name));
	if (names)
		g_ptr_array_sort(names, compare);
	return names;
}

static void show(const struct config_dirs *dirs, const GPtrArray *names, gboolean json)
{
	g_auto(GVariantBuilder) rows = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	if (!json && names->len > 0)
		print_head();
	for (guint i = 0; i < names->len; i++) {
		struct row row;
		if (!count_parts(&row, names->pdata[i], dirs))
			continue;
		if (json)
			g_variant_builder_add_value(&rows, to_variant(&row));
		else
			print_row(&row);
	}
	if (json)
		json_print(g_variant_builder_end(&rows));
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE;
	const GOptionEntry options[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON, sizes in bytes", NULL},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 0, 1, error);
	autodirs struct config_dirs *dirs = words ? config_dirs_new(error) : NULL;
	g_autoptr(GPtrArray) names = NULL;
	if (!dirs)
		return 0;
	if (!words[0]) {
		names = all_names(dirs, error);
	} else {
		struct row row;
		names = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(names, g_strdup(words[0]));
		if (!count_parts(&row, words[0], dirs) && !project_unknown(words[0], dirs, error))
			return 0;
	}
	if (names)
		show(dirs, names, json);
	return 0;
}

const struct cmd cmd_du = {
	.name = "du",
	.arguments = "[NAME] [--json]",
	.summary = "Show how much disk the homes, layers, images and git copies of projects take",
	.details =
		"What was left by projects that are gone is listed too. \"over\": there is more that cannot be read.\n"
		"Folders that a project shares or has as Base=dir: are yours, and a profile of Base=nix: is Nix's: "
		"they do not "
		"count.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
