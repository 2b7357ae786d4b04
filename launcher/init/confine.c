#include "confine.h"

#include "landlock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

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

bool confine_limit(const char *word)
{
	// RLIMIT_DATA and not RLIMIT_AS: browsers, Java and sanitizers reserve addresses by the terabyte that they never use.
	static const struct {
		const char *name;
		int resource;
	} limits[] = {
		{"memory=", RLIMIT_DATA },
		{"tasks=",  RLIMIT_NPROC},
	};
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		size_t length = strlen(limits[i].name);
		if (strncmp(word, limits[i].name, length) != 0)
			continue;
		char *end;
		errno = 0;
		unsigned long long number = strtoull(word + length, &end, 10);
		if (errno || number == 0 || *end)
			break;
		const struct rlimit limit = {number, number};
		return setrlimit(limits[i].resource, &limit) == 0;
	}
	errno = EINVAL;
	return false;
}

int confine_landlock(void)
{
	const struct landlock_rules rules = {.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL};
	return landlock_restrict(&rules);
}
