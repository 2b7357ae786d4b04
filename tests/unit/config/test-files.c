/* What may be read as configuration at all. */
#include "fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *project_path(const struct fixture *fixture)
{
	fixture_write(fixture, "user/projects/first.conf", "[Project]\nTitle=T\n");
	return g_build_filename(fixture->root, "user/projects/first.conf", NULL);
}

static void assert_error(const struct fixture *fixture, const char *said)
{
	g_autofree char *got = fixture_error(fixture);
	g_assert_cmpstr(got, ==, said);
}

static void test_writable_by_all(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_autofree char *path = project_path(&fixture);
	g_assert_no_errno(chmod(path, 0666));
	assert_error(&fixture, "@/user/projects/first.conf: everybody can write it: chmod o-w");
	g_assert_no_errno(chmod(path, 0664));
	autoproject struct project *project = fixture_load(&fixture);
	g_assert_cmpstr(project_text(project, CONFIG_TITLE), ==, "T");
	fixture_finish(&fixture);
}

static void test_other_kinds(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_autofree char *path = project_path(&fixture);
	g_assert_no_errno(g_unlink(path));
	g_assert_no_errno(mkfifo(path, 0600));
	assert_error(&fixture, "@/user/projects/first.conf: not a regular file");
	g_assert_no_errno(g_unlink(path));
	g_assert_no_errno(g_mkdir(path, 0700));
	assert_error(&fixture, "@/user/projects/first.conf: not a regular file");
	fixture_finish(&fixture);
}

static void test_link_is_followed(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_autofree char *path = project_path(&fixture);
	fixture_write(&fixture, "dotfiles/first.conf", "[Project]\nTitle=Linked\n");
	g_assert_no_errno(g_unlink(path));
	g_assert_no_errno(symlink("../../dotfiles/first.conf", path));
	autoproject struct project *project = fixture_load(&fixture);
	g_assert_cmpstr(project_text(project, CONFIG_TITLE), ==, "Linked");
	fixture_finish(&fixture);
}

static void test_too_long(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_autofree char *path = project_path(&fixture);
	g_assert_no_errno(truncate(path, 1024 * 1024));
	assert_error(&fixture, "@/user/projects/first.conf: longer than 256 KiB");
	g_assert_no_errno(truncate(path, 100));
	assert_error(&fixture, "@/user/projects/first.conf: not a text in UTF-8"); // NULs
	fixture_finish(&fixture);
}

static void test_line_ends(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(
		&fixture, "user/projects/first.conf", "  [Project]  \r\n  Title = a b \r\n\r\n# c\r\nColor=#000000");
	autoproject struct project *project = fixture_load(&fixture);
	g_assert_cmpstr(project_text(project, CONFIG_TITLE), ==, "a b");
	g_assert_cmpstr(project_text(project, CONFIG_COLOR), ==, "#000000");
	fixture_finish(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/files/writable", test_writable_by_all);
	g_test_add_func("/config/files/kinds", test_other_kinds);
	g_test_add_func("/config/files/link", test_link_is_followed);
	g_test_add_func("/config/files/long", test_too_long);
	g_test_add_func("/config/files/ends", test_line_ends);
	return g_test_run();
}
