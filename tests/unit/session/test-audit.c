/* What is kept of denials: every one is counted, no flood of them fills the disk or pushes the older ones out within
 * moments, and no text of a record is more than text. */
#include "audit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *folder;

static char *path_of(const char *project, const char *name)
{
	return g_build_filename(folder, "isolate", project, name, NULL);
}

static GVariant *message(const char *app, guint32 count)
{
	GVariantDict record, body;
	GVariantBuilder list;
	g_variant_dict_init(&record, NULL);
	g_variant_dict_insert(&record, "time", "x", G_GINT64_CONSTANT(1700000000000000));
	g_variant_dict_insert(&record, "pid", "i", 7);
	g_variant_dict_insert(&record, "app", "s", app);
	g_variant_dict_insert(&record, "key", "s", "Clipboard");
	g_variant_dict_insert(&record, "count", "u", count);
	g_variant_dict_insert(&record, "planted", "s", "by the proxy");
	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	g_variant_builder_add_value(&list, g_variant_dict_end(&record));
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert_value(&body, "records", g_variant_builder_end(&list));
	return g_variant_ref_sink(g_variant_dict_end(&body));
}

/* The lines of a file, each of which is a record. */
static GPtrArray *records_of(const char *path)
{
	g_autofree char *text = NULL;
	GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return records;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_autoptr(GError) error = NULL;
		if (!**line)
			continue;
		GVariant *record = g_variant_parse(G_VARIANT_TYPE_VARDICT, *line, NULL, NULL, &error);
		g_assert_no_error(error);
		g_ptr_array_add(records, record);
	}
	return records;
}

static guint64 total(const GPtrArray *records)
{
	guint64 sum = 0;
	for (guint i = 0; i < records->len; i++) {
		guint32 count = 0;
		g_assert_true(g_variant_lookup(records->pdata[i], "count", "u", &count));
		sum += count;
	}
	return sum;
}

static void test_flood(void)
{
	struct audit *audit = audit_new("flood");
	for (int i = 0; i < 20000; i++) {
		g_autofree char *app = g_strdup_printf("program-%d", i);
		g_autoptr(GVariant) body = message(app, 3);
		audit_keep(audit, body);
	}
	audit_free(audit);
	g_autofree char *path = path_of("flood", AUDIT_FILE), *old = path_of("flood", AUDIT_FILE_OLD);
	g_autoptr(GPtrArray) records = records_of(path);
	g_assert_cmpuint(total(records), ==, 60000);
	g_assert_cmpuint(records->len, >, 200);
	g_assert_cmpuint(records->len, <, 300);
	g_assert_false(g_file_test(old, G_FILE_TEST_EXISTS));
}

static void test_text(void)
{
	static const char *const names[] = {
		"a\nb", "\033]2;x\007", "\xe2\x80\xae", "'}>\n{'app': <'x'>}", "\"", "\\", "ä"};
	struct audit *audit = audit_new("text");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GVariant) body = message(names[i], 1);
		audit_keep(audit, body);
		audit_tell(audit, names[i], "Clipboard", names[i]);
	}
	g_autofree char *long_name = g_strnfill(100000, 'x');
	g_autoptr(GVariant) body = message(long_name, 1);
	audit_keep(audit, body);
	audit_free(audit);
	g_autofree char *path = path_of("text", AUDIT_FILE);
	g_autoptr(GPtrArray) records = records_of(path);
	g_assert_cmpuint(records->len, ==, 2 * G_N_ELEMENTS(names) + 1);
	struct stat st;
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpint(st.st_size, <, 10000);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
	for (guint i = 0; i < records->len; i++) {
		const char *app = NULL;
		g_assert_true(g_variant_lookup(records->pdata[i], "app", "&s", &app));
		g_assert_null(strpbrk(app, "\n\033"));
		g_assert_false(g_variant_lookup(records->pdata[i], "planted", "&s", &app));
	}
}

/* What is of another shape than it should be is passed over. */
static void test_shapes(void)
{
	static const char *const bodies[] = {"@a{sv} {}", "{'records': <5>}", "{'records': <@aa{sv} []>}",
		"{'records': <[{'app': <5>, 'count': <'x'>, 'time': <'now'>}]>}", "{'records': <['x']>}"};
	struct audit *audit = audit_new("shapes");
	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		g_autoptr(GVariant) body = g_variant_parse(G_VARIANT_TYPE_VARDICT, bodies[i], NULL, NULL, NULL);
		g_assert_nonnull(body);
		audit_keep(audit, body);
	}
	audit_free(audit);
	g_autofree char *path = path_of("shapes", AUDIT_FILE);
	g_autoptr(GPtrArray) records = records_of(path);
	g_assert_cmpuint(total(records), ==, 1);
}

/* A disk that is full: said once, and it goes on when there is room. */
static void test_full(void)
{
	struct audit *audit = audit_new("full");
	g_autofree char *path = path_of("full", AUDIT_FILE);
	g_autoptr(GVariant) body = message("x", 1);
	g_assert_cmpint(g_mkdir_with_parents(path, 0700), ==, 0); // a folder in the file's place
	audit_keep(audit, body);
	audit_keep(audit, body);
	g_assert_cmpint(g_rmdir(path), ==, 0);
	audit_keep(audit, body);
	audit_free(audit);
	g_autoptr(GPtrArray) records = records_of(path);
	g_assert_cmpuint(records->len, ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("isolate-audit-XXXXXX", NULL);
	g_setenv("XDG_STATE_HOME", folder, TRUE);
	g_test_add_func("/audit/flood", test_flood);
	g_test_add_func("/audit/text", test_text);
	g_test_add_func("/audit/shapes", test_shapes);
	g_test_add_func("/audit/full", test_full);
	return g_test_run();
}
