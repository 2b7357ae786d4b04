/* Repositories in shares: found for real, protected in the plan. */
#include "git.h"
#include "plan-fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void assert_op(const struct plan *plan, const char *dest, enum plan_op_type type, guint flags)
{
	const struct plan_op *op = plan_op_at(plan, dest);
	g_assert_nonnull(op);
	g_assert_cmpint(op->type, ==, type);
	g_assert_cmpuint(op->flags, ==, flags);
}

static void add_repositories(struct host *host)
{
	host_add_git(host, "/home/me/first", "/home/me/first/.git", HOST_DIR);
	host_add_git(host, "/home/me/first", "/home/me/first/a/b/.git", HOST_FILE);
	host_add_dir(host, "/home/me/first/ro");
	host_add_git(host, "/home/me/first", "/home/me/first/ro/.git", HOST_DIR);
}

static void test_readonly(void)
{
	autohost struct host *host = host_debian();
	add_repositories(host);
	autoplan struct plan *plan = plan_of("[Files]\nShare=~/first:/work\nReadOnly=~/first/ro:/work/ro\n", host);
	assert_op(plan, "/work/.git", PLAN_OP_BIND, PLAN_READ_ONLY);
	g_assert_cmpstr(plan_op_at(plan, "/work/.git")->source, ==, "/home/me/first/.git");
	assert_op(plan, "/work/a", PLAN_OP_BIND, 0);
	assert_op(plan, "/work/a/b", PLAN_OP_BIND, 0);
	g_assert_cmpstr(plan_op_at(plan, "/work/a/b")->source, ==, "/home/me/first/a/b");
	assert_op(plan, "/work/a/b/.git", PLAN_OP_BIND, PLAN_READ_ONLY);
	g_assert_null(plan_op_at(plan, "/work/ro/.git")); // what it is in is read-only
	assert_op(plan, "/work/ro", PLAN_OP_BIND, PLAN_READ_ONLY);
}

static void test_hidden_and_full(void)
{
	autohost struct host *host = host_debian();
	add_repositories(host);
	autoplan struct plan *hidden = plan_of("[Files]\nShare=~/first\nGit=hidden\n", host);
	assert_op(hidden, "/home/me/first/.git", PLAN_OP_TMPFS, PLAN_READ_ONLY);
	assert_op(hidden, "/home/me/first/a/b/.git", PLAN_OP_FILE, PLAN_READ_ONLY);
	assert_op(hidden, "/home/me/first/a", PLAN_OP_BIND, 0);
	autoplan struct plan *full = plan_of("[Files]\nShare=~/first\nGit=full\n", host);
	g_assert_null(plan_op_at(full, "/home/me/first/.git"));
	g_assert_null(plan_op_at(full, "/home/me/first/a"));
}

/* A private copy in place of the folder, and the original read-only where the copy finds its objects. */
static void test_guard(void)
{
	autohost struct host *host = host_debian();
	add_repositories(host);
	autoplan struct plan *plan =
		plan_of("[Files]\nShare=~/first:/work\nReadOnly=~/first/ro:/work/ro\nGit=guard\n", host);
	assert_op(plan, "/work/.git", PLAN_OP_BIND, PLAN_GIT_GUARD);
	const struct plan_op *copy = plan_op_at(plan, "/work/.git");
	g_autofree char *name = g_path_get_basename(copy->source),
			*original = g_build_filename(PLAN_GIT_DIR, name, NULL);
	g_autofree char *source = g_build_filename("/home/me/.local/share/isolate/first/git", name, NULL);
	g_assert_cmpstr(copy->source, ==, source);
	g_assert_cmpmem(g_bytes_get_data(copy->data, NULL), g_bytes_get_size(copy->data), "/home/me/first/.git", 19);
	assert_op(plan, original, PLAN_OP_BIND, PLAN_READ_ONLY);
	g_assert_cmpstr(plan_op_at(plan, original)->source, ==, "/home/me/first/.git");
	assert_op(plan, "/work/a/b/.git", PLAN_OP_BIND, PLAN_READ_ONLY); // a file: as with readonly
	assert_op(plan, "/work/a", PLAN_OP_BIND, 0);
	g_autoptr(GVariant) frozen = g_variant_ref_sink(plan_to_variant(plan));
	autoplan struct plan *thawed = plan_from_variant(frozen, NULL);
	g_assert_true(thawed && plan_equal(plan, thawed));
}

