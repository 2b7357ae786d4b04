/* The menu follows the projects; nothing that is not ours is touched, nothing is written twice. */
#include "desktop.h"

#include "project-fixture.h"
#include "seal.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND "/usr/bin/isolate"

static char *path_of(const char *name)
{
	return g_build_filename(home, "data/applications", name, NULL);
}

/* Syncs, and returns what was done as "kind file", in order, with kinds W R U K M O X. */
static char *run(const char *name, const char *text, gboolean look_only)
{
	autoproject struct project *project = project_of(name, text);
	g_autoptr(GPtrArray) done = desktop_entries_new();
	g_autoptr(GError) error = NULL;
	if (look_only)
		desktop_list(project, COMMAND, done, &error);
	else
		desktop_sync(project, COMMAND, done, &error);
	g_assert_no_error(error);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < done->len; i++) {
		const struct desktop_entry *entry = done->pdata[i];
		g_autofree char *base = g_path_get_basename(entry->path);
		g_assert_cmpint(entry->kind == DESKTOP_KEPT, ==, entry->reason != NULL);
		g_string_append_printf(out, "%s%c %s", i ? ", " : "", "UWRKMOX"[entry->kind], base);
	}
	return g_string_free(out, FALSE);
}

static void assert_sync(const char *text, const char *expected)
{
	g_autofree char *done = run("first", text, FALSE);
	g_assert_cmpstr(done, ==, expected);
}

static void assert_list(const char *text, const char *expected)
{
	g_autofree char *done = run("first", text, TRUE);
	g_assert_cmpstr(done, ==, expected);
}

static void clear(void)
{
	g_autofree char *folder = path_of("");
	const char *remove[] = {"rm", "-rf", folder, NULL};
	g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static void test_follows(void)
{
	clear();
	assert_list("[App a]\nIcon=i\n", "M isolate.first.a.desktop");
	assert_sync("[App a]\nIcon=i\n", "W isolate.first.a.desktop");
	g_autofree char *path = path_of("isolate.first.a.desktop");
	struct stat before, after;
	g_assert_cmpint(stat(path, &before), ==, 0);
	g_assert_cmpuint(before.st_mode & 07777, ==, 0644);
	assert_sync("[App a]\nIcon=i\n", "U isolate.first.a.desktop");
	g_assert_cmpint(stat(path, &after), ==, 0);
	g_assert_cmpuint(before.st_ino, ==, after.st_ino);
	assert_list("[App a]\nName=New\n[App b]\nIcon=i\n", "O isolate.first.a.desktop, M isolate.first.b.desktop");
	assert_sync("[App a]\nName=New\n[App b]\nIcon=i\n", "W isolate.first.a.desktop, W isolate.first.b.desktop");
	assert_list("[App b]\nIcon=i\n", "U isolate.first.b.desktop, X isolate.first.a.desktop");
	assert_sync("[App b]\nIcon=i\n", "U isolate.first.b.desktop, R isolate.first.a.desktop");
	assert_sync("[Project]\n", "R isolate.first.b.desktop");
	g_autofree char *folder = path_of("");
	g_assert_cmpint(rmdir(folder), ==, 0); // nothing is left, no temporary file either
}

static void test_edited(void)
{
	clear();
	assert_sync("[App a]\nIcon=i\n", "W isolate.first.a.desktop");
	g_autofree char *path = path_of("isolate.first.a.desktop"), *content = NULL, *still = NULL;
	g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
	g_autofree char *edited = g_strconcat(content, "NoDisplay=true\n", NULL);
	g_assert_true(g_file_set_contents(path, edited, -1, NULL));
	assert_sync("[App a]\nName=Other\n", "K isolate.first.a.desktop");
	assert_sync("[Project]\n", "K isolate.first.a.desktop");
	g_assert_true(g_file_get_contents(path, &still, NULL, NULL));
	g_assert_cmpstr(still, ==, edited);
}

static void test_foreign(void)
{
	clear();
	put_text("data/applications/isolate.first.a.desktop", "[Desktop Entry]\nType=Application\nName=Mine\nExec=x\n");
	assert_sync("[App a]\nIcon=i\n", "K isolate.first.a.desktop");
	assert_sync("[Project]\n", "");
	g_autofree char *path = path_of("isolate.first.a.desktop");
	g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));

	// A link is somebody's too: neither followed nor replaced.
	g_autofree char *link = path_of("isolate.first.b.desktop"), *target = g_build_filename(home, "target", NULL);
	put_text("target", "untouched");
	g_assert_cmpint(symlink(target, link), ==, 0);
	assert_sync("[App b]\nIcon=i\n", "K isolate.first.b.desktop");
	g_autofree char *content = NULL;
	g_assert_true(g_file_get_contents(target, &content, NULL, NULL));
	g_assert_cmpstr(content, ==, "untouched");
	g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
	g_autofree char *fifo = path_of("isolate.first.c.desktop"), *dir = path_of("isolate.first.d.desktop");
	g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
	g_assert_cmpint(g_mkdir(dir, 0700), ==, 0);
	assert_sync("[App c]\nIcon=i\n[App d]\nIcon=i\n", "K isolate.first.c.desktop, K isolate.first.d.desktop");
}

