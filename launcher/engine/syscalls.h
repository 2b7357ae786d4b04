/* The system calls that a container may make: everything but the list in syscalls-generate.c, which is inherited by every
 * process inside. Flatpak's list, and more. */
#pragma once

enum syscalls_options {
	SYSCALLS_DEBUG = 1 << 0,	  // ptrace and personality
	SYSCALLS_NESTED_SANDBOX = 1 << 1, // namespaces and mounts, for a sandbox inside
	SYSCALLS_PROGRAMS = 1 << 2,	  // the number of sets
};

/* The BPF program in a memory file, which is read to its end: a fresh one for each use. -1 with errno. */
int syscalls_filter(unsigned options);
