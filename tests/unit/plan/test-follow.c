/* follow() against realpath(3), on a tree with everything that may lie on a way. */
#include "follow.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *root;

static char *in_root(const char *name)
{
	return g_strconcat(root, *name ? "/" : "", name, NULL);
}

static void make(void)
{
	static const char *const folders[] = {"a", "a/b", "a/b/c", "other"};
	static const char *const links[][2] = {
		{"to-a",	 "a"	    },
		{"a/up",	 ".."	     },
		{"a/b/across",  "../../other" },
		{"absolute",    "/usr"	   },
		{"dangling",    "nothing/here"},
		{"loop",	 "loop"	       },
		{"to-file",	    "a/file"	    },
		{"other/chain", "../to-a"	 },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = in_root(folders[i]);
		g_assert_no_errno(g_mkdir(path, 0700));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autofree char *path = in_root(links[i][0]);
		g_assert_no_errno(symlink(links[i][1], path));
	}
	g_autofree char *file = in_root("a/file");
	g_assert_true(g_file_set_contents(file, "x", 1, NULL));
}

static const char *const names[] = {"", "a", "a/b/c", "to-a", "to-a/b", "to-a/up/a/b", "a/b/across",
	"a/b/across/chain/b/c", "absolute", "absolute/lib", "dangling", "dangling/more", "loop", "loop/more", "to-file",
	"to-file/below", "a/file", "missing", "missing/more", "a/missing", "to-a/missing/more", "a/./b", "a//b", "a/b/",
	"to-a/../other", "a/b/c/..", "."};

/* What realpath(3) says, and where it says nothing, of the parents. */
static void assert_followed(GHashTable *seen, const char *path)
{
	char real[PATH_MAX], target[PATH_MAX];
	const struct followed *found = follow(seen, path);
	g_autofree char *alone = follow_alone(path);
	ssize_t n = readlink(path, target, sizeof target);
	g_autofree char *link = n >= 0 ? g_strndup(target, (gsize)n) : NULL;
	struct stat st;
	g_test_message("%s leads to %s", path, found->resolved);
	g_assert_cmpstr(found->resolved, ==, alone);
	g_assert_cmpstr(found->link, ==, link);
	g_assert_cmpint(found->missing, ==, !realpath(path, real));
	if (found->missing)
		return;
	g_assert_cmpstr(found->resolved, ==, real);
	g_assert_no_errno(stat(path, &st));
	g_assert_cmpuint(found->st.st_ino, ==, st.st_ino);
	g_assert_cmpuint(found->st.st_mode, ==, st.st_mode);
}

static void test_each(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GHashTable) seen = follow_new();
		g_autofree char *path = in_root(names[i]);
		assert_followed(seen, path);
	}
}

/* In any order: what was seen before changes nothing. */
static void test_together(void)
{
	g_autoptr(GHashTable) forth = follow_new(), back = follow_new();
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = in_root(names[i]), *last = in_root(names[G_N_ELEMENTS(names) - 1 - i]);
		assert_followed(forth, path);
		assert_followed(back, last);
		assert_followed(back, last);
	}
}

static void test_top(void)
{
	g_autoptr(GHashTable) seen = follow_new();
	static const char *const paths[] = {"/", "//", "/.", "/usr", "/proc/self/exe", "/nonexistent"};
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
		assert_followed(seen, paths[i]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_autofree char *made = g_dir_make_tmp("isolate-test-XXXXXX", NULL);
	root = realpath(made, NULL);
	make();
	g_test_add_func("/follow/each", test_each);
	g_test_add_func("/follow/together", test_together);
	g_test_add_func("/follow/top", test_top);
	int status = g_test_run();
	g_autofree char *rm = g_strdup_printf("rm -rf '%s'", root);
	g_assert_cmpint(system(rm), ==, 0);
	free(root);
	return status;
}
