#include "confine.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Descriptors in flight in Unix sockets are counted by the kernel per user, inside and outside together: with less than
 * the proxy has, a container cannot use up the proxy's share. */
enum { DESCRIPTORS_MAX = 65536 };

static int limit_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	rlim_t most = limit.rlim_max / 2;
	if (limit.rlim_max == RLIM_INFINITY || most > DESCRIPTORS_MAX)
		most = DESCRIPTORS_MAX;
	limit.rlim_max = most;
	if (limit.rlim_cur > most)
		limit.rlim_cur = most;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

int confine_self(void)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NAME, "isolate-init") < 0)
		return -1;
	return limit_descriptors();
}

/* Of linux/landlock.h of Linux 6.12; Debian 12's has no scopes yet. */
struct landlock_ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
};
enum {
	LANDLOCK_VERSION = 1 << 0,
	LANDLOCK_SCOPES_ABI = 6,
	SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0,
	SCOPE_SIGNAL = 1 << 1,
	SYS_LANDLOCK_CREATE_RULESET = 444,
	SYS_LANDLOCK_RESTRICT_SELF = 446,
};

int confine_landlock(void)
{
	long abi = syscall(SYS_LANDLOCK_CREATE_RULESET, NULL, 0, LANDLOCK_VERSION);
	if (abi < LANDLOCK_SCOPES_ABI)
		return 0;
	const struct landlock_ruleset rules = {.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL};
	long fd = syscall(SYS_LANDLOCK_CREATE_RULESET, &rules, sizeof rules, 0);
	if (fd < 0)
		return -1;
	long done = syscall(SYS_LANDLOCK_RESTRICT_SELF, fd, 0);
	int saved = errno;
	close((int)fd);
	errno = saved;
	return done < 0 ? -1 : (int)abi;
}
