/* The Run request: what it says, checked, becomes a job and a request to init. */
#include "request.h"

#include "container.h"
#include "display.h"
#include "error.h"
#include "fd.h"
#include "gate.h"
#include "job.h"
#include "log.h"
#include "output.h"
#include "text.h"

#include <errno.h>
#include <string.h>

enum { STDIO_ALL = 7, STDIO_OUTPUTS = 6 };

static const char root_home[] = "/root";

struct run {
	char **argv;
	char *app, *action;
	char **env;	// NAME=value, asked for
	char **environ; // the caller's, of which Pass= names what goes on
	char *cwd, *caller_cwd;
	char *display, *token;
	gboolean no_display, display_optional, tty, detach, root;
	guint16 rows, cols;
	guint32 stdio, mask;
};

static void run_clear(struct run *run)
{
	g_strfreev(run->argv);
	g_free(run->app);
	g_free(run->action);
	g_strfreev(run->env);
	g_strfreev(run->environ);
	g_free(run->cwd);
	g_free(run->caller_cwd);
	g_free(run->display);
	g_free(run->token);
}
#define autorun __attribute__((cleanup(run_clear))) struct run

static gboolean read_fields(struct run *run, GVariant *body, GError **error)
{
	const struct {
		const char *key, *format;
		gpointer value;
	} fields[] = {
		{"argv",		 "^aay", &run->argv		   },
		{"app",		"s",    &run->app	      },
		{"action",	   "s",	&run->action	    },
		{"env",		"^aay", &run->env		 },
		{"environ",	    "^aay", &run->environ	 },
		{"cwd",		"^ay",  &run->cwd		},
		{"caller-cwd",       "^ay",  &run->caller_cwd      },
		{"display",	    "^ay",  &run->display		},
		{"display-optional", "b",	  &run->display_optional},
		{"no-display",       "b",    &run->no_display	    },
		{"activation-token", "s",	  &run->token	     },
		{"tty",		"b",    &run->tty	      },
		{"detach",	   "b",	&run->detach	    },
		{"root",		 "b",    &run->root		},
		{"rows",		 "q",    &run->rows		},
		{"cols",		 "q",    &run->cols		},
		{"stdio",		  "u",    &run->stdio		  },
		{"umask",		  "u",    &run->mask		 },
	};
	*run = (struct run){.stdio = STDIO_ALL + 1, .mask = 022};
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (!request_field(body, fields[i].key, fields[i].format, fields[i].value, error))
			return FALSE;
	if (run->tty && run->detach)
		return error_set(error, "a detached application has no terminal");
	if (run->stdio > STDIO_ALL)
		run->stdio = run->tty || run->detach ? 0 : STDIO_ALL;
	return TRUE;
}

/* What comes as fd 0-2 leads nowhere, or the application does not start. */
static gboolean check_stdio(const struct run *run, const struct message *message, GError **error)
{
	if (message->n_fds != (gsize)__builtin_popcount(run->stdio))
		return error_set(error, "%zu descriptors came with the request, not %d", message->n_fds,
			__builtin_popcount(run->stdio));
	for (size_t i = 0; i < message->n_fds; i++)
		if (!fd_is_anonymous_pipe(message->fds[i]))
			return error_set(
				error, "a descriptor that is no anonymous pipe cannot be handed to an application");
	return TRUE;
}

static const struct plan_app *find_app(const struct plan *plan, const char *name)
{
	for (guint i = 0; i < plan->apps->len; i++) {
		const struct plan_app *app = plan->apps->pdata[i];
		if (strcmp(app->name, name) == 0)
			return app;
	}
	return NULL;
}

/* What the application runs: as its Exec= says, or as this action of it does. */
static char **find_exec(const struct plan *plan, const struct plan_app *app, const char *action, GError **error)
{
	if (!action || !*action)
		return app->exec;
	for (guint i = 0; i < app->actions->len; i++) {
		const struct plan_action *found = app->actions->pdata[i];
		if (strcmp(found->id, action) == 0)
			return found->exec;
	}
	g_autofree char *shown = text_dup_sanitized(action, 100);
	error_set(error, "%s: %s has no action %s", plan->project, app->name, shown);
	return NULL;
}

