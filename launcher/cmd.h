/* The verbs of isolate: one struct cmd each, in a cmd-*.c of its own, listed in main.c. */
#pragma once

#include <glib.h>

enum cmd_flags {
	CMD_PROJECT = 1 << 0, // its first argument is a project: `isolate .NAME VERB …` works too
	CMD_STRICT = 1 << 1,  // options end at the first word that is none: the rest is an application's
};

struct cmd {
	const char *name;
	const char *arguments; // for the usage line: "NAME [--yes]"
	const char *summary;   // what it does, one line without a full stop
	const char *details;   // paragraphs for `isolate VERB --help`, or NULL
	unsigned flags;	       // enum cmd_flags

	/* argv[0] is the verb. Returns the exit status; with an error set, main prints it and exits with its status. */
	int (*run)(int argc, char **argv, GError **error);
};

/* The verb of this name, or NULL; and all names, ending with NULL. */
const struct cmd *cmd_find(const char *name);
const char *const *cmd_names(void);

/* The words of argv after the verb that are not options, in new memory, ending with NULL; --help prints the verb's help and
 * exits. options ends with {NULL}; take text as G_OPTION_ARG_FILENAME(_ARRAY), on which no character set is imposed. Words
 * after the first that is no option, or after --, are left alone when the verb has CMD_STRICT. */
char **cmd_options(const GOptionEntry *options, int argc, char **argv, GError **error);

/* The same for verbs that take min to max words (max -1: any number), of which the first is a project if they have
 * CMD_PROJECT: it is checked. options may be NULL. */
char **cmd_words(const GOptionEntry *options, int argc, char **argv, int min, int max, GError **error);

/* TRUE when NAME may be a project's; else an error that shows it safely. */
gboolean cmd_check_project(const char *name, GError **error);

/* stdin and stderr are a terminal: a person can be asked. */
gboolean cmd_interactive(void);

/* A y/n question on the terminal; anything but yes is no. */
gboolean cmd_ask(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Configuration and host of a project, planned; cmd-plan.c. */
struct plan;
struct plan *cmd_make_plan(const char *name, GError **error);

// Sorted; each in cmd-<name>.c unless its family's file is named here.
extern const struct cmd cmd_approvals;
extern const struct cmd cmd_apps;
extern const struct cmd cmd_audit;
extern const struct cmd cmd_clipboard;
extern const struct cmd cmd_clone;
extern const struct cmd cmd_cp;
extern const struct cmd cmd_create;
extern const struct cmd cmd_desktop;
extern const struct cmd cmd_doctor;
extern const struct cmd cmd_du;
extern const struct cmd cmd_edit;
extern const struct cmd cmd_explain;
extern const struct cmd cmd_forward;
extern const struct cmd cmd_git;
extern const struct cmd cmd_kill; // cmd-stop.c
extern const struct cmd cmd_list;
extern const struct cmd cmd_logs;
extern const struct cmd cmd_menu;
extern const struct cmd cmd_plan;
extern const struct cmd cmd_policy;
extern const struct cmd cmd_ps;
extern const struct cmd cmd_remove;
extern const struct cmd cmd_rename;
extern const struct cmd cmd_reset;
extern const struct cmd cmd_restart; // cmd-stop.c
extern const struct cmd cmd_run;
extern const struct cmd cmd_shell;
extern const struct cmd cmd_start;
extern const struct cmd cmd_status;
extern const struct cmd cmd_stop;
extern const struct cmd cmd_top;
