/* The system calls that a container may make: everything but the list in syscalls.c, which is inherited by every process
 * inside. Flatpak's list, and more. */
#pragma once

#include <glib.h>

struct syscalls_options {
	gboolean debug;		 // ptrace and personality
	gboolean nested_sandbox; // namespaces and mounts, for a sandbox inside
};

/* The program in a memory file, which is read to its end: a fresh one for each use. -1 with an error. */
int syscalls_filter(const struct syscalls_options *options, GError **error);