/* The application's command line: of [App NAME] or Apps= and the caller's arguments, or as given, or the shell. */
static gboolean resolve(struct run *run, const struct plan *plan, const struct plan_app **app, GError **error)
{
	gboolean named = run->argv && run->argv[0];
	*app = run->app ? find_app(plan, run->app) : named ? find_app(plan, run->argv[0]) : NULL;
	if (run->app && !*app) {
		g_autofree char *shown = text_dup_sanitized(run->app, 100);
		return error_set(error, "%s has no [App %s]", plan->project, shown);
	}
	if (!*app && run->action && *run->action)
		return error_set(error, "%s: only an application that the project names has actions", plan->project);
	if (!*app) {
		if (!named) {
			g_strfreev(run->argv);
			run->argv = g_strsplit(plan->shell, "\n", 1);
		}
		return TRUE;
	}
	char **exec = find_exec(plan, *app, run->action, error);
	if (!exec)
		return FALSE;
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	for (char **word = exec; *word; word++)
		g_ptr_array_add(words, g_strdup(*word));
	for (char **word = named ? run->argv + 1 : NULL; word && *word; word++)
		g_ptr_array_add(words, g_strdup(*word));
	g_ptr_array_add(words, NULL);
	g_strfreev(run->argv);
	run->argv = (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
	return TRUE;
}

static void set_variable(GHashTable *env, const char *variable)
{
	const char *equals = strchr(variable, '=');
	if (equals && equals > variable)
		g_hash_table_replace(env, g_strndup(variable, (gsize)(equals - variable)), g_strdup(variable));
}

static gboolean is_passed(const struct plan *plan, const char *variable)
{
	size_t length = strcspn(variable, "=");
	for (guint i = 0; i < plan->pass->len; i++) {
		const char *name = plan->pass->pdata[i];
		if (strlen(name) == length && strncmp(name, variable, length) == 0)
			return TRUE;
	}
	return FALSE;
}

/* The plan's environment, then what Pass= lets through, then what this start brings, then what was asked for. */
static GHashTable *environment(const struct run *run, const struct plan *plan, const char *wayland)
{
	GHashTable *env = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (guint i = 0; i < plan->env->len; i++)
		set_variable(env, plan->env->pdata[i]);
	for (char **variable = run->environ; variable && *variable; variable++)
		if (is_passed(plan, *variable))
			set_variable(env, *variable);
	g_autofree char *display = g_strconcat("WAYLAND_DISPLAY=", wayland, NULL);
	if (wayland)
		set_variable(env, display);
	else
		g_hash_table_remove(env, "WAYLAND_DISPLAY");
	if (run->token && *run->token) {
		g_autofree char *activation = g_strconcat("XDG_ACTIVATION_TOKEN=", run->token, NULL);
		g_autofree char *startup = g_strconcat("DESKTOP_STARTUP_ID=", run->token, NULL);
		set_variable(env, activation);
		set_variable(env, startup);
	}
	static const char *const root[] = {"HOME=/root", "USER=root", "LOGNAME=root",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
	for (size_t i = 0; run->root && i < G_N_ELEMENTS(root); i++)
		set_variable(env, root[i]);
	for (char **variable = run->env; variable && *variable; variable++)
		set_variable(env, *variable);
	return env;
}

/* The caller's folder, when it is the same one inside: what was bound last over it is a folder at its own path. */
static gboolean is_shared(const struct plan *plan, const char *folder)
{
	gboolean shared = FALSE;
	for (guint i = 0; i < plan->ops->len; i++) {
		const struct plan_op *op = plan->ops->pdata[i];
		size_t length = strlen(op->dest);
		if (strncmp(op->dest, folder, length) == 0 && (folder[length] == '/' || !folder[length]))
			shared = op->type == PLAN_OP_BIND && strcmp(op->source, op->dest) == 0;
	}
	return shared;
}

static void append(GString *blob, const char *text)
{
	g_string_append_len(blob, text, (gssize)strlen(text) + 1);
}

/* The strings of INIT_RUN, and their counts. */
static GString *make_blob(const struct run *run, const struct plan *plan, GHashTable *env, struct init_request *request)
{
	GString *blob = g_string_new(NULL);
	gboolean hint = !run->cwd;
	const char *cwd = run->cwd ? run->cwd : plan->cwd;
	if (hint && run->root)
		cwd = root_home;
	else if (hint && run->caller_cwd && is_shared(plan, run->caller_cwd))
		cwd = run->caller_cwd;
	append(blob, cwd);
	append(blob, hint && cwd == plan->cwd ? "/" : plan->cwd);
	append(blob, run->argv[0]);
	for (char **word = run->argv; *word; word++, request->argc++)
		append(blob, *word);
	GHashTableIter iter;
	const char *variable;
	g_hash_table_iter_init(&iter, env);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&variable)) {
		append(blob, variable);
		request->envc++;
	}
	request->flags =
		(hint ? INIT_RUN_CWD_HINT : 0) | (run->tty ? INIT_RUN_TTY : 0) | (run->root ? INIT_RUN_ROOT : 0);
	request->blob_size = (guint32)blob->len;
	return blob;
}

