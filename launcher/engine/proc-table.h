/* The processes of this machine as /proc shows them, and which of them a container's init has below it. Every text in /proc is of
 * the process's own choosing. */
#pragma once

#include <glib.h>
#include <sys/types.h>

struct proc {
	pid_t pid, ppid; // as seen from here
	pid_t inside;	 // in the innermost PID namespace
	guint threads;
	guint64 memory; // bytes that are nobody else's: anonymous and shared memory, in RAM or swapped out
};

struct proc_table {
	GArray *all;	     // struct proc
	GHashTable *indices; // pid → index in all, +1
};

void proc_table_read(struct proc_table *table);
void proc_table_clear(struct proc_table *table);
#define autotable __attribute__((cleanup(proc_table_clear))) struct proc_table

/* NULL when there is none of this pid. */
const struct proc *proc_table_find(const struct proc_table *table, pid_t pid);

/* Whether it descends from init. Orphans inside are init's children, so that none is missed; init itself is not one. */
gboolean proc_table_below(const struct proc_table *table, const struct proc *proc, pid_t init);

/* Microseconds of processor time that it and the children that it has waited for have used; 0 when it is gone. */
guint64 proc_cpu_time(pid_t pid);

/* A small file of /proc/PID, NUL-terminated: its length, or -1. */
ssize_t proc_read_file(pid_t pid, const char *name, char *text, size_t size);