/* A repository in a folder that is hidden is not shown again by protecting it. */
static void test_in_hidden_folder(void)
{
	autohost struct host *host = host_debian();
	host_add_dir(host, "/home/me/first/a");
	add_repositories(host);
	autoplan struct plan *plan = plan_of("[Files]\nShare=~/first\nHide=~/first/a\n", host);
	assert_op(plan, "/home/me/first/a", PLAN_OP_TMPFS, PLAN_READ_ONLY);
	g_assert_null(plan_op_at(plan, "/home/me/first/a/b"));
	g_assert_null(plan_op_at(plan, "/home/me/first/a/b/.git"));
	g_assert_nonnull(plan_op_at(plan, "/home/me/first/.git"));
}

static void test_link_is_refused(void)
{
	autohost struct host *host = host_debian();
	host_add_git(host, "/home/me/first", "/home/me/first/x/.git", HOST_OTHER);
	g_autofree char *said = plan_error("[Files]\nShare=~/first\n", host);
	g_assert_cmpstr(said, ==,
		"@/user/projects/first.conf:2: [Files] Share=/home/me/first: /home/me/first/x/.git is a link, which "
		"cannot be "
		"protected: make it a file or folder, or set [Files] Git=full");
}

static void test_find(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, ".git/config", "");
	fixture_write(&fixture, ".git/modules/x/.git", ""); // of git's own, not looked into
	fixture_write(&fixture, "a/b/.git", "gitdir: ..");
	fixture_write(&fixture, "a/.gitignore", "");
	fixture_write(&fixture, "c/d/e", "");
	g_autofree char *link = g_build_filename(fixture.root, "c/.git", NULL);
	g_autofree char *loop = g_build_filename(fixture.root, "c/loop", NULL);
	g_assert_no_errno(symlink("../.git", link));
	g_assert_no_errno(symlink("..", loop));
	autohost struct host *host = host_new();
	g_assert_true(git_find(host, fixture.root, NULL));
	g_assert_cmpuint(host->git->len, ==, 3);
	const struct {
		const char *path;
		enum host_kind kind;
	} found[] = {
		{"/.git",	  HOST_DIR  },
		{"/a/b/.git", HOST_FILE },
		{"/c/.git",   HOST_OTHER},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(found); i++) {
		const struct host_git *git = host->git->pdata[i];
		g_assert_true(g_str_has_suffix(git->path, found[i].path));
		g_assert_cmpstr(git->share, ==, fixture.root);
		g_assert_cmpint(git->kind, ==, found[i].kind);
	}
	fixture_finish(&fixture);
}

static void test_too_deep(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	g_autoptr(GString) path = g_string_new("a");
	for (int i = 0; i < 200; i++)
		g_string_append(path, "/a");
	g_string_append(path, "/f");
	fixture_write(&fixture, path->str, "");
	autohost struct host *host = host_new();
	g_autoptr(GError) error = NULL;
	g_assert_false(git_find(host, fixture.root, &error));
	g_assert_nonnull(error);
	fixture_finish(&fixture);
}

static void test_too_many(void)
{
	struct fixture fixture;
	fixture_init(&fixture);
	for (int i = 0; i < 600; i++) {
		g_autofree char *name = g_strdup_printf("%d/.git", i);
		fixture_write(&fixture, name, "");
	}
	autohost struct host *host = host_new();
	g_assert_false(git_find(host, fixture.root, NULL));
	g_assert_cmpuint(host->git->len, <, 520);
	fixture_finish(&fixture);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/git/readonly", test_readonly);
	g_test_add_func("/plan/git/hidden", test_hidden_and_full);
	g_test_add_func("/plan/git/guard", test_guard);
	g_test_add_func("/plan/git/in-hidden", test_in_hidden_folder);
	g_test_add_func("/plan/git/link", test_link_is_refused);
	g_test_add_func("/plan/git/find", test_find);
	g_test_add_func("/plan/git/deep", test_too_deep);
	g_test_add_func("/plan/git/many", test_too_many);
	return g_test_run();
}
