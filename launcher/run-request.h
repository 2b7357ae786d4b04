/* What to run and where: the one form of `isolate APP --project NAME …`, `isolate run …` and `isolate .NAME …`.
 * Made from the command line alone: neither configuration nor the container has been looked at. */
#pragma once

#include <glib.h>

enum run_tty { RUN_TTY_AUTO, RUN_TTY_YES, RUN_TTY_NO }; // AUTO: when stdin and stdout are a terminal

struct run_request {
	char *project; // a valid project name
	char **argv;   // application, or [App NAME], and its arguments; NULL: the project's shell
	char *action;  // of the application's desktop entry, or NULL
	char **env;    // NAME=value, checked, or NULL
	char *cwd;     // in the container, absolute, or NULL
	enum run_tty tty;
	gboolean detach;
	gboolean root;		   // as root of the container; the gate was asked
	gboolean no_display;	   // without a connection to the compositor
	gboolean display_optional; // with one where there is a compositor
};

/* The arguments of `isolate run`, verb included. NULL with an error. */
struct run_request *run_request_parse(int argc, char **argv, GError **error);

/* project is checked; argv, which ends with NULL, may be NULL or empty: a shell. */
struct run_request *run_request_new(const char *project, char **argv, GError **error);

void run_request_free(struct run_request *request);
static inline void run_request_freep(struct run_request **p)
{
	run_request_free(*p);
}
#define autorequest __attribute__((cleanup(run_request_freep)))

/* cmd-run.c: joins the container, or starts it first, and stays until the application ends. Returns its exit status. */
int run_request_carry_out(const struct run_request *request, GError **error);