/* A link where the temporary file goes is removed, not written through. */
static void test_temporary(void)
{
	clear();
	put_text("target", "untouched");
	put_text("data/applications/x", "");
	g_autofree char *link = path_of(".isolate.first.a.desktop.new"),
			*target = g_build_filename(home, "target", NULL);
	g_assert_cmpint(symlink(target, link), ==, 0);
	assert_sync("[App a]\nIcon=i\n", "W isolate.first.a.desktop");
	g_autofree char *content = NULL, *path = path_of("isolate.first.a.desktop");
	g_assert_true(g_file_get_contents(target, &content, NULL, NULL));
	g_assert_cmpstr(content, ==, "untouched");
	g_assert_false(g_file_test(path, G_FILE_TEST_IS_SYMLINK));
	g_assert_false(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
}

static void test_other_projects(void)
{
	clear();
	g_free(run("first", "[App a]\nIcon=i\n", FALSE));
	g_free(run("firstly", "[App a]\nIcon=i\n[App b.c]\nIcon=i\n", FALSE));
	g_free(run("other", "[App a]\nIcon=i\n", FALSE));
	assert_sync("[Project]\n", "R isolate.first.a.desktop");
	g_autoptr(GPtrArray) done = desktop_entries_new(), names = g_ptr_array_new();
	g_ptr_array_add(names, (char *)"other");
	g_autoptr(GError) error = NULL;
	put_text("data/applications/isolate.gone.a.desktop", "foreign");
	put_text("data/applications/isolate.desktop", "foreign");
	g_assert_true(desktop_prune(names, FALSE, done, &error));
	g_assert_cmpuint(done->len, ==, 2);
	g_assert_cmpstr(((struct desktop_entry *)done->pdata[0])->project, ==, "firstly");
	g_autofree char *left = path_of("isolate.other.a.desktop"), *foreign = path_of("isolate.gone.a.desktop");
	g_assert_true(g_file_test(left, G_FILE_TEST_EXISTS));
	g_assert_true(g_file_test(foreign, G_FILE_TEST_EXISTS));
	g_ptr_array_set_size(done, 0);
	g_assert_true(desktop_remove("other", done, &error));
	g_assert_cmpuint(done->len, ==, 1);
	g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
}

/* Killed at any moment: the next run makes it right, and no menu ever saw half an entry. */
static void test_killed(void)
{
	clear();
	GString *few = g_string_new(NULL), *many = g_string_new(NULL);
	for (int i = 0; i < 20; i++) {
		g_string_append_printf(few, "[App a%d]\nName=x\n", i);
		g_string_append_printf(many, "[App a%d]\nName=Longer name %d\n", i, i);
	}
	for (int round = 0; round < 30; round++) {
		pid_t pid = fork();
		if (pid == 0) {
			for (;;) {
				g_free(run("first", few->str, FALSE));
				g_free(run("first", many->str, FALSE));
			}
		}
		g_usleep((gulong)(round * 700));
		kill(pid, SIGKILL);
		g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
		g_autofree char *folder = path_of("");
		g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
		for (const char *name; dir && (name = g_dir_read_name(dir));) {
			g_autofree char *content = NULL, *path = path_of(name);
			if (*name != '.' && g_file_get_contents(path, &content, NULL, NULL) &&
				!seal_holds(name, content))
				g_error("%s is half an entry", name);
		}
	}
	g_autofree char *done = run("first", few->str, FALSE), *again = run("first", few->str, FALSE);
	g_assert_null(strchr(done, 'K'));
	g_assert_null(strchr(again, 'W'));
	g_free(run("first", "[Project]\n", FALSE));
	g_autofree char *left = path_of(".isolate.first.a0.desktop.new"), *path = path_of("isolate.first.a0.desktop");
	g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	g_string_free(few, TRUE);
	g_string_free(many, TRUE);
}

int main(int argc, char **argv)
{
	home_make();
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sync/follows", test_follows);
	g_test_add_func("/sync/edited", test_edited);
	g_test_add_func("/sync/foreign", test_foreign);
	g_test_add_func("/sync/temporary", test_temporary);
	g_test_add_func("/sync/other-projects", test_other_projects);
	g_test_add_func("/sync/killed", test_killed);
	int status = g_test_run();
	home_remove();
	return status;
}
