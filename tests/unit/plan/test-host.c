/* What is looked up on a real host, with XDG folders of the test's own. */
#include "plan-fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* One for all tests: GLib looks at the variables once. */
static struct place {
	struct fixture fixture;
	char *root;
} place;

static void set_up(void)
{
	static const char *const variables[][2] = {
		{"XDG_CONFIG_HOME", "config"},
		       {"XDG_DATA_HOME",	 "data"  },
		  {"XDG_STATE_HOME",  "state" },
		{"XDG_RUNTIME_DIR", "run"	 }
	  };
	fixture_init(&place.fixture);
	place.root = place.fixture.root;
	for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
		g_autofree char *path = g_build_filename(place.root, variables[i][1], NULL);
		g_assert_true(g_setenv(variables[i][0], path, TRUE));
	}
}

static void link_to(const char *name, const char *target)
{
	g_autofree char *path = g_build_filename(place.root, name, NULL);
	g_autofree char *folder = g_path_get_dirname(path);
	g_assert_no_errno(g_mkdir_with_parents(folder, 0700));
	g_assert_no_errno(symlink(target, path));
}

static struct host *gather(const char *lines)
{
	g_autofree char *text = g_strdup_printf("[Files]\nShare=%s/%s\n", place.root, lines);
	fixture_write(&place.fixture, "user/projects/first.conf", text);
	autoproject struct project *project = fixture_load(&place.fixture);
	GError *error = NULL;
	struct host *host = host_gather(project, &error);
	g_assert_no_error(error);
	return host;
}

static const struct host_path *looked_up(const struct host *host, const char *name)
{
	g_autofree char *path = g_build_filename(place.root, name, NULL);
	const struct host_path *found = host_path(host, path);
	g_assert_nonnull(found);
	return found;
}

static void assert_links(const struct host_path *path, const char *const *names)
{
	guint n = g_strv_length((char **)names);
	g_assert_cmpuint(path->links ? path->links->len : 0, ==, n);
	for (guint i = 0; i < n; i++) {
		g_autofree char *link = g_build_filename(place.root, names[i], NULL);
		g_assert_cmpstr(path->links->pdata[i], ==, link);
	}
}

static void test_links(void)
{
	fixture_write(&place.fixture, "real/deep/file", "");
	link_to("a/one", "../b/two/deep");
	link_to("b/two", "../real");
	autohost struct host *host = gather("a/one");
	const struct host_path *found = looked_up(host, "a/one");
	g_assert_cmpint(found->kind, ==, HOST_DIR);
	g_assert_true(g_str_has_suffix(found->resolved, "/real/deep"));
	assert_links(found, (const char *const[]){"a/one", "b/two", NULL});
	autohost struct host *plain = gather("real/deep");
	assert_links(looked_up(plain, "real/deep"), (const char *const[]){NULL});
	g_assert_cmpuint(plain->writable->len, ==, 0);
}

static void test_loop(void)
{
	link_to("loop/a", "b");
	link_to("loop/b", "a");
	autohost struct host *host = gather("loop/a");
	g_assert_cmpint(looked_up(host, "loop/a")->kind, ==, HOST_MISSING);
}

static void test_writable_of_others(void)
{
	fixture_write(&place.fixture, "shared/file", "");
	link_to("link", "shared");
	g_autofree char *other = g_strdup_printf("[Files]\nShare=%s/shared\nReadOnly=/srv\n", place.root);
	fixture_write(&place.fixture, "config/isolate/projects/other.conf", other);
	fixture_write(&place.fixture, "config/isolate/projects/broken.conf", "[Nonsense]\n");
	autohost struct host *host = gather("link");
	g_assert_cmpuint(host->writable->len, ==, 1);
	const struct host_writable *writable = host->writable->pdata[0];
	g_assert_cmpstr(writable->project, ==, "other");
	g_assert_true(g_str_has_suffix(writable->path, "/shared"));
}

/* Configuration that links lead to elsewhere is known by its real place. */
static void test_own(void)
{
	fixture_write(&place.fixture, "dotfiles/x.conf", "");
	link_to("config/isolate/traits/x.conf", "../../../dotfiles/x.conf");
	autohost struct host *host = gather("dotfiles");
	gboolean found = FALSE;
	for (guint i = 0; i < host->own->len; i++)
		found |= g_str_has_suffix(host->own->pdata[i], "/dotfiles/x.conf");
	g_assert_true(found);
	g_assert_true(g_str_has_suffix(host->runtime, "/run/isolate"));
}

/* What is not in the file, the name service knows: getent says the same of whom both know. */
static void test_account(void)
{
	static const char *const files[][2] = {
		{"/etc/passwd", "passwd"},
		   {"/etc/group",  "group" }
	  };
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_auto(GStrv) read = host_account(files[i][0], files[i][1], 0);
		g_auto(GStrv) asked = host_account("/nonexistent", files[i][1], 0);
		g_assert_nonnull(read);
		g_assert_nonnull(asked);
		g_assert_cmpstr(read[0], ==, "root");
		g_assert_true(g_strv_equal((const char *const *)read, (const char *const *)asked));
		g_assert_null(host_account(files[i][0], files[i][1], 4000000000u));
	}
	g_autofree char *odd = g_build_filename(place.root, "accounts", NULL);
	g_assert_true(g_file_set_contents(odd, "\n:\n::\nshort:x\na:x:12345:\nb:x:12345:\n:x:+7:\n", -1, NULL));
	g_auto(GStrv) first = host_account(odd, "group", 12345);
	g_assert_nonnull(first);
	g_assert_cmpstr(first[0], ==, "a");
	g_assert_null(host_account(odd, "group", 4000000001u));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	set_up();
	g_test_add_func("/plan/host/links", test_links);
	g_test_add_func("/plan/host/loop", test_loop);
	g_test_add_func("/plan/host/writable", test_writable_of_others);
	g_test_add_func("/plan/host/own", test_own);
	g_test_add_func("/plan/host/account", test_account);
	int status = g_test_run();
	fixture_finish(&place.fixture);
	return status;
}
