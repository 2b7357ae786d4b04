/* What a container is given is opened once, and its mount points are made, without following what a container wrote. */
#include "error.h"
#include "fd.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static char *path_of(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

static void make_link(const char *target, const char *name)
{
	g_autofree char *path = path_of(name);
	g_assert_cmpint(symlink(target, path), ==, 0);
}

static void make_folder(const char *name)
{
	g_autofree char *path = path_of(name);
	g_assert_cmpint(g_mkdir_with_parents(path, 0700), ==, 0);
}

static int open_as(const char *name, unsigned flags, gboolean *directory, GError **error)
{
	g_autofree char *path = path_of(name);
	struct plan_op op = {.type = PLAN_OP_BIND,
		.flags = flags,
		.source = path,
		.dest = "/dest",
		.reason = "test.conf:1: [Files] Share"};
	return source_open(&op, directory, error);
}

static void test_open(void)
{
	gboolean directory = FALSE;
	g_autoptr(GError) error = NULL;
	make_folder("real/inner");
	make_link("real", "link");
	make_link("/proc/self/root", "magic");
	autofd plain = open_as("real/inner", 0, &directory, &error);
	g_assert_no_error(error);
	g_assert_cmpint(plain, >=, 0);
	g_assert_true(directory);
	g_assert_cmpint(fcntl(plain, F_GETFL) & O_PATH, !=, 0);

	g_assert_cmpint(open_as("link/inner", 0, &directory, &error), <, 0);
	g_assert_error(error, ISOLATE_ERROR, ISOLATE_ERROR_FAILED);
	g_assert_nonnull(strstr(error->message, "symbolic link"));
	g_assert_nonnull(strstr(error->message, "test.conf:1: [Files] Share"));
	g_clear_error(&error);

	g_assert_cmpint(open_as("magic/etc", 0, &directory, &error), <, 0);
	g_assert_nonnull(error);
}

static void test_missing(void)
{
	gboolean directory = FALSE;
	g_autoptr(GError) error = NULL;
	g_assert_cmpint(open_as("missing", PLAN_OPTIONAL, &directory, &error), <, 0);
	g_assert_no_error(error);
	autofd own = open_as("own/folder", PLAN_OWN, &directory, &error);
	g_assert_no_error(error);
	g_assert_cmpint(own, >=, 0);
	struct stat st;
	g_assert_cmpint(fstat(own, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0700);
	g_assert_cmpint(open_as("missing", 0, &directory, &error), <, 0);
	g_assert_nonnull(strstr(error->message, "missing"));
}

/* What is opened stays what it is when its name gets another meaning. */
static void test_swapped(void)
{
	gboolean directory = FALSE;
	g_autoptr(GError) error = NULL;
	make_folder("before");
	struct stat st, opened;
	g_autofree char *before = path_of("before"), *after = path_of("after");
	g_assert_cmpint(stat(before, &st), ==, 0);
	autofd fd = open_as("before", 0, &directory, &error);
	g_assert_cmpint(rename(before, after), ==, 0);
	make_link("/", "before");
	g_assert_cmpint(fstat(fd, &opened), ==, 0);
	g_assert_cmpuint(opened.st_ino, ==, st.st_ino);
}

static gboolean make_point(const char *home, const char *path, gboolean directory, GError **error)
{
	g_autofree char *whole = path_of(home);
	autofd fd = open(whole, O_PATH | O_DIRECTORY | O_CLOEXEC);
	g_assert_cmpint(fd, >=, 0);
	return source_make_mount_point(fd, path, directory, "/home/me", error);
}

static void test_mount_points(void)
{
	g_autoptr(GError) error = NULL;
	make_folder("home");
	g_assert_true(make_point("home", "/Projects/first", TRUE, &error));
	g_assert_true(make_point("home", "/Projects/first", TRUE, &error));
	g_assert_true(make_point("home", "/.config/file.conf", FALSE, &error));
	g_assert_true(make_point("home", "/.config/file.conf", FALSE, &error));
	g_assert_no_error(error);
	g_autofree char *made = path_of("home/Projects/first"), *file = path_of("home/.config/file.conf");
	g_assert_true(g_file_test(made, G_FILE_TEST_IS_DIR));
	g_assert_true(g_file_test(file, G_FILE_TEST_IS_REGULAR));
}

static void test_blocked_mount_points(void)
{
	static const struct {
		const char *path;
		gboolean directory;
		const char *said;
	} tries[] = {
		{"/out/x",	   TRUE,
			"/home/me/out is in the way of a mount: it was made inside the container and is a symbolic "
			"link"			       },
		{"/out",	 TRUE,  "/home/me/out is"	},
		{"/deep/out/x", TRUE,  "/home/me/deep/out is"},
		{"/out",	 FALSE, "/home/me/out is"	 },
		{"/self/x",	    TRUE,  "a symbolic link"	   },
		{"/dangling",   FALSE, "a symbolic link"     },
		{"/file/x",	    TRUE,  "no folder"	     },
		{"/folder",	    FALSE, "a folder"	     },
		{"/a/../b",	    TRUE,  "not a plain path"    },
	};
	make_folder("outside");
	make_folder("hostile/deep");
	make_folder("hostile/folder");
	g_autofree char *outside = path_of("outside"), *file = path_of("hostile/file");
	make_link(outside, "hostile/out");
	make_link("../../outside", "hostile/deep/out");
	make_link(".", "hostile/self");
	make_link("nowhere", "hostile/dangling");
	g_assert_true(g_file_set_contents(file, "x", 1, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(tries); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_false(make_point("hostile", tries[i].path, tries[i].directory, &error));
		g_assert_nonnull(error);
		g_test_message("%s: %s", tries[i].path, error->message);
		g_assert_nonnull(strstr(error->message, tries[i].said));
	}
	g_assert_cmpint(g_rmdir(outside), ==, 0); // is empty
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("isolate-source-XXXXXX", NULL);
	g_assert_nonnull(folder);
	g_test_add_func("/source/open", test_open);
	g_test_add_func("/source/missing", test_missing);
	g_test_add_func("/source/swapped", test_swapped);
	g_test_add_func("/source/mount-points", test_mount_points);
	g_test_add_func("/source/blocked-mount-points", test_blocked_mount_points);
	int status = g_test_run();
	g_autofree char *remove = g_strdup_printf("rm -rf -- %s", folder);
	g_assert_cmpint(system(remove), ==, 0);
	g_free(folder);
	return status;
}
