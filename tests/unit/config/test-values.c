#include "value.h"

static void assert_path(const char *text, const char *source, const char *dest)
{
	g_autofree char *got_dest = NULL, *reason = NULL;
	g_autofree char *got = value_normal(config_row(CONFIG_SHARE), text, "/home/me", &got_dest, &reason);
	g_assert_cmpstr(got, ==, source);
	g_assert_cmpstr(got_dest, ==, dest);
	g_assert_true((got != NULL) != (reason != NULL));
}

static void test_paths(void)
{
	assert_path("/a", "/a", "/a");
	assert_path("/a//b/", "/a/b", "/a/b");
	assert_path("~", "/home/me", "/home/me");
	assert_path("~/", "/home/me", "/home/me");
	assert_path("~/a b", "/home/me/a b", "/home/me/a b");
	assert_path("/a:/b", "/a", "/b");
	assert_path("~/a:~/b/", "/home/me/a", "/home/me/b");
	assert_path("/a:b", "/a:b", "/a:b");
	assert_path("/a:b:/c", "/a:b", "/c");
	assert_path("/--bind", "/--bind", "/--bind");
	assert_path("/a=b;%s\"'$(x)", "/a=b;%s\"'$(x)", "/a=b;%s\"'$(x)");
	assert_path("", NULL, NULL);
	assert_path("a", NULL, NULL);
	assert_path("--bind", NULL, NULL);
	assert_path("~x", NULL, NULL);
	assert_path("/a/..", NULL, NULL);
	assert_path("/./a", NULL, NULL);
	assert_path("/a:~x", NULL, NULL);
	assert_path("/a\nb", NULL, NULL);
	assert_path("/a\xe2\x80\xae", NULL, NULL); // right-to-left override
}

static void test_durations(void)
{
	g_assert_cmpint(value_duration("0"), ==, 0);
	g_assert_cmpint(value_duration("30s"), ==, 30000);
	g_assert_cmpint(value_duration("250ms"), ==, 250);
	g_assert_cmpint(value_duration("5m"), ==, 300000);
	g_assert_cmpint(value_duration("5min"), ==, 300000);
	g_assert_cmpint(value_duration("9999999h"), ==, G_GINT64_CONSTANT(9999999) * 3600000);
	g_assert_cmpint(value_duration("forever"), ==, -1);
	const char *const wrong[] = {"", "30", "-1s", "1.5s", "s", "99999999s", "30 s", "30S", " 30s"};
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		g_assert_cmpint(value_duration(wrong[i]), ==, -2);
}

static void test_names(void)
{
	g_assert_null(value_hostname("a-1"));
	g_assert_nonnull(value_hostname("-a"));
	g_assert_nonnull(value_hostname("a-"));
	g_assert_nonnull(value_hostname(""));
	g_assert_nonnull(value_hostname("a\n"));
	g_assert_null(value_variable("_JAVA_OPTIONS"));
	g_assert_nonnull(value_variable("1A"));
	g_assert_nonnull(value_variable("A=B"));
	g_assert_nonnull(value_variable(""));
	g_assert_nonnull(value_variable("DBUS_SESSION_BUS_ADDRESS"));
	g_assert_null(value_color("#00ffAA"));
	g_assert_nonnull(value_color("#00ffAAb"));
	g_assert_nonnull(value_color("00ffAA"));
}

/* The table names each key once, and every default is a value that it would accept. */
static void test_table(void)
{
	for (int i = 0; i < CONFIG_N_KEYS; i++) {
		const struct config_row *row = config_row((enum config_key)i);
		g_assert_nonnull(row->key);
		g_assert_cmpint(config_find(row->group, row->key), ==, i);
		g_assert_true(row->type != CONFIG_CHOICE || row->values);
		if (!row->initial)
			continue;
		g_auto(GStrv) parts = g_strsplit(row->initial, ";", -1);
		for (char **part = parts; *part; part++) {
			g_autofree char *reason = NULL, *dest = NULL;
			g_autofree char *value = value_normal(row, *part, "/home/me", &dest, &reason);
			g_assert_cmpstr(value, ==, *part);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/values/paths", test_paths);
	g_test_add_func("/config/values/durations", test_durations);
	g_test_add_func("/config/values/names", test_names);
	g_test_add_func("/config/values/table", test_table);
	return g_test_run();
}
