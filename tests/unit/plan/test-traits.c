/* The traits that come with isolate: what each changes of a plan that has none, line by line. To accept a change:
 * ISOLATE_UPDATE_GOLDEN=1 meson test plan-traits, and read the difference. */
#include "plan-fixture.h"

#include <string.h>

static const char *const names[] = {"agent", "browser", "dev", "electron", "go", "jvm", "node", "python", "rust"};

static struct host *make_host(void)
{
	struct host *host = host_debian();
	const char *const dirs[] = {"/home/me/.sdkman/candidates/java", "/home/me/.jdks", "/home/me/sdk",
		"/home/me/.rustup", "/home/me/.cargo/bin"};
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++)
		host_add_dir(host, dirs[i]);
	host_add_git(host, "/home/me/first", "/home/me/first/.git", HOST_DIR);
	return host;
}

/* The plan as text, with the traits' own folder in place of where the sources are. */
static char *plan_text(const char *traits)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_autofree char *text = g_strdup_printf("[Project]\nTraits=%s\n[Files]\nShare=~/first\n", traits);
	fixture_write(&fixture, "user/projects/first.conf", text);
	g_free(fixture.dirs->system_data);
	fixture.dirs->system_data = g_strdup(SHIPPED);
	autoproject struct project *project = fixture_load(&fixture);
	autohost struct host *host = make_host();
	GError *error = NULL;
	autoplan struct plan *plan = plan_build(project, host, &error);
	g_assert_no_error(error);
	g_autoptr(GString) out = g_string_new(NULL);
	plan_print(plan, out);
	g_string_replace(out, SHIPPED, "@", 0);
	g_string_replace(out, fixture.root, "@", 0);
	fixture_finish(&fixture);
	return g_strdup(out->str);
}

static void append_missing(GString *out, const char *sign, char **lines, char **others)
{
	for (char **line = lines; *line; line++)
		if (!g_strv_contains((const char *const *)others, *line))
			g_string_append_printf(out, "%s%s\n", sign, *line);
}

static void test_trait(gconstpointer name)
{
	g_autofree char *without = plan_text(""), *with = plan_text(name);
	g_auto(GStrv) before = g_strsplit(without, "\n", -1), after = g_strsplit(with, "\n", -1);
	g_autoptr(GString) change = g_string_new(NULL);
	append_missing(change, "-", before, after);
	append_missing(change, "+", after, before);
	g_autofree char *path = g_strdup_printf("%s/trait-%s.txt", GOLDEN, (const char *)name);
	if (g_getenv("ISOLATE_UPDATE_GOLDEN"))
		g_assert_true(g_file_set_contents(path, change->str, -1, NULL));
	g_autofree char *golden = NULL;
	g_assert_true(g_file_get_contents(path, &golden, NULL, NULL));
	g_assert_cmpstr(change->str, ==, golden);
}

/* Each alone, and all in one project; no file without a test. */
static void test_all(void)
{
	g_autoptr(GDir) dir = g_dir_open(SHIPPED "/traits", 0, NULL);
	guint n = 0;
	const char *file;
	while ((file = g_dir_read_name(dir)))
		n += g_str_has_suffix(file, ".conf");
	g_assert_cmpuint(n, ==, G_N_ELEMENTS(names));
	g_autofree char *all = plan_text("agent;browser;dev;electron;go;jvm;node;python;rust");
	g_assert_nonnull(strstr(all, "nested sandbox  yes"));
	g_assert_nonnull(strstr(all, "Clipboard = private"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *name = g_strdup_printf("/plan/traits/%s", names[i]);
		g_test_add_data_func(name, names[i], test_trait);
	}
	g_test_add_func("/plan/traits/all", test_all);
	return g_test_run();
}
