/* Who the user is. Not by getpwuid(3), which loads libraries: what is linked statically cannot rely on that. */
#include "error.h"
#include "host.h"

#include <string.h>
#include <unistd.h>

enum { PASSWD_FIELDS = 7, GROUP_FIELDS = 3, ID_FIELD = 2 };

static char **find_line(const char *text, const char *id)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, ":", -1);
		if (g_strv_length(fields) > ID_FIELD && strcmp(fields[ID_FIELD], id) == 0)
			return g_steal_pointer(&fields);
	}
	return NULL;
}

/* Of a directory service, of systemd-homed: whatever the C library's name service knows. */
static char **ask(const char *database, const char *id)
{
	static const char *const programs[] = {"/usr/bin/getent", "/run/current-system/sw/bin/getent"};
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
		const char *const words[] = {programs[i], database, id, NULL};
		g_autoptr(GString) out = g_string_new(NULL);
		if (access(programs[i], X_OK) == 0 && host_read_output("/", words, out, NULL))
			return find_line(out->str, id);
	}
	return NULL;
}

char **host_account(const char *file, const char *database, unsigned id)
{
	g_autofree char *number = g_strdup_printf("%u", id), *text = NULL;
	g_file_get_contents(file, &text, NULL, NULL);
	char **fields = text ? find_line(text, number) : NULL;
	return fields ? fields : ask(database, number);
}

gboolean host_gather_user(struct host *host, GError **error)
{
	host->uid = getuid();
	host->gid = getgid();
	g_auto(GStrv) user = host_account("/etc/passwd", "passwd", host->uid);
	if (!user || g_strv_length(user) < PASSWD_FIELDS)
		return error_set(error, "the user %u has no entry in passwd", host->uid);
	host->user = g_strdup(user[0]);
	host->full_name = g_strndup(user[4], strcspn(user[4], ","));
	host->shell = g_strdup(user[6]);
	host->home = g_canonicalize_filename(g_get_home_dir(), "/");
	g_auto(GStrv) group = host_account("/etc/group", "group", host->gid);
	host->group = g_strdup(group && g_strv_length(group) >= GROUP_FIELDS ? group[0] : user[0]);
	return TRUE;
}
