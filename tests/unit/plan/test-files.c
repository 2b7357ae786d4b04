/* What may be shared and where it appears. */
#include "plan-fixture.h"

#define CONF "@/user/projects/first.conf:2: [Files] "

static void add_places(struct host *host)
{
	const char *const dirs[] = {"/", "/home", "/home/me", "/home/me/.config", "/home/me/.config/isolate",
		"/home/me/.config/isolate/projects", "/home/me/.local/share/isolate/other/home", "/run/user/1000",
		"/run/media/me/stick", "/proc/1", "/dev/dri", "/tmp", "/tmp/work", "/tmp/.X11-unix", "/var", "/srv/a",
		"/srv/b", "/home/me/dotfiles", "/home/me/first/sub", "/home/me/first/sub/deep"};
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++)
		host_add_dir(host, dirs[i]);
	host_add_path(host, "/srv/socket", HOST_OTHER, NULL, "/srv/socket", TRUE);
	host_add_path(host, "/srv/gone", HOST_MISSING, NULL, "/srv/gone", FALSE);
	host_add_link(host, "/srv/trick", "/home/me/.config", "/home/me/.config");
	host_add_link(host, "/home/me/first/out", "/srv/a", "/srv/a");
	// As where ~/.config/isolate/projects/first.conf is a link into a repository of settings.
	g_ptr_array_add(host->own, g_strdup("/home/me/dotfiles/isolate/first.conf"));
}

static const struct {
	const char *line, *said;
} refused[] = {
	// clang-format off
	{"Share=/srv/gone", "there is no such file or folder on the host: make it, or take this out"},
	{"ReadOnly=/srv/gone", "there is no such file or folder on the host: make it, or take this out"},
	{"Share=/srv/socket", "neither a file nor a folder"},
	{"Share=~/.config/isolate", "isolate's own folder /home/me/.config/isolate is in it, which no container may reach: share "
		"folders below instead"},
	{"Share=~/.config", "isolate's own folder /home/me/.config/isolate is in it, which no container may reach: share folders "
		"below instead"},
	{"ReadOnly=~/.config", "isolate's own folder /home/me/.config/isolate is in it, which no container may reach: share folders "
		"below instead"},
	{"Share=~/.config/isolate/projects", "it lies in isolate's own folder /home/me/.config/isolate, which no container may reach"},
	{"Share=~/.local/share/isolate/other/home", "it lies in isolate's own folder /home/me/.local/share/isolate, which no "
		"container may reach"},
	{"Share=~", "isolate's own folder /home/me/.config/isolate is in it, which no container may reach: share folders below "
		"instead"},
	{"Share=/", "isolate's own folder /home/me/.config/isolate is in it, which no container may reach: share folders below "
		"instead"},
	{"Share=/home:/mnt", "isolate's own folder /home/me/.config/isolate is in it, which no container may reach: share folders "
		"below instead"},
	{"Share=/srv/trick", "isolate's own folder /home/me/.config/isolate is in it, which no container may reach: share folders "
		"below instead"},
	{"ReadOnly=/run/user/1000:/mnt", "isolate's own folder /run/user/1000/isolate is in it, which no container may reach: share "
		"folders below instead"},
	{"Share=~/dotfiles", "isolate reads /home/me/dotfiles/isolate/first.conf, which the container could then rewrite: use "
		"ReadOnly="},
	{"ReadOnly=/proc/1", "/proc/1 holds sockets and devices of the host"},
	{"Share=/dev/dri:/mnt", "/dev/dri holds sockets and devices of the host"},
	{"Share=/tmp:/mnt", "the sockets of the host's X servers are in it: share folders below instead"},
	{"Share=/tmp/.X11-unix:/mnt", "the sockets of the host's X servers are in it: share folders below instead"},
	{"Share=/var", "it would cover /var/tmp of the container: give another place, PATH:DEST"},
	{"Share=/srv/a:/home", "it would cover /home/me of the container: give another place, PATH:DEST"},
	{"Share=/srv/a:/usr/share/x", "/usr/share/x is a place of the container's own: give another, PATH:DEST"},
	{"Share=/srv/a:/etc", "/etc is a place of the container's own: give another, PATH:DEST"},
	{"Share=/srv/a:/run/user/1000/bus", "/run/user/1000/bus is a place of the container's own: give another, PATH:DEST"},
	{"Share=/srv/a:/opt/a", "/opt/a is a place of the container's own: give another, PATH:DEST"},
	{"Share=/srv/a;/srv/b:/srv/a", CONF "Share also has /srv/a"},
	{"Share=~/first;/srv/a:~/first/x", "/home/me/first/x is in what " CONF "Share shares, where it would need a mount point: give "
		"another place, PATH:DEST"},
	{"Share=~/first;~/first/out", "/home/me/first/out is in what " CONF "Share shares, where it would need a mount point: give "
		"another place, PATH:DEST"},
	{"Share=~/first;~/first/sub/deep\nHide=~/first/sub", "[Files] Hide hides it"},
	{"Hide=/srv/a", "nothing is to be hidden: no share shows it"},
	// clang-format on
};

static void test_refused(gconstpointer data)
{
	size_t i = GPOINTER_TO_SIZE(data);
	autohost struct host *host = host_debian();
	add_places(host);
	g_autofree char *text = g_strdup_printf("[Files]\n%s\n", refused[i].line);
	g_autofree char *said = plan_error(text, host);
	if (!g_str_has_prefix(said, CONF) || !g_str_has_suffix(said, refused[i].said))
		g_error("%s\n  said: %s\n  not:  %s", refused[i].line, said, refused[i].said);
}

