#include "processes.h"

#include "fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_MAX = 8192, COMMAND_MAX = 4096 };

struct process {
	pid_t pid, ppid; // as seen from here
	pid_t inside;	 // in the innermost PID namespace
	gboolean member;
};

static ssize_t read_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	autofd fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

/* The numbers after a key of /proc/PID/status; the process's name, which comes first, has its newlines escaped. */
static const char *status_value(const char *status, const char *key)
{
	const char *at = strstr(status, key);
	return at ? at + strlen(key) : NULL;
}

static gboolean read_process(pid_t pid, struct process *process)
{
	char status[STATUS_MAX];
	if (read_file(pid, "status", status, sizeof status) < 0)
		return FALSE;
	const char *ppid = status_value(status, "\nPPid:\t"), *inside = status_value(status, "\nNSpid:\t");
	if (!ppid || !inside)
		return FALSE;
	g_autofree char *line = g_strndup(inside, strcspn(inside, "\n"));
	const char *last = strrchr(line, '\t');
	*process = (struct process){pid, atoi(ppid), atoi(last ? last + 1 : line), FALSE};
	return TRUE;
}

static GArray *read_all(void)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct process));
	g_autoptr(GDir) folder = g_dir_open("/proc", 0, NULL);
	const char *name;
	struct process process;
	while (folder && (name = g_dir_read_name(folder)))
		if (g_ascii_isdigit(*name) && read_process(atoi(name), &process))
			g_array_append_val(all, process);
	return all;
}

/* Marks the descendants of init; orphans inside are its children, so that none is missed. */
static void mark_members(GArray *all, pid_t init)
{
	g_autoptr(GHashTable) members = g_hash_table_new(NULL, NULL);
	g_hash_table_add(members, GINT_TO_POINTER(init));
	for (gboolean more = TRUE; more;) {
		more = FALSE;
		for (guint i = 0; i < all->len; i++) {
			struct process *process = &g_array_index(all, struct process, i);
			if (process->member || !g_hash_table_contains(members, GINT_TO_POINTER(process->ppid)))
				continue;
			process->member = more = TRUE;
			g_hash_table_add(members, GINT_TO_POINTER(process->pid));
		}
	}
}

static gint by_inside(gconstpointer a, gconstpointer b)
{
	return ((const struct process *)a)->inside - ((const struct process *)b)->inside;
}

static GVariant *describe(const GArray *all, const struct process *process)
{
	char command[COMMAND_MAX];
	ssize_t n = read_file(process->pid, "cmdline", command, sizeof command);
	if (n <= 0) // a kernel thread, a zombie, or one that has emptied it
		n = read_file(process->pid, "comm", command, sizeof command);
	if (n <= 0)
		n = (ssize_t)g_strlcpy(command, "?", sizeof command);
	while (n > 0 && (command[n - 1] == '\0' || command[n - 1] == '\n'))
		command[--n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if (command[i] == '\0')
			command[i] = ' ';
	pid_t parent = 1;
	for (guint i = 0; i < all->len; i++)
		if (g_array_index(all, struct process, i).pid == process->ppid &&
			g_array_index(all, struct process, i).member)
			parent = g_array_index(all, struct process, i).inside;
	GVariantDict one;
	g_variant_dict_init(&one, NULL);
	g_variant_dict_insert(&one, "pid", "i", (gint32)process->inside);
	g_variant_dict_insert(&one, "ppid", "i", (gint32)parent);
	g_variant_dict_insert_value(&one, "command", g_variant_new_bytestring(command));
	return g_variant_dict_end(&one);
}

GVariant *processes_list(pid_t init)
{
	g_autoptr(GArray) all = read_all();
	mark_members(all, init);
	g_array_sort(all, by_inside);
	GVariantBuilder list;
	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < all->len; i++) {
		const struct process *process = &g_array_index(all, struct process, i);
		if (process->member)
			g_variant_builder_add_value(&list, describe(all, process));
	}
	return g_variant_builder_end(&list);
}
