/* What the running containers use, as /proc shows it from outside: a container is not asked. */
#include "cmd.h"

#include "error.h"
#include "json.h"
#include "proc-table.h"
#include "reply.h"
#include "running.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct load {
	char *project;
	pid_t init;
	guint processes, tasks;
	guint64 memory;
	guint64 cpu;	// µs since the container's start
	double percent; // of one processor
};

static void load_free(gpointer data)
{
	struct load *load = data;
	g_free(load->project);
	g_free(load);
}

/* Those that run now. */
static GPtrArray *find(void)
{
	GPtrArray *loads = g_ptr_array_new_with_free_func(load_free);
	g_autoptr(GPtrArray) names = running_all();
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GVariant) status = reply_ask(names->pdata[i], "Status", "Status", NULL);
		if (!status)
			continue;
		struct load *load = g_new0(struct load, 1);
		load->project = g_strdup(names->pdata[i]);
		load->init = (pid_t)reply_number(status, "pid");
		g_ptr_array_add(loads, load);
	}
	return loads;
}

/* The time of those that have ended is init's, or that of whoever waited for them. */
static void count(struct load *load, const struct proc_table *table)
{
	load->cpu = proc_cpu_time(load->init);
	for (guint i = 0; i < table->all->len; i++) {
		const struct proc *proc = &g_array_index(table->all, struct proc, i);
		if (!proc_table_below(table, proc, load->init))
			continue;
		load->processes++;
		load->tasks += proc->threads;
		load->memory += proc->memory;
		load->cpu += proc_cpu_time(proc->pid);
	}
}

static GPtrArray *sample(void)
{
	GPtrArray *loads = find();
	autotable table;
	proc_table_read(&table);
	for (guint i = 0; i < loads->len; i++)
		count(loads->pdata[i], &table);
	return loads;
}

static int by_load(gconstpointer a, gconstpointer b)
{
	const struct load *x = *(struct load *const *)a, *y = *(struct load *const *)b;
	int order = (y->percent > x->percent) - (y->percent < x->percent);
	return order ? order : strcmp(x->project, y->project);
}

/* What was used since then: nothing where a process with its time has gone unwaited for. */
static void compare(GPtrArray *loads, const GPtrArray *before, gint64 passed)
{
	for (guint i = 0; i < loads->len; i++) {
		struct load *load = loads->pdata[i];
		for (guint j = 0; j < before->len; j++) {
			const struct load *old = before->pdata[j];
			if (old->init == load->init && load->cpu > old->cpu && passed > 0)
				load->percent = 100.0 * (double)(load->cpu - old->cpu) / (double)passed;
		}
	}
	g_ptr_array_sort(loads, by_load);
}

static void print(const GPtrArray *loads)
{
	printf("%-20s  %9s  %7s  %9s  %12s\n", "PROJECT", "PROCESSES", "TASKS", "CPU", "MEMORY");
	for (guint i = 0; i < loads->len; i++) {
		const struct load *load = loads->pdata[i];
		printf("%-20s  %9u  %7u  %8.1f%%  %8.1f MiB\n", load->project, load->processes, load->tasks,
			load->percent, (double)load->memory / (1024 * 1024));
	}
}

static void print_json(const GPtrArray *loads)
{
	g_auto(GVariantBuilder) rows = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < loads->len; i++) {
		const struct load *load = loads->pdata[i];
		g_auto(GVariantDict) row = G_VARIANT_DICT_INIT(NULL);
		g_variant_dict_insert(&row, "project", "s", load->project);
		g_variant_dict_insert(&row, "processes", "u", load->processes);
		g_variant_dict_insert(&row, "tasks", "u", load->tasks);
		g_variant_dict_insert(&row, "cpu-percent", "d", load->percent);
		g_variant_dict_insert(&row, "cpu-time", "t", load->cpu);
		g_variant_dict_insert(&row, "memory", "t", load->memory);
		g_variant_builder_add_value(&rows, g_variant_dict_end(&row));
	}
	json_print(g_variant_builder_end(&rows));
}

static volatile sig_atomic_t ended;

static void end(int signal)
{
	ended = signal;
}

/* Waits so long; FALSE when a person has had enough. */
static gboolean pause_for(gint64 ms, gboolean keys)
{
	gint64 deadline = g_get_monotonic_time() / 1000 + ms;
	for (gint64 left = ms; left > 0 && !ended; left = deadline - g_get_monotonic_time() / 1000) {
		struct pollfd key = {.fd = keys ? STDIN_FILENO : -1, .events = POLLIN};
		char c;
		if (poll(&key, 1, (int)left) > 0 && (read(STDIN_FILENO, &c, 1) <= 0 || c == 'q'))
			return FALSE;
	}
	return !ended;
}

static void show(gint64 ms, gboolean once, gboolean json)
{
	gboolean screen = !json && !once && isatty(STDOUT_FILENO), keys = screen && isatty(STDIN_FILENO);
	g_autoptr(GPtrArray) before = sample();
	gint64 then = g_get_monotonic_time();
	while (pause_for(ms, keys)) {
		GPtrArray *now = sample();
		gint64 time = g_get_monotonic_time();
		compare(now, before, time - then);
		then = time;
		g_ptr_array_unref(before);
		before = now;
		if (screen)
			fputs("\033[H\033[J", stdout);
		if (json)
			print_json(now);
		else
			print(now);
		if (!screen && !json && !once)
			putchar('\n');
		if (fflush(stdout) != 0 || once)
			return;
	}
}

/* Keys come at once and are not shown; the terminal is left as it was. */
static void show_on_terminal(gint64 ms, gboolean once, gboolean json)
{
	struct termios before;
	gboolean terminal = !once && tcgetattr(STDIN_FILENO, &before) == 0;
	const struct sigaction action = {.sa_handler = end};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	if (terminal) {
		struct termios now = before;
		now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &now);
	}
	show(ms, once, json);
	if (terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static int run(int argc, char **argv, GError **error)
{
	gboolean once = FALSE, json = FALSE;
	double delay = 0;
	const GOptionEntry options[] = {
		{"delay",	  'd', 0, G_OPTION_ARG_DOUBLE, &delay, "between two looks (2; with --once 0.5)", "SECONDS"},
		{"once",	 0, 0, G_OPTION_ARG_NONE, &once, "look over one such time, and end", NULL},
		{"json",	 0, 0, G_OPTION_ARG_NONE, &json, "print it as JSON, an array each time", NULL},
		{NULL},
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 0, 0, error);
	if (!words)
		return 0;
	if (delay == 0)
		delay = once ? 0.5 : 2;
	if (!(delay >= 0.1 && delay <= 3600)) {
		error_set(error, "--delay takes 0.1 to 3600 seconds");
		return 0;
	}
	show_on_terminal((gint64)(delay * 1000), once, json);
	return 0;
}

const struct cmd cmd_top = {
	.name = "top",
	.arguments = "[-d SECONDS] [--once] [--json]",
	.summary = "Show what the running containers use: processor, memory, tasks",
	.details = "The busiest first, until q or ^C. 100% is one processor; memory is what is nobody else's, also "
		   "where it is\n"
		   "swapped out; tasks are threads.\n",
	.run = run,
};
