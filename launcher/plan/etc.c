/* /etc is the host's, read-only and whole: a short list breaks Java, Chromium and getservbyname(). Over it lie files of
 * the container's own, and nothing over what the user could read but no container needs. */
#include "base.h"
#include "build.h"
#include "subnet.h"

#include <string.h>

const char *const etc_made[] = {
	"/etc/passwd",
	"/etc/group",
	"/etc/hosts",
	"/etc/hostname",
	"/etc/resolv.conf",
	"/etc/machine-id",
	NULL,
};

/* Mostly unreadable for the user, then nothing is to be done; but groups stay what they were in the container, and
 * systems differ. The loader's preload file names libraries that may not be there. */
const char *const etc_secrets[] = {
	"/etc/shadow",
	"/etc/shadow-",
	"/etc/gshadow",
	"/etc/gshadow-",
	"/etc/passwd-",
	"/etc/group-",
	"/etc/subuid",
	"/etc/subgid",
	"/etc/security/opasswd",
	"/etc/sudoers",
	"/etc/sudoers.d",
	"/etc/doas.conf",
	"/etc/ssh/ssh_host_rsa_key",
	"/etc/ssh/ssh_host_ecdsa_key",
	"/etc/ssh/ssh_host_ed25519_key",
	"/etc/ssh/ssh_host_dsa_key",
	"/etc/ssl/private",
	"/etc/pki/tls/private",
	"/etc/letsencrypt",
	"/etc/krb5.keytab",
	"/etc/crypttab",
	"/etc/fstab",
	"/etc/exports",
	"/etc/cifs-credentials",
	"/etc/samba/private",
	"/etc/NetworkManager/system-connections",
	"/etc/netplan",
	"/etc/wpa_supplicant",
	"/etc/iwd",
	"/etc/wireguard",
	"/etc/openvpn",
	"/etc/ipsec.secrets",
	"/etc/ipsec.d",
	"/etc/ppp",
	"/etc/docker",
	"/etc/containers",
	"/etc/polkit-1",
	"/etc/isolate",
	"/etc/ld.so.preload",
	"/etc/.pwd.lock",
	NULL,
};

/* Where a mount over this file of /etc has to be, or NULL when there can be none. A link leads to a file of the base,
 * which is there to be covered, or into a private folder, where one can be made. */
static char *place_over(const struct build *build, const char *path)
{
	static const char *const private[] = {"/run", "/var", NULL};
	g_autofree char *source = base_path(build, path);
	const struct host_path *found = host_path(build->host, source);
	// Where there is no file to be covered, one can be made where the container, or its layer, is written.
	gboolean missing = !found || (found->kind == HOST_MISSING && !found->link);
	g_autofree char *etc = base_path(build, "/etc");
	gboolean own_etc =
		build->base != BASE_HOST && (build->layered || build->base == BASE_NIX || !host_path(build->host, etc));
	if (missing && own_etc)
		return g_strdup(path);
	if (!found || (build->base == BASE_NIX && own_etc))
		return found ? g_strdup(path) : NULL;
	if (!found->link)
		return found->kind == HOST_FILE || found->kind == HOST_DIR ? g_strdup(path) : NULL;
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *target = g_canonicalize_filename(found->link, folder);
	if (path_within_any(target, private))
		return g_steal_pointer(&target);
	gboolean visible = build->base == BASE_HOST && path_within_any(found->resolved, base_visible);
	return found->kind != HOST_MISSING && visible ? g_strdup(found->resolved) : NULL;
}

static void hide(struct build *build, const char *path)
{
	const struct host_path *found = host_path(build->host, path);
	// In a layer root owns everything, and would find what it may not read when it writes: locks, passwords.
	if (!found || found->kind == HOST_MISSING || (!found->readable && !build->layered))
		return;
	g_autofree char *place = place_over(build, path);
	if (!place || !path_within_any(place, base_visible))
		return;
	if (found->kind == HOST_DIR)
		plan_op_add(build->plan, PLAN_OP_TMPFS, NULL, place, "default")->flags = PLAN_READ_ONLY;
	else
		plan_op_file(build->plan, "", place, "default");
	plan_op_last(build->plan)->flags |= build->layered;
	if (build->layered && found->kind == HOST_FILE)
		plan_op_last(build->plan)->mode = 0600; // what root writes there is secret again
}

