/* What init takes from itself before it starts anything, so that every process inside inherits it. */
#pragma once

/* Makes init unreadable through /proc/1, lowers the limit of descriptors. -1 with errno. */
int confine_self(void);

/* Scopes abstract sockets and signals to this container. Returns Landlock's ABI when that is in force, 0 when the kernel
 * cannot do it, -1 with errno. */
int confine_landlock(void);
