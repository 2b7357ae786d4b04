/* The first process of a PID namespace around a container: with it ends everything of the container, its file system too. */
#pragma once

#include "mount.h"

/* Forks it, and waits. It starts fuse-overlayfs, then argv (whose descriptors from 3 on are handed on) and ends with argv.
 * Returns the exit status. To be called after unshare(CLONE_NEWPID). */
int supervise(const struct layer *layer, const char *fuse_overlayfs, char **argv);