/* A field of passwd(5), which nothing may end early. */
static char *field(const char *text)
{
	return g_strdelimit(g_strdup(text), ":\n", ' ');
}

/* The accounts of the base: those of its packages, for which they look each other up. No person's but the user's own. */
static char *with_accounts(const char *text, const char *name, unsigned id, const char *own)
{
	enum { PEOPLE_FROM = 1000, PEOPLE_TO = 60000, NOBODY = 65534 };
	g_autoptr(GString) all = g_string_new(own);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, ":", -1);
		guint64 number;
		if (g_strv_length(fields) < 4 ||
			!g_ascii_string_to_unsigned(fields[2], 10, 1, G_MAXUINT32, &number, NULL))
			continue; // root is in own
		gboolean person = number >= PEOPLE_FROM && number < PEOPLE_TO;
		if (!person && number != NOBODY && number != id && strcmp(fields[0], name) != 0)
			g_string_append_printf(all, "%s\n", *line);
	}
	return g_string_free(g_steal_pointer(&all), FALSE);
}

static char *passwd(const struct build *build)
{
	const struct host *host = build->host;
	g_autofree char *user = field(host->user), *name = field(host->full_name);
	g_autofree char *home = field(host->home), *shell = field(build->plan->shell);
	g_autofree char *own = g_strdup_printf("root:x:0:0:root:/root:%s\n"
					       "%s:x:%u:%u:%s:%s:%s\n"
					       "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
		build->layered ? "/bin/sh" : "/usr/sbin/nologin", user, host->uid, host->gid, name, home, shell);
	return with_accounts(host->passwd ? host->passwd : "", user, host->uid, own);
}

static char *group(const struct build *build)
{
	const struct host *host = build->host;
	g_autofree char *name = field(host->group);
	g_autofree char *own = g_strdup_printf("root:x:0:\n%s:x:%u:\nnogroup:x:65534:\n", name, host->gid);
	return with_accounts(host->groups ? host->groups : "", name, host->gid, own);
}

static char *hosts(const struct build *build)
{
	const char *own = build->plan->hostname;
	gboolean host_network = build->plan->network == PLAN_NETWORK_HOST;
	return g_strdup_printf("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 %s\n%s", own,
		host_network ? build->host->hosts : "");
}

/* Not the host's, which identifies the machine to whoever reads it, but as lasting: one of the project on this host. */
static char *machine_id(const struct build *build)
{
	const struct host *host = build->host;
	g_autofree char *key = g_strconcat(host->machine_id, host->hostname, host->home, NULL);
	g_autofree char *text = g_strconcat("isolate ", build->plan->project, NULL);
	char *id = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)key, strlen(key), text, -1);
	memcpy(id + 32, "\n", 2);
	return id;
}

static char *content(const struct build *build, const char *path)
{
	if (strcmp(path, "/etc/passwd") == 0)
		return passwd(build);
	if (strcmp(path, "/etc/group") == 0)
		return group(build);
	if (strcmp(path, "/etc/hosts") == 0)
		return hosts(build);
	if (strcmp(path, "/etc/hostname") == 0)
		return g_strconcat(build->plan->hostname, "\n", NULL);
	if (strcmp(path, "/etc/machine-id") == 0)
		return machine_id(build);
	if (build->plan->network == PLAN_NETWORK_INTERNET)
		return g_strdup("nameserver " NETWORK_DNS "\n");
	return g_strdup(build->plan->network == PLAN_NETWORK_HOST ? build->host->resolv_conf : "");
}

void build_etc(struct build *build)
{
	const struct host_path *etc = host_path(build->host, "/etc");
	if (!etc || etc->kind != HOST_DIR)
		return;
	plan_op_bind(build->plan, etc->resolved, "/etc", build->layered ? build->layered : PLAN_READ_ONLY, "default");
	for (const char *const *path = etc_secrets; *path; path++)
		hide(build, *path);
}

void build_etc_files(struct build *build)
{
	for (const char *const *path = etc_made; *path; path++) {
		g_autofree char *place = place_over(build, *path);
		if (!place)
			continue;
		g_autofree char *text = content(build, *path);
		plan_op_file(build->plan, text, place, "default");
		// Which the scripts of packages replace by a file of another name: nothing may be mounted there.
		if (g_str_has_suffix(*path, "passwd") || g_str_has_suffix(*path, "group"))
			plan_op_last(build->plan)->flags |= build->layered;
	}
}
