/* Whether this machine can limit what a container uses, and by what. */
#include "host.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP_ROOT "/sys/fs/cgroup"
enum { CGROUP2_MAGIC = 0x63677270 };

/* The user's systemd, if it is there: the socket that systemd-run talks to it through. */
static gboolean has_manager(void)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	g_autofree char *path = g_build_filename(runtime ? runtime : "/", "systemd/private", NULL);
	struct stat st;
	return runtime && stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == getuid() &&
	       access("/usr/bin/systemd-run", X_OK) == 0;
}

static gboolean has_cgroup2(void)
{
	struct statfs fs;
	return statfs(CGROUP_ROOT, &fs) == 0 && fs.f_type == CGROUP2_MAGIC;
}

/* Since Linux 5.14 a user namespace has a count of its own. */
static gboolean counts_tasks(void)
{
	struct utsname name;
	int major = 0, minor = 0;
	return uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 14));
}

void host_gather_limits(struct host *host)
{
	g_autofree char *text = NULL;
	g_autofree char *path = g_strdup_printf(
		CGROUP_ROOT "/user.slice/user-%u.slice/user@%u.service/cgroup.controllers", host->uid, host->uid);
	host->counts_tasks = counts_tasks();
	if (has_manager() && has_cgroup2() && g_file_get_contents(path, &text, NULL, NULL))
		host->delegated = g_strdup(g_strstrip(text));
}
