#include "audit.h"

#include "kept.h"
#include "log.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum {
	TEXT_MAX = 128,
	RECORDS_MAX = 80, // of one message; the proxy sends fewer
	BURST = 256,	  // records that are kept at once
	REFILL_MS = 2000, // until one more is
};

struct audit {
	char *project;
	struct kept file;
	guint tokens;
	gint64 refilled; // µs, monotonic
	guint64 lost;
	gboolean failed; // it was said that it cannot be written
};

struct audit *audit_new(const char *project)
{
	struct audit *audit = g_new0(struct audit, 1);
	*audit = (struct audit){.project = g_strdup(project), .tokens = BURST, .refilled = g_get_monotonic_time()};
	audit->file = (struct kept){
		.project = audit->project, .name = AUDIT_FILE, .old = AUDIT_FILE_OLD, .max = AUDIT_FILE_MAX, .fd = -1};
	return audit;
}

/* record is floating. */
static void write_record(struct audit *audit, GVariant *record)
{
	g_autoptr(GVariant) held = g_variant_ref_sink(record);
	g_autofree char *text = g_variant_print(held, TRUE);
	g_autofree char *line = g_strconcat(text, "\n", NULL);
	g_autoptr(GError) error = NULL;
	if (kept_write(&audit->file, line, strlen(line), &error)) {
		audit->failed = FALSE;
		return;
	}
	if (!audit->failed)
		log_warning("%s", error->message);
	audit->failed = TRUE;
}

static void insert_text(GVariantDict *dict, const char *key, const char *text)
{
	char *clean = text_dup_sanitized(text, TEXT_MAX);
	g_variant_dict_insert(dict, key, "s", clean ? clean : "");
	free(clean);
}

static GVariant *own_record(const char *app, const char *key, const char *text, guint32 count)
{
	GVariantDict dict;
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "time", "x", g_get_real_time());
	g_variant_dict_insert(&dict, "count", "u", count);
	insert_text(&dict, "app", app);
	insert_text(&dict, "key", key);
	insert_text(&dict, "allow", text);
	return g_variant_dict_end(&dict);
}

static void tell_lost(struct audit *audit)
{
	if (audit->lost > 0)
		write_record(audit,
			own_record("", "", "more denials than are kept", (guint32)MIN(audit->lost, G_MAXUINT32)));
	audit->lost = 0;
}

/* Whether one more is kept: else a program could have the older ones pushed out within moments. */
static gboolean may_keep(struct audit *audit, guint32 count)
{
	gint64 now = g_get_monotonic_time(), earned = (now - audit->refilled) / (REFILL_MS * (gint64)1000);
	audit->refilled += earned * REFILL_MS * 1000;
	audit->tokens = (guint)MIN(BURST, audit->tokens + earned);
	if (audit->tokens < 2) { // the last is for the record of what was lost
		audit->lost += count;
		return FALSE;
	}
	audit->tokens -= audit->lost > 0 ? 2 : 1;
	tell_lost(audit);
	return TRUE;
}

/* Only what is known of a record is taken over. */
static void keep_record(struct audit *audit, GVariant *record)
{
	static const char *const texts[] = {"app", "interface", "request", "key", "allow"};
	GVariantDict dict;
	gint64 time = g_get_real_time();
	gint32 pid = 0;
	guint32 count = 1;
	g_variant_lookup(record, "time", "x", &time);
	g_variant_lookup(record, "pid", "i", &pid);
	g_variant_lookup(record, "count", "u", &count);
	if (!may_keep(audit, count))
		return;
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "time", "x", time);
	g_variant_dict_insert(&dict, "pid", "i", pid);
	g_variant_dict_insert(&dict, "count", "u", count);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		const char *text = "";
		g_variant_lookup(record, texts[i], "&s", &text);
		insert_text(&dict, texts[i], text);
	}
	write_record(audit, g_variant_dict_end(&dict));
}

void audit_keep(struct audit *audit, GVariant *body)
{
	g_autoptr(GVariant) records = g_variant_lookup_value(body, "records", G_VARIANT_TYPE("aa{sv}"));
	gsize n = records ? g_variant_n_children(records) : 0;
	for (gsize i = 0; i < MIN(n, RECORDS_MAX); i++) {
		g_autoptr(GVariant) record = g_variant_get_child_value(records, i);
		keep_record(audit, record);
	}
}

void audit_tell(struct audit *audit, const char *app, const char *key, const char *text)
{
	if (may_keep(audit, 1))
		write_record(audit, own_record(app, key, text, 1));
}

void audit_free(struct audit *audit)
{
	if (!audit)
		return;
	tell_lost(audit);
	kept_close(&audit->file);
	g_free(audit->project);
	g_free(audit);
}
