#include "cmd.h"
#include "error.h"
#include "fd.h"
#include "host.h"
#include "log.h"
#include "notify.h"
#include "run-request.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Sorted by name.
static const struct cmd *const cmds[] = {
	&cmd_approvals,
	&cmd_apps,
	&cmd_audit,
	&cmd_clipboard,
	&cmd_clone,
	&cmd_cp,
	&cmd_create,
	&cmd_desktop,
	&cmd_doctor,
	&cmd_du,
	&cmd_edit,
	&cmd_explain,
	&cmd_forward,
	&cmd_git,
	&cmd_kill,
	&cmd_list,
	&cmd_logs,
	&cmd_menu,
	&cmd_plan,
	&cmd_policy,
	&cmd_ps,
	&cmd_remove,
	&cmd_rename,
	&cmd_reset,
	&cmd_restart,
	&cmd_run,
	&cmd_shell,
	&cmd_start,
	&cmd_status,
	&cmd_stop,
	&cmd_top,
};

static const char intro[] =
	"isolate gives every project its own desktop container: a home of its own, only the files you chose, and a\n"
	"Wayland connection that is filtered message by message.\n"
	"\n"
	"  isolate create first --share ~/Projects/first    make a project\n"
	"  isolate foot --project first                     run foot in it, starting the container if need be\n"
	"  isolate .first foot                              the same, shorter; .first alone opens a shell there\n"
	"  isolate explain first                            what it may reach, and which file said so\n"
	"\n"
	"  isolate APP --project NAME [--] [ARGUMENTS]\n"
	"  isolate .NAME [VERB|APP] [ARGUMENTS]\n"
	"  isolate VERB [ARGUMENTS]\n"
	"\n";

static const char outro[] =
	"\n"
	"isolate VERB --help says more about a verb; a verb wins over an application of its name: isolate run reaches "
	"both.\n"
	"Projects are files in ~/.config/isolate/projects: isolate.conf(5).\n"
	"Exit status: the application's own; 125 isolate failed, 126 cannot be executed, 127 not found.\n";

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cmds); i++)
		if (strcmp(cmds[i]->name, name) == 0)
			return cmds[i];
	return NULL;
}

const char *const *cmd_names(void)
{
	static const char *names[G_N_ELEMENTS(cmds) + 1];
	for (size_t i = 0; i < G_N_ELEMENTS(cmds); i++)
		names[i] = cmds[i]->name;
	return names;
}

static int help(int argc, char **argv, GError **error)
{
	if (argc > 1) {
		const struct cmd *cmd = cmd_find(argv[1]);
		if (cmd)
			return cmd->run(2, (char *[]){argv[1], "--help", NULL}, error);
		g_autofree char *shown = text_dup_sanitized(argv[1], 64);
		error_set(error, "there is no verb \"%s\": isolate --help lists them", shown);
		return 0;
	}
	fputs(intro, stdout);
	for (size_t i = 0; i < G_N_ELEMENTS(cmds); i++)
		printf("  %-10s %s\n", cmds[i]->name, cmds[i]->summary);
	fputs(outro, stdout);
	return 0;
}

/* Whether word is --project NAME, -p NAME or --project=NAME; name is set to the NAME, or NULL where it is missing.
 * Returns how many words it is. */
static int project_option(char **words, const char **name)
{
	if (words[0] && g_str_has_prefix(words[0], "--project=")) {
		*name = words[0] + strlen("--project=");
		return 1;
	}
	if (!words[0] || (strcmp(words[0], "--project") != 0 && strcmp(words[0], "-p") != 0))
		return 0;
	*name = words[1];
	return words[1] ? 2 : 1;
}

static int run_in(const char *project, char **argv, GError **error)
{
	autorequest struct run_request *request = run_request_new(project, argv, error);
	return request ? run_request_carry_out(request, error) : 0;
}

