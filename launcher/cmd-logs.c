#include "cmd.h"

#include "error.h"
#include "json.h"
#include "kept-reader.h"
#include "output.h"
#include "project.h"
#include "reply.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096 };

/* A line of one of the files. */
struct entry {
	gint64 time; // µs, CLOCK_REALTIME
	guint order; // of those with the same time
	char *source;
	char *text;
};

struct entries {
	GPtrArray *all; // struct entry, owned
	gint64 last;	// of the file that is read
};

static void entry_free(gpointer data)
{
	struct entry *entry = data;
	g_free(entry->source);
	free(entry->text);
	g_free(entry);
}

/* "SECONDS.MICROSECONDS " at the beginning; NULL where there is none, else what follows. */
static const char *after_time(const char *line, gint64 *time)
{
	size_t seconds = strspn(line, "0123456789");
	size_t rest = line[seconds] == '.' ? strspn(line + seconds + 1, "0123456789") : 0;
	if (seconds == 0 || seconds > 11 || rest != 6 || line[seconds + 7] != ' ')
		return NULL;
	*time = g_ascii_strtoll(line, NULL, 10) * G_USEC_PER_SEC + g_ascii_strtoll(line + seconds + 1, NULL, 10);
	return line + seconds + 8;
}

/* One without a time, of a program that is not ours, belongs to the one before it. */
static void take(const char *line, gpointer data)
{
	struct entries *entries = data;
	const char *rest = after_time(line, &entries->last), *colon = rest ? strstr(rest, ": ") : NULL;
	struct entry *entry = g_new0(struct entry, 1);
	g_autofree char *source = colon ? g_strndup(rest, (gsize)(colon - rest)) : NULL;
	entry->time = entries->last;
	entry->order = entries->all->len;
	entry->source = source ? text_dup_sanitized(source, 128) : g_strdup("");
	entry->text = text_dup_sanitized(colon ? colon + 2 : rest ? rest : line, TEXT_MAX);
	g_ptr_array_add(entries->all, entry);
}

static int by_time(gconstpointer a, gconstpointer b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static GVariant *to_variant(const struct entry *entry)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_variant_dict_insert(&dict, "time", "x", entry->time);
	g_variant_dict_insert(&dict, "source", "s", entry->source);
	g_variant_dict_insert(&dict, "text", "s", entry->text);
	return g_variant_dict_end(&dict);
}

static void print(const struct entry *entry)
{
	g_autofree char *when = entry->time > 0 ? reply_clock(entry->time) : g_strdup("");
	printf("%-19s  %s%s%s\n", when, entry->source, *entry->source ? ": " : "", entry->text);
}

static void print_json(const GPtrArray *all, guint first)
{
	g_auto(GVariantBuilder) rows = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (guint i = first; i < all->len; i++)
		g_variant_builder_add_value(&rows, to_variant(all->pdata[i]));
	json_print(g_variant_builder_end(&rows));
}

enum { READERS = 2 };
static const struct {
	const char *name, *old;
} files[READERS] = {
	{"session.log", NULL	    },
	{OUTPUT_FILE,   OUTPUT_FILE_OLD},
};

/* What has come, of both, by its time: the last of it where a number is given. */
static void show(struct kept_reader *readers, gint64 *last, gint64 most, gboolean json, gboolean lines)
{
	struct entries entries = {g_ptr_array_new_with_free_func(entry_free), 0};
	for (int i = 0; i < READERS; i++) {
		entries.last = last[i];
		kept_reader_read(&readers[i], take, &entries);
		last[i] = entries.last;
	}
	g_ptr_array_sort(entries.all, by_time);
	guint first = most >= 0 && entries.all->len > most ? entries.all->len - (guint)most : 0;
	for (guint i = first; (lines || !json) && i < entries.all->len; i++)
		if (json)
			json_print(to_variant(entries.all->pdata[i]));
		else
			print(entries.all->pdata[i]);
	if (json && !lines)
		print_json(entries.all, first);
	fflush(stdout);
	g_ptr_array_unref(entries.all);
}

static void show_all(struct kept_reader *readers, gint64 most, gboolean follow, gboolean json, GError **error)
{
	gint64 last[READERS] = {0};
	// Both files are in one folder, which one watch is enough for.
	if (follow && !kept_reader_follow(&readers[0], error))
		return;
	show(readers, last, most, json, follow);
	while (follow && !ferror(stdout) && kept_reader_wait(&readers[0]))
		show(readers, last, -1, json, TRUE);
}

/* A project that is gone may have left its log. */
static gboolean check(const char *project, const char *folder, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	return dirs && (project_exists(project, dirs) || g_file_test(folder, G_FILE_TEST_IS_DIR) ||
			       project_unknown(project, dirs, error));
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE, follow = FALSE;
	gint64 most = -1;
	const GOptionEntry options[] = {
		{"follow", 'f', 0, G_OPTION_ARG_NONE, &follow, "print more as it comes, until interrupted", NULL},
		{"lines",	  'n', 0, G_OPTION_ARG_INT64, &most, "the last so many only", "N"},
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON; with -f, one object a line", NULL},
		{NULL   },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	if (!words)
		return 0;
	if (most < -1) {
		error_set(error, "--lines takes 0 or more");
		return 0;
	}
	struct kept_reader readers[READERS];
	gboolean good = TRUE;
	for (int i = 0; i < READERS; i++)
		good = kept_reader_open(&readers[i], words[0], files[i].name, files[i].old, good ? error : NULL) &&
		       good;
	if (good && check(words[0], readers[0].folder, error))
		show_all(readers, most, follow, json, error);
	for (int i = 0; i < READERS; i++)
		kept_reader_close(&readers[i]);
	return 0;
}

const struct cmd cmd_logs = {
	.name = "logs",
	.arguments = "NAME [-f] [-n N] [--json]",
	.summary = "Show what a project's session and its detached applications wrote",
	.details = "Also when it does not run. What others write goes where isolate was started from. What is kept is "
		   "bounded: "
		   "the\noldest goes, and of one that writes without end most is left out.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
