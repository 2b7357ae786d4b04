#include "landlock.h"

#include "fd.h"

#include <stddef.h>
#include <sys/syscall.h>

enum {
	VERSION = 1 << 0,
	// The same numbers on every architecture.
	CREATE_RULESET = 444,
	RESTRICT_SELF = 446,
};

int landlock_abi(void)
{
	long abi = syscall(CREATE_RULESET, NULL, 0, VERSION);
	return abi < 0 ? 0 : (int)abi;
}

/* The rights to files that an ABI knows. */
static uint64_t known_fs(int abi)
{
	static const unsigned char bits[] = {0, 13, 14, 15, 15, 16};
	return (UINT64_C(1) << bits[abi < 5 ? abi : 5]) - 1;
}

int landlock_restrict(const struct landlock_rules *rules)
{
	int abi = landlock_abi();
	const struct landlock_rules known = {
		.fs = rules->fs & known_fs(abi),
		.net = abi >= LANDLOCK_ABI_NET ? rules->net : 0,
		.scoped = abi >= LANDLOCK_ABI_SCOPES ? rules->scoped : 0,
	};
	if (!known.fs && !known.net && !known.scoped)
		return 0;
	autofd fd = (int)syscall(CREATE_RULESET, &known, sizeof known, 0);
	if (fd < 0 || syscall(RESTRICT_SELF, fd, 0) < 0)
		return -1;
	return abi;
}
