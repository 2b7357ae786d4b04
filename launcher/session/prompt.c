#include "prompt.h"

#include "args.h"
#include "audit.h"
#include "error.h"
#include "fd.h"
#include "spawn.h"
#include "text.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>

/* A container has any number of clients, each of which the proxy lets ask: these are for all of them. */
enum {
	OPEN_MAX = 3,
	BURST = 6,     // questions in a row that are refused or not answered, before
	REFILL_S = 60, // one more is shown only after this time each. A yes costs nothing
	ANSWER_MAX = 512,
};

struct prompt {
	struct prompts *prompts;
	guint32 id;
	char *app, *key;
	int socket; // its closing takes the question back
	guint source;
};

struct prompts {
	const char *project;
	struct audit *audit;
	void (*answered)(guint32 id, const char *answer, gpointer data);
	gpointer data;
	GPtrArray *open; // struct prompt, owned
	guint tokens;
	gint64 refilled; // µs, monotonic
};

static void prompt_free(gpointer data)
{
	struct prompt *prompt = data;
	if (prompt->source)
		g_source_remove(prompt->source);
	fd_closep(&prompt->socket);
	g_free(prompt->app);
	g_free(prompt->key);
	g_free(prompt);
}

struct prompts *prompts_new(const char *project, struct audit *audit,
	void (*answered)(guint32 id, const char *answer, gpointer data), gpointer data)
{
	struct prompts *prompts = g_new0(struct prompts, 1);
	*prompts = (struct prompts){
		.project = project,
		.audit = audit,
		.answered = answered,
		.data = data,
		.open = g_ptr_array_new_with_free_func(prompt_free),
		.tokens = BURST,
		.refilled = g_get_monotonic_time(),
	};
	return prompts;
}

void prompts_withdraw(struct prompts *prompts)
{
	g_ptr_array_set_size(prompts->open, 0);
}

void prompts_free(struct prompts *prompts)
{
	if (!prompts)
		return;
	g_ptr_array_unref(prompts->open);
	g_free(prompts);
}

static void refuse(struct prompts *prompts, guint32 id, const char *app, const char *key, const char *why)
{
	audit_tell(prompts->audit, app, key, why);
	prompts->answered(id, "no", prompts->data);
}

static gboolean may_ask(struct prompts *prompts)
{
	const gint64 each = REFILL_S * G_USEC_PER_SEC;
	gint64 earned = (g_get_monotonic_time() - prompts->refilled) / each;
	prompts->refilled += earned * each;
	prompts->tokens = (guint)MIN(BURST, prompts->tokens + earned);
	if (prompts->tokens == 0 || prompts->open->len >= OPEN_MAX)
		return FALSE;
	prompts->tokens--;
	return TRUE;
}

/* What isolate-ask says, once: an answer, or in a line why nobody could be asked. */
static gboolean prompt_answered(gint socket, GIOCondition condition, gpointer data)
{
	struct prompt *prompt = data;
	struct prompts *prompts = prompt->prompts;
	char answer[ANSWER_MAX + 1];
	ssize_t n = recv(socket, answer, ANSWER_MAX, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	answer[n > 0 ? n : 0] = '\0';
	prompt->source = 0;
	guint32 id = prompt->id;
	gboolean yes = strcmp(answer, "once") == 0 || strcmp(answer, "always") == 0;
	if (yes)
		prompts->tokens = MIN(BURST, prompts->tokens + 1);
	if (yes || strcmp(answer, "no") == 0)
		prompts->answered(id, answer, prompts->data);
	else
		refuse(prompts, id, prompt->app, prompt->key, *answer ? answer : "isolate-ask ended without an answer");
	g_ptr_array_remove_fast(prompts->open, prompt);
	return G_SOURCE_REMOVE;
}

static void helper_ended(GPid pid, gint status, gpointer data)
{
}

static gboolean start_helper(struct prompt *prompt, GError **error)
{
	g_autofree char *path = spawn_find_own("isolate-ask", error);
	int pair[2];
	if (!path)
		return FALSE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set_errno(error, errno, "cannot make a socket");
	prompt->socket = pair[0];
	autoargs args;
	args_init(&args);
	args_add(&args, path);
	args_add_fd(&args, pair[1]);
	args_add_all(&args, prompt->prompts->project, prompt->key, prompt->app, NULL);
	g_auto(GStrv) env = spawn_environment();
	// It ends with its socket, and takes the notification off the screen before: a signal would leave it there.
	const struct spawn how = {.path = path, .args = &args, .env = env, .error_fd = -1};
	GPid pid = spawn(&how, error);
	if (pid < 0)
		return FALSE;
	g_child_watch_add(pid, helper_ended, NULL);
	prompt->source = g_unix_fd_add(prompt->socket, G_IO_IN | G_IO_HUP, prompt_answered, prompt);
	return TRUE;
}

/* The proxy parses what a container sends: what it says is looked at again before a person sees it. */
static char *identity(const char *project, const char *app)
{
	g_autofree char *prefix = g_strdup_printf("isolate.%s.", project);
	const char *name = g_str_has_prefix(app, prefix) ? app + strlen(prefix) : "";
	return g_strconcat(prefix, text_is_app_name(name) ? name : "unknown", NULL);
}

static gboolean is_key(const char *key)
{
	static const char *const keys[] = {"Clipboard", "Primary", "InhibitShortcuts", "StealFocus", NULL};
	return g_strv_contains(keys, key);
}

void prompts_ask(struct prompts *prompts, GVariant *body)
{
	guint32 id = 0;
	const char *key = "", *claimed = "";
	g_variant_lookup(body, "id", "u", &id);
	g_variant_lookup(body, "key", "&s", &key);
	g_variant_lookup(body, "app", "&s", &claimed);
	g_autofree char *app = identity(prompts->project, claimed);
	if (!is_key(key)) {
		prompts->answered(id, "no", prompts->data);
		return;
	}
	if (!may_ask(prompts)) {
		refuse(prompts, id, app, key, "too many questions are open, or were refused lately");
		return;
	}
	struct prompt *prompt = g_new0(struct prompt, 1);
	*prompt =
		(struct prompt){.prompts = prompts, .id = id, .app = g_strdup(app), .key = g_strdup(key), .socket = -1};
	g_autoptr(GError) error = NULL;
	if (start_helper(prompt, &error)) {
		g_ptr_array_add(prompts->open, prompt);
		return;
	}
	refuse(prompts, id, app, key, error->message);
	prompt_free(prompt);
}
