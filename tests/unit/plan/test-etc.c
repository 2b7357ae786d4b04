/* /etc: what is made, what is hidden, and where a link leads. */
#include "plan-fixture.h"

#include <string.h>

static const char *content_at(const struct plan *plan, const char *dest)
{
	const struct plan_op *op = plan_op_at(plan, dest);
	if (!op || op->type != PLAN_OP_FILE)
		return NULL;
	static char text[4096];
	gsize size;
	const char *data = g_bytes_get_data(op->data, &size);
	g_snprintf(text, sizeof text, "%.*s", (int)size, data ? data : "");
	return text;
}

static void test_made(void)
{
	autohost struct host *host = host_debian();
	autoplan struct plan *plan = plan_of("", host);
	g_assert_cmpstr(content_at(plan, "/etc/passwd"), ==,
		"root:x:0:0:root:/root:/usr/sbin/nologin\n"
		"me:x:1000:1000:Me Myself:/home/me:/usr/bin/zsh\n"
		"nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n");
	g_assert_cmpstr(content_at(plan, "/etc/hostname"), ==, "first\n");
	g_assert_cmpstr(content_at(plan, "/etc/resolv.conf"), ==, "nameserver 169.254.1.1\n");
	g_assert_null(strstr(content_at(plan, "/etc/hosts"), "printer"));
	g_assert_cmpuint(strlen(content_at(plan, "/etc/machine-id")), ==, 33);
}

static void test_host_network(void)
{
	autohost struct host *host = host_debian();
	autoplan struct plan *plan = plan_of("[Network]\nMode=host\n", host);
	g_assert_cmpstr(content_at(plan, "/etc/resolv.conf"), ==, "nameserver 192.0.2.1\n");
	g_assert_nonnull(strstr(content_at(plan, "/etc/hosts"), "192.0.2.7 printer\n"));
	g_assert_true(plan_has(plan->pass, "http_proxy"));
	autoplan struct plan *without = plan_of("[Network]\nMode=none\n", host);
	g_assert_cmpstr(content_at(without, "/etc/resolv.conf"), ==, "");
	g_assert_false(plan_has(without->pass, "http_proxy"));
}

static void test_machine_id(void)
{
	autohost struct host *host = host_debian();
	autoplan struct plan *plan = plan_of("", host), *same = plan_of("[Project]\nTitle=x\n", host);
	g_autofree char *id = g_strdup(content_at(plan, "/etc/machine-id"));
	g_assert_cmpstr(id, ==, content_at(same, "/etc/machine-id"));
	g_assert_null(strstr(id, host->machine_id));
	g_assert_cmpuint(strspn(id, "0123456789abcdef"), ==, 32);
	g_free(host->machine_id);
	host->machine_id = g_strdup("fedcba9876543210fedcba9876543210");
	autoplan struct plan *elsewhere = plan_of("", host);
	g_assert_cmpstr(id, !=, content_at(elsewhere, "/etc/machine-id"));
}

static void test_secrets(void)
{
	autohost struct host *host = host_debian();
	autoplan struct plan *plan = plan_of("", host);
	g_assert_cmpstr(content_at(plan, "/etc/ld.so.preload"), ==, "");
	g_assert_cmpint(plan_op_at(plan, "/etc/ssl/private")->type, ==, PLAN_OP_TMPFS);
	g_assert_null(plan_op_at(plan, "/etc/shadow"));	 // unreadable anyway
	g_assert_null(plan_op_at(plan, "/etc/gshadow")); // not there
	host_add_file(host, "/etc/shadow");
	autoplan struct plan *readable = plan_of("", host);
	g_assert_cmpstr(content_at(readable, "/etc/shadow"), ==, "");
}

static void test_links(void)
{
	autohost struct host *host = host_debian();
	host_add_path(host, "/etc/resolv.conf", HOST_FILE, "../run/systemd/resolve/stub-resolv.conf",
		"/run/systemd/resolve/stub-resolv.conf", TRUE);
	host_add_path(host, "/etc/hosts", HOST_FILE, "static/hosts", "/nix/store/x-hosts", TRUE);
	host_add_path(host, "/etc/hostname", HOST_FILE, "/home/me/hostname", "/home/me/hostname", TRUE);
	host_add_path(host, "/etc/machine-id", HOST_MISSING, "/run/machine-id", "/run/machine-id", FALSE);
	host_add_path(host, "/etc/group", HOST_MISSING, NULL, "/etc/group", FALSE);
	autoplan struct plan *plan = plan_of("", host);
	g_assert_cmpstr(content_at(plan, "/run/systemd/resolve/stub-resolv.conf"), ==, "nameserver 169.254.1.1\n");
	g_assert_nonnull(content_at(plan, "/nix/store/x-hosts"));
	g_assert_nonnull(content_at(plan, "/run/machine-id"));
	const char *const none[] = {
		"/etc/resolv.conf", "/etc/hosts", "/etc/hostname", "/home/me/hostname", "/etc/group"};
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
		g_assert_null(plan_op_at(plan, none[i])); // nothing could be put there in a read-only /etc
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/etc/made", test_made);
	g_test_add_func("/plan/etc/network", test_host_network);
	g_test_add_func("/plan/etc/machine-id", test_machine_id);
	g_test_add_func("/plan/etc/secrets", test_secrets);
	g_test_add_func("/plan/etc/links", test_links);
	return g_test_run();
}