static gboolean send_run(struct session *session, const struct run *run, GHashTable *env, const struct job *job,
	struct message *message, GError **error)
{
	struct init_request request = {.type = INIT_RUN,
		.job = job->id,
		.stdio = run->stdio,
		.umask = run->mask & 0777,
		.rows = run->rows,
		.cols = run->cols};
	g_autoptr(GString) blob = make_blob(run, session->plan, env, &request);
	if (blob->len > INIT_BLOB_MAX || request.argc > INIT_ARGS_MAX || request.envc > INIT_ARGS_MAX)
		return error_set(error, "the command line and the environment are too long");
	autofd memory = fd_memfd_sealed("isolate-run", blob->str, blob->len);
	if (memory < 0)
		return error_set_errno(error, errno, "cannot make a memory file");
	int fds[4] = {memory};
	size_t n = 1;
	for (size_t i = 0; i < message->n_fds; i++)
		fds[n++] = message->fds[i];
	autofd kept = run->detach && run->stdio == 0
			      ? output_pipe(session->output, job->app ? job->app : run->argv[0], job->id)
			      : -1;
	if (kept >= 0) {
		request.stdio = STDIO_OUTPUTS;
		fds[n++] = kept;
		fds[n++] = kept;
	}
	return container_send(session, &request, fds, n, error);
}

gboolean request_run(struct client *client, struct message *message, GError **error)
{
	struct session *session = client->session;
	const struct plan_app *app = NULL;
	autorun run = {0};
	if (session->state == SESSION_STOPPING) {
		// Until nothing is left: then it is for the next session.
		client_hold(client, message);
		return TRUE;
	}
	if (session->state != SESSION_RUNNING && session->state != SESSION_STARTING) {
		client_send(client, message->serial, "Ending", NULL, NULL, 0);
		return TRUE;
	}
	if (!read_fields(&run, message->body, error) || !check_stdio(&run, message, error) ||
		!resolve(&run, session->plan, &app, error))
		return FALSE;
	if (run.root && session->plan->layer == PLAN_LAYER_NONE)
		return error_set(
			error, "%s has no root: it was started without a layer, [Root] Layer=", session->project);
	if (run.root && !gate_root_approved(session->plan))
		return error_set(error, "nobody has approved a root shell in %s: isolate shell %s --root asks",
			session->project, session->project);
	if (run.root)
		log_info("a program of %s is run as root of its container", session->project);
	g_autofree char *wayland = NULL, *warning = NULL;
	// A command on a terminal may be anything, and its person sees what it says; anything else is most likely a window.
	gboolean must = !run.tty && !run.display_optional && !(app && app->terminal);
	if (!run.no_display && !display_for_run(session, run.display, run.token, must, &wayland, &warning, error))
		return FALSE;
	g_autoptr(GHashTable) env = environment(&run, session->plan, wayland);
	struct job *job = job_new(session, client, message->serial, app ? app->name : NULL, run.argv, error);
	if (!job)
		return FALSE;
	job->tty = run.tty;
	job->detached = run.detach;
	job->warning = g_steal_pointer(&warning);
	job->file = g_strdup(run.argv[0]);
	job->cwd = g_strdup(run.cwd ? run.cwd : session->plan->cwd);
	if (!send_run(session, &run, env, job, message, error)) {
		output_started(session->output, job->id, 0);
		g_hash_table_remove(session->jobs, &job->id);
		if (session->state != SESSION_STARTING || !container_is_gone(session))
			return FALSE;
		// Why there is no container says its engine's end, which comes at once and is told to everybody.
		g_clear_error(error);
		client_hold(client, message);
		return TRUE;
	}
	session->busy = TRUE;
	session->held = FALSE;
	session_stay(session);
	return TRUE;
}