static void assert_bind(const struct plan *plan, const char *dest, const char *source, guint flags)
{
	const struct plan_op *op = plan_op_at(plan, dest);
	g_assert_nonnull(op);
	g_assert_cmpint(op->type, ==, PLAN_OP_BIND);
	g_assert_cmpstr(op->source, ==, source);
	g_assert_cmpuint(op->flags, ==, flags);
}

static void test_places(void)
{
	autohost struct host *host = host_debian();
	add_places(host);
	autoplan struct plan *plan = plan_of("[Files]\nShare=~/first;/srv/a;/tmp/work;/srv/b:~/b\nReadOnly=~/dotfiles;/"
					     "run/media/me/stick;~/first/sub\n",
		host);
	assert_bind(plan, "/home/me/first", "/home/me/first", PLAN_MOUNT_POINT);
	assert_bind(plan, "/srv/a", "/srv/a", 0);
	assert_bind(plan, "/tmp/work", "/tmp/work", 0);
	assert_bind(plan, "/home/me/b", "/srv/b", PLAN_MOUNT_POINT);
	assert_bind(plan, "/home/me/dotfiles", "/home/me/dotfiles", PLAN_READ_ONLY | PLAN_MOUNT_POINT);
	assert_bind(plan, "/run/media/me/stick", "/run/media/me/stick", PLAN_READ_ONLY);
	assert_bind(plan, "/home/me/first/sub", "/home/me/first/sub", PLAN_READ_ONLY);
	g_assert_true(plan_has(plan->permissions, "files rw /srv/b"));
	g_assert_true(plan_has(plan->permissions, "files ro /home/me/first/sub"));
	g_assert_false(plan_has(plan->permissions, "files rw /home/me/b"));
}

static void test_order(void)
{
	autohost struct host *host = host_debian();
	add_places(host);
	autoplan struct plan *plan = plan_of("[Files]\nShare=~/first/sub/deep;~/first\nReadOnly=~/first/sub\n", host);
	int home = -1, first = -1, sub = -1, deep = -1;
	for (guint i = 0; i < plan->ops->len; i++) {
		const struct plan_op *op = plan->ops->pdata[i];
		home = g_str_equal(op->dest, "/home/me") ? (int)i : home;
		first = g_str_equal(op->dest, "/home/me/first") ? (int)i : first;
		sub = g_str_equal(op->dest, "/home/me/first/sub") ? (int)i : sub;
		deep = g_str_equal(op->dest, "/home/me/first/sub/deep") ? (int)i : deep;
	}
	g_assert_true(home >= 0 && home < first && first < sub && sub < deep);
}

/* What is hidden or read-only in a share cannot be swapped for something else by renaming a folder above it. */
static void test_pinned(void)
{
	autohost struct host *host = host_debian();
	host_add_dir(host, "/home/me/first/a/b/ro");
	host_add_file(host, "/home/me/first/c/d/secret");
	autoplan struct plan *plan = plan_of(
		"[Files]\nShare=~/first:/w\nReadOnly=~/first/a/b/ro:/w/a/b/ro\nHide=~/first/c/d/secret:/w/c/d/secret\n",
		host);
	assert_bind(plan, "/w/a", "/home/me/first/a", 0);
	assert_bind(plan, "/w/a/b", "/home/me/first/a/b", 0);
	assert_bind(plan, "/w/a/b/ro", "/home/me/first/a/b/ro", PLAN_READ_ONLY);
	assert_bind(plan, "/w/c/d", "/home/me/first/c/d", 0);
	g_assert_cmpint(plan_op_at(plan, "/w/c/d/secret")->type, ==, PLAN_OP_FILE);
}

/* The permissions name what is really shared, not the link that the configuration names. */
static void test_link(void)
{
	autohost struct host *host = host_debian();
	host_add_link(host, "/home/me/work", "/data/work", "/data/work");
	autoplan struct plan *plan = plan_of("[Files]\nShare=~/work\n", host);
	assert_bind(plan, "/home/me/work", "/data/work", PLAN_MOUNT_POINT);
	g_assert_true(plan_has(plan->permissions, "files rw /data/work"));
}

/* A container that may write ~/code makes ~/code/b a link to ~/.ssh: the next start of a project that shares it is refused. */
static void test_link_of_a_container(void)
{
	autohost struct host *host = host_debian();
	host_add_link(host, "/home/me/code/b", "../.ssh", "/home/me/.ssh");
	host_add_link_at(host, "/home/me/code/b", "/home/me/code/b");
	host_add_writable(host, "other", "/home/me/code");
	const char *const keys[] = {"[Files]\nShare", "[Files]\nReadOnly", "[Home]\nDotfiles"};
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autofree char *text = g_strdup_printf("%s=~/code/b\n", keys[i]);
		g_autofree char *said = plan_error(text, host);
		g_assert_true(g_str_has_suffix(said,
			"=/home/me/code/b: the link /home/me/code/b leads there, which the container of "
			"other can change: write /home/me/.ssh instead"));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		g_autofree char *name = g_strdup_printf("/plan/files/refused/%zu", i);
		g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_refused);
	}
	g_test_add_func("/plan/files/places", test_places);
	g_test_add_func("/plan/files/order", test_order);
	g_test_add_func("/plan/files/pinned", test_pinned);
	g_test_add_func("/plan/files/link", test_link);
	g_test_add_func("/plan/files/link-of-container", test_link_of_a_container);
	return g_test_run();
}
