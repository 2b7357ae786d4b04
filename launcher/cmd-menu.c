#include "cmd.h"

#include "desktop.h"
#include "emulator.h"
#include "error.h"
#include "fd.h"
#include "host-app.h"
#include "log.h"
#include "project.h"
#include "run-request.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LABEL_MAX = 200, ANSWER_MAX = 4096 };

struct row {
	char *label; // unique among the rows
	char *project;
	char *app; // NULL: the project's shell
	gboolean terminal;
};

/* What answers with the number of the chosen line is asked for that; the others give back the line, which is unique. */
static const struct picker {
	const char *name, *words; // separated by spaces
	gboolean number;
} pickers[] = {
	{"fuzzel", "--dmenu --index --prompt=isolate:",						TRUE },
	{"wofi",	 "--dmenu --insensitive --prompt isolate --define dmenu-print_line_num=true", TRUE },
	{"rofi",	 "-dmenu -i -no-custom -format i -p isolate",				      TRUE },
	{"bemenu", "-i -p isolate",							     FALSE},
};

static void free_row(void *data)
{
	struct row *row = data;
	g_free(row->label);
	g_free(row->project);
	g_free(row->app);
	g_free(row);
}

static gboolean is_taken(const GPtrArray *rows, const char *label)
{
	for (guint i = 0; i < rows->len; i++)
		if (strcmp(((const struct row *)rows->pdata[i])->label, label) == 0)
			return TRUE;
	return FALSE;
}

static void add_row(GPtrArray *rows, const struct project *project, const struct config_app *app)
{
	const char *of = project_text(project, CONFIG_TITLE);
	g_autofree char *text = g_strdup_printf(
		"%s (%s)", app ? app->title ? app->title : app->name : "Shell", *of ? of : project->name);
	struct row *row = g_new0(struct row, 1);
	row->label = text_dup_sanitized(text, LABEL_MAX);
	if (is_taken(rows, row->label)) {
		g_free(row->label);
		row->label = g_strdup_printf("%s [%s %s]", text, project->name, app ? app->name : "shell");
	}
	row->project = g_strdup(project->name);
	row->app = app ? g_strdup(app->name) : NULL;
	row->terminal = !app || app->terminal;
	g_ptr_array_add(rows, row);
}

static GPtrArray *make_rows(GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	g_autoptr(GPtrArray) names = dirs ? project_names(dirs, error) : NULL;
	if (!names)
		return NULL;
	GPtrArray *rows = g_ptr_array_new_with_free_func(free_row);
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GError) cause = NULL;
		autoproject struct project *project = project_open(names->pdata[i], dirs, &cause);
		if (!project) {
			g_autofree char *shown = text_dup_sanitized(cause->message, 1000);
			log_warning("%s", shown);
			continue;
		}
		for (guint j = 0; j < project->apps->len; j++)
			add_row(rows, project, project->apps->pdata[j]);
		add_row(rows, project, NULL);
	}
	return rows;
}

static const struct picker *find_picker(const char *name, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(pickers); i++) {
		g_autofree char *path =
			!name || strcmp(name, pickers[i].name) == 0 ? g_find_program_in_path(pickers[i].name) : NULL;
		if (path)
			return &pickers[i];
		if (name && strcmp(name, pickers[i].name) == 0) {
			error_set(error, "%s is not installed", name);
			return NULL;
		}
	}
	if (name)
		error_set(error, "--with takes fuzzel, wofi, rofi or bemenu");
	else
		error_set(error, "no menu program was found: install fuzzel, wofi, rofi or bemenu");
	return NULL;
}

/* What the picker prints when it is given these lines. NULL without an error when nothing was chosen. */
static char *pick(const struct picker *picker, const GPtrArray *rows, GError **error)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	for (guint i = 0; i < rows->len; i++)
		g_string_append_printf(lines, "%s\n", ((const struct row *)rows->pdata[i])->label);
	autofd input = fd_memfd_sealed("isolate-menu", lines->str, lines->len), output = -1;
	if (input < 0) {
		error_set_errno(error, errno, "cannot list the applications");
		return NULL;
	}
	g_autofree char *command = g_strconcat(picker->name, " ", picker->words, NULL);
	g_auto(GStrv) argv = g_strsplit(command, " ", -1);
	GPid pid;
	if (!g_spawn_async_with_pipes_and_fds(NULL, (const char *const *)argv, NULL,
		    G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, input, -1, -1, NULL, NULL, 0, &pid,
		    NULL, &output, NULL, error))
		return NULL;
	char *answer = g_malloc0(ANSWER_MAX + 1);
	for (ssize_t used = 0, n; used < ANSWER_MAX; used += n) {
		n = read(output, answer + used, (size_t)(ANSWER_MAX - used));
		if (n <= 0)
			break;
	}
	int status = 0;
	waitpid(pid, &status, 0);
	g_strchomp(answer);
	if (*answer && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return answer;
	g_free(answer);
	return NULL;
}

static const struct row *find_row(const struct picker *picker, const GPtrArray *rows, const char *answer)
{
	guint64 number;
	if (picker->number)
		return g_ascii_string_to_unsigned(answer, 10, 0, G_MAXUINT, &number, NULL) && number < rows->len
			       ? rows->pdata[number]
			       : NULL;
	for (guint i = 0; i < rows->len; i++)
		if (strcmp(((const struct row *)rows->pdata[i])->label, answer) == 0)
			return rows->pdata[i];
	return NULL;
}

/* In the place of this process: the emulator's window is what the person waits for. */
static int run_in_emulator(const struct row *row, GError **error)
{
	g_autofree char *command = desktop_command(error);
	if (!command)
		return 0;
	const char *const words[] = {command, "run", "--project", row->project, "--", row->app, NULL};
	const char *const shell[] = {command, "shell", row->project, NULL};
	g_auto(GStrv) argv = emulator_argv(row->app ? words : shell, error);
	if (argv) {
		execv(argv[0], argv);
		error_set_errno(error, errno, "cannot start %s", argv[0]);
	}
	return 0;
}

static int start(const struct row *row, GError **error)
{
	if (row->terminal && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
		return run_in_emulator(row, error);
	char *argv[] = {row->app, NULL};
	autorequest struct run_request *request = run_request_new(row->project, argv, error);
	return request ? run_request_carry_out(request, error) : 0;
}

static int run(int argc, char **argv, GError **error)
{
	g_autofree char *with = NULL;
	const GOptionEntry options[] = {
		{"with", 0, 0, G_OPTION_ARG_FILENAME, &with, "fuzzel, wofi, rofi or bemenu", "PROGRAM"},
		{NULL    },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 0, 0, error);
	const struct picker *picker = words ? find_picker(with, error) : NULL;
	g_autoptr(GPtrArray) rows = picker ? make_rows(error) : NULL;
	if (!rows)
		return 0;
	if (rows->len == 0) {
		error_set(error, "there is no project yet: isolate create NAME --share DIR");
		return 0;
	}
	GError *cause = NULL;
	g_autofree char *answer = pick(picker, rows, &cause);
	const struct row *row = answer ? find_row(picker, rows, answer) : NULL;
	if (cause)
		g_propagate_error(error, cause);
	else if (answer && !row)
		error_set(error, "%s answered with something that is not in the menu", picker->name);
	return row ? start(row, error) : 0;
}

const struct cmd cmd_menu = {
	.name = "menu",
	.arguments = "[--with fuzzel|wofi|rofi|bemenu]",
	.summary = "Choose an application of any project and run it",
	.details = "For a key of your compositor. What needs a terminal gets a window of your terminal emulator.\n",
	.run = run,
};
