#include "proc-table.h"

#include "fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_MAX = 8192, STAT_MAX = 1024, DEPTH_MAX = 100000 };

ssize_t proc_read_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	autofd fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

/* What stands after a key of /proc/PID/status; the process's name, which comes first, has its newlines escaped. */
static const char *status_value(const char *status, const char *key)
{
	const char *at = strstr(status, key);
	return at ? at + strlen(key) : NULL;
}

/* KiB; a kernel thread and a zombie have none. */
static guint64 status_size(const char *status, const char *key)
{
	const char *value = status_value(status, key);
	return value ? g_ascii_strtoull(value, NULL, 10) : 0;
}

static gboolean read_process(pid_t pid, struct proc *process)
{
	char status[STATUS_MAX];
	if (proc_read_file(pid, "status", status, sizeof status) < 0)
		return FALSE;
	const char *ppid = status_value(status, "\nPPid:\t"), *inside = status_value(status, "\nNSpid:\t");
	const char *threads = status_value(status, "\nThreads:\t");
	if (!ppid || !inside)
		return FALSE;
	g_autofree char *line = g_strndup(inside, strcspn(inside, "\n"));
	const char *last = strrchr(line, '\t');
	guint64 memory = status_size(status, "\nRssAnon:\t") + status_size(status, "\nRssShmem:\t") +
			 status_size(status, "\nVmSwap:\t");
	*process = (struct proc){
		pid, atoi(ppid), atoi(last ? last + 1 : line), threads ? (guint)atoi(threads) : 1, memory * 1024};
	return TRUE;
}

void proc_table_read(struct proc_table *table)
{
	g_autoptr(GDir) folder = g_dir_open("/proc", 0, NULL);
	const char *name;
	struct proc process;
	table->all = g_array_new(FALSE, FALSE, sizeof(struct proc));
	table->indices = g_hash_table_new(NULL, NULL);
	while (folder && (name = g_dir_read_name(folder))) {
		if (!g_ascii_isdigit(*name) || !read_process(atoi(name), &process))
			continue;
		g_array_append_val(table->all, process);
		g_hash_table_insert(table->indices, GINT_TO_POINTER(process.pid), GUINT_TO_POINTER(table->all->len));
	}
}

void proc_table_clear(struct proc_table *table)
{
	g_clear_pointer(&table->all, g_array_unref);
	g_clear_pointer(&table->indices, g_hash_table_unref);
}

const struct proc *proc_table_find(const struct proc_table *table, pid_t pid)
{
	guint index = GPOINTER_TO_UINT(g_hash_table_lookup(table->indices, GINT_TO_POINTER(pid)));
	return index > 0 ? &g_array_index(table->all, struct proc, index - 1) : NULL;
}

gboolean proc_table_below(const struct proc_table *table, const struct proc *proc, pid_t init)
{
	// Read one after the other, the entries of pids that were reused meanwhile could make a circle.
	for (int depth = 0; proc && init > 0 && depth < DEPTH_MAX; depth++) {
		if (proc->ppid == init)
			return TRUE;
		proc = proc_table_find(table, proc->ppid);
	}
	return FALSE;
}

guint64 proc_cpu_time(pid_t pid)
{
	char text[STAT_MAX];
	unsigned long long times[4] = {0};
	static long ticks;
	if (proc_read_file(pid, "stat", text, sizeof text) <= 0)
		return 0;
	// The name, in brackets, may have brackets in it.
	const char *after = strrchr(text, ')');
	if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu", &times[0],
			      &times[1], &times[2], &times[3]) != 4)
		return 0;
	if (ticks == 0)
		ticks = sysconf(_SC_CLK_TCK);
	return (times[0] + times[1] + times[2] + times[3]) * G_USEC_PER_SEC / (guint64)ticks;
}
