/* Nothing outside of a folder is touched when it is removed. */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *root;

static char *at(const char *name)
{
	return g_build_filename(root, name, NULL);
}

static void make(const char *name)
{
	g_autofree char *path = at(name), *folder = g_path_get_dirname(path);
	g_assert_no_errno(g_mkdir_with_parents(folder, 0700));
	g_assert_true(g_file_set_contents(path, "x", -1, NULL));
}

static void link_to(const char *name, const char *target)
{
	g_autofree char *path = at(name);
	g_assert_no_errno(symlink(target, path));
}

static gboolean exists(const char *name)
{
	g_autofree char *path = at(name);
	struct stat st;
	return lstat(path, &st) == 0;
}

static void test_links(void)
{
	make("outside/kept/file");
	make("home/a/b/c");
	make("home/.hidden");
	link_to("home/a/out", "../../outside");
	link_to("home/absolute", root);
	link_to("home/dangling", "/nonexistent/x");
	g_autofree char *home = at("home"), *fifo = at("home/fifo");
	g_assert_no_errno(mkfifo(fifo, 0600));
	GError *error = NULL;
	tree_remove(home, &error);
	g_assert_no_error(error);
	g_assert_false(exists("home"));
	g_assert_true(exists("outside/kept/file"));

	link_to("home", "outside"); // the folder itself: the link goes, what it leads to stays
	tree_remove(home, &error);
	g_assert_no_error(error);
	g_assert_false(exists("home"));
	g_assert_true(exists("outside/kept/file"));
	g_assert_true(tree_remove(home, &error)); // gone already
}

static void test_modes(void)
{
	make("home/closed/deep/file");
	g_autofree char *deep = at("home/closed/deep"), *closed = at("home/closed"), *home = at("home");
	g_assert_no_errno(chmod(deep, 0500));
	g_assert_no_errno(chmod(closed, 0));
	GError *error = NULL;
	tree_remove(home, &error);
	g_assert_no_error(error);
	g_assert_false(exists("home"));
}

static void test_deep(void)
{
	g_autoptr(GString) name = g_string_new("home");
	for (int i = 0; i < 500; i++)
		g_string_append(name, "/d");
	g_string_append(name, "/f");
	make(name->str);
	g_autofree char *home = at("home");
	GError *error = NULL;
	tree_remove(home, &error);
	g_assert_no_error(error);
	g_assert_false(exists("home"));
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		_exit(77);
}

/* In a child with a mount namespace of its own: 0 when the mount below is left alone and named. */
static int try_mount(void)
{
	g_autofree char *home = at("home"), *point = at("home/a/point"),
			*map = g_strdup_printf("%d %d 1", getuid(), getuid());
	if (getuid() != 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			return 77;
		write_file("/proc/self/uid_map", map);
	}
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	g_autofree char *outside = at("outside");
	if (mount(outside, point, NULL, MS_BIND, NULL) < 0)
		return 77;
	g_autoptr(GError) error = NULL;
	if (tree_remove(home, &error) || !strstr(error->message, "mounted"))
		return 1;
	return exists("outside/kept/file") ? 0 : 2;
}

static void test_mount(void)
{
	make("outside/kept/file");
	make("home/a/point/x");
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(try_mount());
	int status;
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	if (WEXITSTATUS(status) == 77)
		g_test_skip("no mount namespace can be made here");
	else
		g_assert_cmpint(status, ==, 0);
	g_assert_true(exists("outside/kept/file"));
	g_autofree char *home = at("home");
	g_assert_true(tree_remove(home, NULL));
}

static G_NORETURN void swap_for_ever(void)
{
	for (int i = 0;; i = (i + 1) % 10) {
		g_autofree char *from = g_strdup_printf("%s/home/d%d", root, i);
		g_autofree char *to = g_strdup_printf("%s/home/moved%d", root, i);
		g_autofree char *outside = at("outside");
		if (rename(from, to) == 0 && symlink(outside, from) < 0 && errno == ENOENT)
			_exit(0);
	}
}

/* Folders change to links while they are being removed. */
static void test_swapped_meanwhile(void)
{
	make("outside/kept/file");
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 10; i++) {
			g_autofree char *name = g_strdup_printf("home/d%d/x/f", i);
			make(name);
		}
		fflush(NULL);
		pid_t pid = fork();
		if (pid == 0)
			swap_for_ever();
		g_autofree char *home = at("home");
		tree_remove(home, NULL); // may lose the race, never more
		g_assert_no_errno(kill(pid, SIGKILL));
		waitpid(pid, NULL, 0);
		g_assert_true(exists("outside/kept/file"));
		g_assert_true(tree_remove(home, NULL));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	root = g_dir_make_tmp("isolate-tree-XXXXXX", NULL);
	g_test_add_func("/tree/links", test_links);
	g_test_add_func("/tree/modes", test_modes);
	g_test_add_func("/tree/deep", test_deep);
	g_test_add_func("/tree/mount", test_mount);
	g_test_add_func("/tree/swapped", test_swapped_meanwhile);
	int status = g_test_run();
	tree_remove(root, NULL);
	g_free(root);
	return status;
}
