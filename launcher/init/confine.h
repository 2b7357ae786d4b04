/* What init takes from itself before it starts anything, so that every process inside inherits it. */
#pragma once

#include <stdbool.h>

/* Makes init unreadable through /proc/1, lowers the limit of descriptors. -1 with errno. */
int confine_self(void);

/* "memory=BYTES", of each process, or "tasks=N", of all together: what this process and all below it can have. False with errno;
 * EINVAL for anything else. */
bool confine_limit(const char *word);

/* Scopes abstract sockets and signals to this container. Returns Landlock's ABI when that is in force, 0 when the kernel
 * cannot do it, -1 with errno. */
int confine_landlock(void);
