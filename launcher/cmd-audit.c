#include "cmd.h"

#include "audit.h"
#include "error.h"
#include "json.h"
#include "kept-reader.h"
#include "project.h"
#include "reply.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Equal denials, counted together. */
struct kind {
	GVariant *record; // one of them
	guint64 count;
	gint64 first, last; // µs
};

static void kind_free(gpointer data)
{
	struct kind *kind = data;
	g_variant_unref(kind->record);
	g_free(kind);
}

static const char *text(GVariant *record, const char *key)
{
	const char *value = "";
	g_variant_lookup(record, key, "&s", &value);
	return value;
}

static gint64 time_of(GVariant *record)
{
	gint64 time = 0;
	g_variant_lookup(record, "time", "x", &time);
	return time;
}

static guint32 count_of(GVariant *record)
{
	guint32 count = 1;
	g_variant_lookup(record, "count", "u", &count);
	return count;
}

static gboolean is_same(GVariant *a, GVariant *b)
{
	static const char *const keys[] = {"app", "interface", "request", "key", "allow"};
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		if (strcmp(text(a, keys[i]), text(b, keys[i])) != 0)
			return FALSE;
	return TRUE;
}

/* 2026-01-31 12:00:00  12× foot: wl_data_offer.receive, denied by Clipboard; Clipboard=allow would allow it */
static void print_kind(const struct kind *kind)
{
	GVariant *record = kind->record;
	const char *app = text(record, "app"), *interface = text(record, "interface"), *key = text(record, "key");
	g_autofree char *when = reply_clock(kind->last);
	g_autoptr(GString) line = g_string_new(NULL);
	g_string_append_printf(line, "%s  %" G_GUINT64_FORMAT "× %s: ", when, kind->count, *app ? app : "a program");
	if (*interface)
		g_string_append_printf(line, "%s.%s, ", interface, text(record, "request"));
	if (*key && *interface)
		g_string_append_printf(line, "denied by %s; %s would allow it", key, text(record, "allow"));
	else if (*key)
		g_string_append_printf(line, "asked about %s; denied, since %s", key, text(record, "allow"));
	else
		g_string_append(line, text(record, "allow"));
	char *shown = text_dup_sanitized(line->str, 1000);
	puts(shown);
	free(shown);
}

static void gather(GVariant *record, gpointer data)
{
	GPtrArray *kinds = data;
	struct kind *kind = NULL;
	for (guint i = 0; i < kinds->len && !kind; i++)
		if (is_same(((struct kind *)kinds->pdata[i])->record, record))
			kind = kinds->pdata[i];
	if (!kind) {
		kind = g_new0(struct kind, 1);
		*kind = (struct kind){.record = g_variant_ref(record), .first = time_of(record)};
		g_ptr_array_add(kinds, kind);
	}
	kind->count += count_of(record);
	kind->first = MIN(kind->first, time_of(record));
	kind->last = MAX(kind->last, time_of(record));
}

static void gather_json(GVariant *record, gpointer data)
{
	g_variant_builder_add_value(data, record);
}

static void print_json_line(GVariant *record, gpointer data)
{
	json_print(g_variant_ref(record));
	fflush(stdout);
}

static void print_line(GVariant *record, gpointer data)
{
	const struct kind one = {record, count_of(record), time_of(record), time_of(record)};
	print_kind(&one);
	fflush(stdout);
}

static int by_last(gconstpointer a, gconstpointer b)
{
	const struct kind *x = *(struct kind *const *)a, *y = *(struct kind *const *)b;
	return (x->last > y->last) - (x->last < y->last);
}

/* What becomes of each record. */
struct taking {
	void (*take)(GVariant *record, gpointer data);
	gpointer data;
};

/* A line that does not parse, such as one that a full disk cut, is passed over. */
static void take_line(const char *line, gpointer data)
{
	const struct taking *taking = data;
	g_autoptr(GVariant) record = g_variant_parse(G_VARIANT_TYPE_VARDICT, line, NULL, NULL, NULL);
	if (record)
		taking->take(record, taking->data);
}

static void read_records(struct kept_reader *reader, void (*take)(GVariant *record, gpointer data), gpointer data)
{
	struct taking taking = {take, data};
	kept_reader_read(reader, take_line, &taking);
}

static void show(struct kept_reader *reader, gboolean json)
{
	g_autoptr(GPtrArray) kinds = g_ptr_array_new_with_free_func(kind_free);
	g_auto(GVariantBuilder) records = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	if (json) {
		read_records(reader, gather_json, &records);
		json_print(g_variant_builder_end(&records));
		return;
	}
	read_records(reader, gather, kinds);
	g_ptr_array_sort(kinds, by_last);
	for (guint i = 0; i < kinds->len; i++)
		print_kind(kinds->pdata[i]);
}

static void follow(struct kept_reader *reader, gboolean json, GError **error)
{
	if (!kept_reader_follow(reader, error))
		return;
	do
		read_records(reader, json ? print_json_line : print_line, NULL);
	while (!ferror(stdout) && kept_reader_wait(reader));
}

/* A project that is gone may have left what was denied to it. */
static gboolean check(const char *project, const struct kept_reader *reader, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	return dirs && (project_exists(project, dirs) || g_file_test(reader->folder, G_FILE_TEST_IS_DIR) ||
			       project_unknown(project, dirs, error));
}

static int run(int argc, char **argv, GError **error)
{
	gboolean json = FALSE, following = FALSE;
	const GOptionEntry options[] = {
		{"follow",	   'f', 0, G_OPTION_ARG_NONE, &following, "print each as it comes, until interrupted", NULL},
		{"json",		 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON; with -f, one object a line", NULL},
		{NULL},
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	if (!words)
		return 0;
	struct kept_reader reader;
	if (kept_reader_open(&reader, words[0], AUDIT_FILE, AUDIT_FILE_OLD, error) && check(words[0], &reader, error)) {
		if (following)
			follow(&reader, json, error);
		else
			show(&reader, json);
	}
	kept_reader_close(&reader);
	return 0;
}

const struct cmd cmd_audit = {
	.name = "audit",
	.arguments = "NAME [-f] [--json]",
	.summary = "Show what was denied to the applications of a project, and what would allow it",
	.details =
		"Equal denials are one line with their number and the time of the last. What is kept is bounded: the "
		"oldest goes.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
