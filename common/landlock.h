/* Landlock: rules that a process puts on itself, for good. */
#pragma once

#include <stdint.h>

/* As linux/landlock.h of Linux 6.12 has them, which Debian 12's does not: what is handled is refused. */
struct landlock_rules {
	uint64_t fs, net, scoped;
};

enum {
	LANDLOCK_ABI_FS = 1,
	LANDLOCK_ABI_NET = 4,
	LANDLOCK_ABI_SCOPES = 6,

	LANDLOCK_FS_REMOVE_DIR = 1 << 4,
	LANDLOCK_FS_REMOVE_FILE = 1 << 5,
	LANDLOCK_FS_MAKE_DIR = 1 << 7,
	LANDLOCK_FS_MAKE_SOCK = 1 << 9,
	LANDLOCK_FS_ALL = (1 << 16) - 1,
	LANDLOCK_NET_ALL = (1 << 2) - 1, // bind and connect of TCP
	LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0,
	LANDLOCK_SCOPE_SIGNAL = 1 << 1,
};

/* What the kernel knows: 0 when it is without. */
int landlock_abi(void);

/* Needs no_new_privs. What the kernel is too old for is left out. Returns its ABI, 0 when it has nothing of what is asked,
 * -1 with errno. */
int landlock_restrict(const struct landlock_rules *rules);
