#include "plan-fixture.h"

#include <string.h>

void host_add_dir(struct host *host, const char *path)
{
	host_add_path(host, path, HOST_DIR, NULL, path, TRUE);
}

void host_add_file(struct host *host, const char *path)
{
	host_add_path(host, path, HOST_FILE, NULL, path, TRUE);
}

void host_add_link(struct host *host, const char *path, const char *target, const char *resolved)
{
	host_add_path(host, path, HOST_DIR, target, resolved, TRUE);
}

struct host *host_debian(void)
{
	struct host *host = host_new();
	host->uid = 1000;
	host->gid = 1000;
	host->user = g_strdup("me");
	host->group = g_strdup("me");
	host->full_name = g_strdup("Me Myself");
	host->home = g_strdup("/home/me");
	host->shell = g_strdup("/usr/bin/zsh");
	host->hostname = g_strdup("desk");
	host->machine_id = g_strdup("0123456789abcdef0123456789abcdef");
	host->resolv_conf = g_strdup("nameserver 192.0.2.1\n");
	host->hosts = g_strdup("192.0.2.7 printer\n");
	host->config = g_strdup("/home/me/.config/isolate");
	host->data = g_strdup("/home/me/.local/share/isolate");
	host->state = g_strdup("/home/me/.local/state/isolate");
	host->runtime = g_strdup("/run/user/1000/isolate");
	const char *const dirs[] = {"/usr", "/opt", "/etc", "/etc/ssl/private", "/home/me/first"};
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++)
		host_add_dir(host, dirs[i]);
	const char *const files[] = {"/etc/passwd", "/etc/group", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
		"/etc/machine-id", "/etc/ld.so.preload"};
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		host_add_file(host, files[i]);
	const char *const links[] = {"/bin", "/sbin", "/lib", "/lib64"};
	for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autofree char *resolved = g_strconcat("/usr", links[i], NULL);
		host_add_link(host, links[i], resolved + 1, resolved);
	}
	host_add_path(host, "/etc/shadow", HOST_FILE, NULL, "/etc/shadow", FALSE);
	return host;
}

static char *without_root(const char *text, const struct fixture *fixture)
{
	g_auto(GStrv) parts = g_strsplit(text, fixture->root, -1);
	return g_strjoinv("@", parts);
}

static struct plan *build(const char *text, const struct host *host, char **said)
{
	struct fixture fixture;
	fixture_init(&fixture);
	fixture_write(&fixture, "user/projects/first.conf", text);
	autoproject struct project *project = fixture_load(&fixture);
	g_autoptr(GError) error = NULL;
	struct plan *plan = plan_build(project, host, &error);
	*said = error ? without_root(error->message, &fixture) : NULL;
	for (guint i = 0; plan && i < plan->ops->len; i++) {
		struct plan_op *op = plan->ops->pdata[i];
		char *reason = without_root(op->reason, &fixture);
		g_free(op->reason);
		op->reason = reason;
	}
	fixture_finish(&fixture);
	return plan;
}

struct plan *plan_of(const char *text, const struct host *host)
{
	g_autofree char *said = NULL;
	struct plan *plan = build(text, host, &said);
	g_assert_cmpstr(said, ==, NULL);
	return plan;
}

char *plan_error(const char *text, const struct host *host)
{
	char *said = NULL;
	g_assert_null(build(text, host, &said));
	return said;
}

const struct plan_op *plan_op_at(const struct plan *plan, const char *dest)
{
	for (guint i = plan->ops->len; i > 0; i--) {
		const struct plan_op *op = plan->ops->pdata[i - 1];
		if (strcmp(op->dest, dest) == 0)
			return op;
	}
	return NULL;
}

gboolean plan_has(const GPtrArray *lines, const char *line)
{
	for (guint i = 0; i < lines->len; i++)
		if (strcmp(lines->pdata[i], line) == 0)
			return TRUE;
	return FALSE;
}
