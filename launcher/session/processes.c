#include "processes.h"

#include "proc-table.h"

#include <stdlib.h>
#include <string.h>

// However many a container starts, and whatever it calls them, the answer fits into a message.
enum { COMMAND_MAX = 4096, COMMANDS_MAX = 2 * 1024 * 1024, PROCESSES_MAX = 16 * 1024 };

static gint by_inside(gconstpointer a, gconstpointer b)
{
	return (*(const struct proc *const *)a)->inside - (*(const struct proc *const *)b)->inside;
}

static GVariant *describe(const struct proc_table *table, const struct proc *process, pid_t init, size_t room)
{
	char command[COMMAND_MAX];
	ssize_t n = proc_read_file(process->pid, "cmdline", command, room);
	if (n <= 0) // a kernel thread, a zombie, or one that has emptied it
		n = proc_read_file(process->pid, "comm", command, sizeof command);
	if (n <= 0)
		n = (ssize_t)g_strlcpy(command, "?", sizeof command);
	while (n > 0 && (command[n - 1] == '\0' || command[n - 1] == '\n'))
		command[--n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if (command[i] == '\0')
			command[i] = ' ';
	const struct proc *parent = process->ppid == init ? NULL : proc_table_find(table, process->ppid);
	GVariantDict one;
	g_variant_dict_init(&one, NULL);
	g_variant_dict_insert(&one, "pid", "i", (gint32)process->inside);
	g_variant_dict_insert(&one, "ppid", "i", (gint32)(parent ? parent->inside : 1));
	g_variant_dict_insert_value(&one, "command", g_variant_new_bytestring(command));
	return g_variant_dict_end(&one);
}

GVariant *processes_list(pid_t init)
{
	autotable table;
	proc_table_read(&table);
	g_autoptr(GPtrArray) members = g_ptr_array_new();
	for (guint i = 0; i < table.all->len; i++) {
		struct proc *process = &g_array_index(table.all, struct proc, i);
		if (proc_table_below(&table, process, init))
			g_ptr_array_add(members, process);
	}
	g_ptr_array_sort(members, by_inside);
	GVariantBuilder list;
	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	guint n = MIN(members->len, PROCESSES_MAX);
	size_t room = n > 0 ? MIN(COMMAND_MAX, COMMANDS_MAX / n) : 0;
	for (guint i = 0; i < n; i++)
		g_variant_builder_add_value(&list, describe(&table, members->pdata[i], init, room));
	return g_variant_builder_end(&list);
}