/* isolate .NAME [VERB|APP] [ARGUMENTS] */
static int shortcut(int argc, char **argv, GError **error)
{
	char *project = argv[1] + 1;
	if (!cmd_check_project(project, error))
		return 0;
	const struct cmd *cmd = argc > 2 ? cmd_find(argv[2]) : NULL;
	if (!cmd)
		return run_in(project, argv + 2, error);
	if (cmd != &cmd_run && !(cmd->flags & CMD_PROJECT)) {
		error_set(error,
			"\"isolate %s\" is about no single project; for an application of that name: isolate run "
			"--project %s -- %s",
			cmd->name, project, cmd->name);
		return 0;
	}
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_ptr_array_add(words, argv[2]);
	if (cmd == &cmd_run)
		g_ptr_array_add(words, "--project");
	g_ptr_array_add(words, project);
	for (int i = 3; i <= argc; i++)
		g_ptr_array_add(words, argv[i]);
	return cmd->run((int)words->len - 1, (char **)words->pdata, error);
}

/* isolate APP --project NAME [--] [ARGUMENTS] */
static int application(char **argv, GError **error)
{
	const char *project = NULL;
	int n = project_option(argv + 2, &project);
	if (n == 0) {
		const char *nearest = text_nearest(argv[1], cmd_names());
		g_autofree char *shown = text_dup_sanitized(argv[1], 64);
		error_set(error, "there is no verb \"%s\"%s%s%s; to run an application: isolate %s --project NAME",
			shown, nearest ? " (did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?)" : "",
			shown);
		return 0;
	}
	if (!project) {
		error_set(error, "--project needs a name: isolate list shows them");
		return 0;
	}
	char **rest = argv + 2 + n;
	if (rest[0] && strcmp(rest[0], "--") == 0)
		rest++;
	// The words before rest have been read: argv is made of what is left, with the application before it.
	*--rest = argv[1];
	return run_in(project, rest, error);
}

static int dispatch(int argc, char **argv, GError **error)
{
	const char *word = argv[1], *project = NULL;
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
		return help(argc - 1, argv + 1, error);
	if (strcmp(word, "--version") == 0) {
		puts("isolate " ISOLATE_VERSION);
		return 0;
	}
	if (getuid() == 0 || geteuid() == 0) {
		error_set(error, "isolate does not run as root: start it as the user whose desktop it is");
		return 0;
	}
	if (project_option(argv + 1, &project)) {
		error_set(error, "--project comes after the application: isolate APP --project %s",
			project && text_is_project_name(project) ? project : "NAME");
		return 0;
	}
	if (word[0] == '-') {
		g_autofree char *shown = text_dup_sanitized(word, 64);
		error_set(error, "there is no option %s: isolate --help", shown);
		return 0;
	}
	if (word[0] == '.' && word[1] != '/' && !g_str_has_prefix(word, ".."))
		return shortcut(argc, argv, error);
	const struct cmd *cmd = cmd_find(word);
	if (!cmd)
		return application(argv, error);
	if (cmd != &cmd_run && project_option(argv + 2, &project)) {
		error_set(error,
			"\"%s\" is a verb of isolate; for an application of that name: isolate run --project %s -- %s",
			word, project && text_is_project_name(project) ? project : "NAME", word);
		return 0;
	}
	return cmd->run(argc - 1, argv + 1, error);
}

/* GLib would ask the C library's name service for it, which a static program does not have. */
static void set_home(void)
{
	enum { HOME_FIELD = 5 };
	const char *home = g_getenv("HOME");
	g_auto(GStrv) user = home && g_path_is_absolute(home) ? NULL : host_account("/etc/passwd", "passwd", getuid());
	if (user && g_strv_length(user) > HOME_FIELD)
		g_setenv("HOME", user[HOME_FIELD], TRUE);
}

int main(int argc, char **argv)
{
	if (fd_fill_stdio() < 0)
		return ISOLATE_ERROR_FAILED;
	log_init("isolate");
	set_home();
	if (argc < 2) {
		log_error("what shall run? isolate APP --project NAME; isolate --help says more");
		return ISOLATE_ERROR_FAILED;
	}
	g_autoptr(GError) error = NULL;
	int status = dispatch(argc, argv, &error);
	if (!error)
		return status;
	g_autofree char *shown = text_dup_sanitized(error->message, 1500);
	log_error("%s", shown);
	notify_error(shown);
	return error_exit_status(error);
}
