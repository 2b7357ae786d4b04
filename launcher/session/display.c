#include "display.h"

#include "audit.h"
#include "error.h"
#include "fd.h"
#include "helper.h"
#include "log.h"
#include "message.h"
#include "prompt.h"
#include "restart.h"
#include "socket.h"
#include "start.h"
#include "text.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { UPSTREAMS_MAX = 16, END_MS = 500 };

struct upstream {
	char *path;   // of the compositor's socket
	char *name;   // "wayland-0" inside
	int listener; // kept here too, so that it outlives the proxy
};

/* A request to the proxy that a client waits for. */
struct pending {
	guint32 serial;		 // ours
	struct client_wait wait; // client is NULL once that has gone
	char *name;		 // of the reply, and its body
	GVariant *reply;
	GVariant *before; // the policy to go back to when this one is refused, or NULL
};

struct display {
	struct session *session;
	GVariant *policy; // the plan's, with what was changed since
	struct audit *audit;
	struct prompts *prompts;
	GPtrArray *pending; // struct pending, owned
	GPid pid;	    // of the proxy, 0 when it is not running
	int control;
	guint source, child;
	guint32 serial;
	GPtrArray *upstreams; // struct upstream, owned
	struct restarts restarts;
};

static void upstream_free(gpointer data)
{
	struct upstream *upstream = data;
	fd_closep(&upstream->listener);
	g_free(upstream->path);
	g_free(upstream->name);
	g_free(upstream);
}

static void pending_free(gpointer data)
{
	struct pending *pending = data;
	g_free(pending->name);
	if (pending->reply)
		g_variant_unref(pending->reply);
	if (pending->before)
		g_variant_unref(pending->before);
	g_free(pending);
}

/* The proxy's answer to a request, or error when it gives none. */
static void settle(struct display *display, struct pending *pending, const GError *error)
{
	struct client *client = pending->wait.client;
	if (error && pending->before) {
		g_variant_unref(display->policy);
		display->policy = g_variant_ref(pending->before);
	}
	if (client && error)
		client_send_error(client, pending->wait.serial, error);
	else if (client)
		client_send(client, pending->wait.serial, pending->name, pending->reply, NULL, 0);
	g_ptr_array_remove(display->pending, pending);
}

static gboolean settle_serial(struct display *display, guint32 serial, const GError *error)
{
	for (guint i = 0; i < display->pending->len; i++) {
		struct pending *pending = display->pending->pdata[i];
		if (pending->serial != serial)
			continue;
		settle(display, pending, error);
		return TRUE;
	}
	return FALSE;
}

static void settle_all(struct display *display)
{
	g_autoptr(GError) error = NULL;
	error_set(&error, "the Wayland proxy of %s has ended", display->session->project);
	while (display->pending->len > 0)
		settle(display, display->pending->pdata[0], error);
}

/* To the proxy that runs; a client waits for what it says. */
static gboolean ask_for_client(struct display *display, const char *request, GVariant *body,
	const struct client_wait *wait, const char *name, GVariant *reply, GError **error)
{
	struct pending *pending = g_new0(struct pending, 1);
	*pending = (struct pending){.serial = ++display->serial, .wait = *wait, .name = g_strdup(name), .reply = reply};
	if (!message_send(display->control, pending->serial, request, body, NULL, 0, error)) {
		pending_free(pending);
		return FALSE;
	}
	g_ptr_array_add(display->pending, pending);
	return TRUE;
}

static gboolean ask(struct display *display, const char *name, GVariantDict *body, int fd, GError **error)
{
	GVariant *fields = g_variant_dict_end(body);
	return message_send(display->control, ++display->serial, name, fields, &fd, fd >= 0 ? 1 : 0, error);
}

static GVariant *policy_body(const struct display *display)
{
	const struct session *session = display->session;
	g_autofree char *folder = g_build_filename(session->runtime.path, "upstream", NULL);
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "project", "s", session->project);
	g_variant_dict_insert_value(&body, "policy", display->policy);
	g_variant_dict_insert_value(&body, "directory", g_variant_new_bytestring(folder));
	return g_variant_dict_end(&body);
}

static gboolean send_policy(struct display *display, GError **error)
{
	return message_send(display->control, ++display->serial, "Policy", policy_body(display), NULL, 0, error);
}

static gboolean send_listen(struct display *display, const struct upstream *upstream, GError **error)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "name", "s", upstream->name);
	g_variant_dict_insert_value(&body, "upstream", g_variant_new_bytestring(upstream->path));
	return ask(display, "Listen", &body, upstream->listener, error);
}

static void answered(guint32 id, const char *answer, gpointer data)
{
	struct display *display = data;
	GVariantDict body;
	if (display->control < 0)
		return;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "id", "u", id);
	g_variant_dict_insert(&body, "answer", "s", answer);
	// A proxy that has gone has no question any more.
	ask(display, "Answer", &body, -1, NULL);
}

static void proxy_failed(struct display *display, const struct message *message)
{
	const char *text = "?";
	g_autoptr(GError) error = NULL;
	g_variant_lookup(message->body, "message", "&s", &text);
	error_set(&error, "%s", text);
	if (!settle_serial(display, message->serial, error))
		log_warning("the Wayland proxy of %s: %s", display->session->project, text);
}

static void handle(struct display *display, const struct message *message)
{
	if (!g_variant_is_of_type(message->body, G_VARIANT_TYPE_VARDICT))
		return;
	if (strcmp(message->name, "Audit") == 0) {
		audit_keep(display->audit, message->body);
		start_trim_log();
	} else if (strcmp(message->name, "Ask") == 0) {
		prompts_ask(display->prompts, message->body);
	} else if (strcmp(message->name, "Error") == 0) {
		proxy_failed(display, message);
	} else if (strcmp(message->name, "Done") == 0) {
		settle_serial(display, message->serial, NULL);
	}
}

static gboolean proxy_spoke(gint socket, GIOCondition condition, gpointer data)
{
	struct display *display = data;
	automessage message;
	g_autoptr(GError) error = NULL;
	int n = message_recv(socket, &message, &error);
	if (n <= 0) {
		// Its end is told by the child watch.
		display->source = 0;
		return G_SOURCE_REMOVE;
	}
	handle(display, &message);
	return G_SOURCE_CONTINUE;
}

static gboolean start_proxy(struct display *display, GError **error);

static void proxy_ended(GPid pid, gint status, gpointer data)
{
	struct display *display = data;
	g_autoptr(GError) error = NULL;
	display->child = 0;
	display->pid = 0;
	if (display->source)
		g_source_remove(display->source);
	display->source = 0;
	fd_closep(&display->control);
	prompts_withdraw(display->prompts);
	settle_all(display);
	if (!restart_may(&display->restarts))
		log_error(
			"the Wayland proxy of %s ends again and again: the next start of an application tries it once "
			"more",
			display->session->project);
	else if (!start_proxy(display, &error))
		log_error("%s", error->message);
	else
		log_warning("the Wayland proxy of %s has ended and was started again", display->session->project);
}

/* Starts the proxy and tells it everything that is known. */
static gboolean start_proxy(struct display *display, GError **error)
{
	pid_t pid = helper_start("isolate-wlproxy", SOCK_NONBLOCK, &display->control, error);
	if (pid < 0)
		return FALSE;
	display->pid = pid;
	display->source = g_unix_fd_add(display->control, G_IO_IN | G_IO_HUP, proxy_spoke, display);
	display->child = g_child_watch_add(display->pid, proxy_ended, display);
	if (!send_policy(display, error))
		return FALSE;
	for (guint i = 0; i < display->upstreams->len; i++)
		if (!send_listen(display, display->upstreams->pdata[i], error))
			return FALSE;
	return TRUE;
}

/* Whether somebody listens; a queue that is full is a sign of life. */
static gboolean probe(const char *path)
{
	autofd fd = socket_connect(path, SOCK_STREAM | SOCK_NONBLOCK);
	return fd >= 0 || errno == EAGAIN;
}

static struct upstream *find(const struct display *display, const char *path)
{
	for (guint i = 0; i < display->upstreams->len; i++) {
		struct upstream *upstream = display->upstreams->pdata[i];
		if (strcmp(upstream->path, path) == 0)
			return upstream;
	}
	return NULL;
}

static struct upstream *add(struct display *display, const char *path, GError **error)
{
	if (display->upstreams->len >= UPSTREAMS_MAX) {
		error_set(error, "%s is shown on %d compositors already: isolate stop %s", display->session->project,
			UPSTREAMS_MAX, display->session->project);
		return NULL;
	}
	g_autofree char *name = g_strdup_printf("wayland-%u", display->upstreams->len);
	g_autofree char *place = g_build_filename(display->session->runtime.path, "sockets", name, NULL);
	int listener = socket_listen(place, SOCK_STREAM | SOCK_NONBLOCK);
	if (listener < 0) {
		error_set_errno(error, errno, "cannot listen at %s", place);
		return NULL;
	}
	struct upstream *upstream = g_new0(struct upstream, 1);
	*upstream = (struct upstream){g_strdup(path), g_steal_pointer(&name), listener};
	g_ptr_array_add(display->upstreams, upstream);
	if (display->pid > 0 && !send_listen(display, upstream, error))
		return NULL;
	return upstream;
}

/* Where the folder of sockets is inside; the plan may know it by another path than XDG_RUNTIME_DIR's. */
static const char *sockets_inside(const struct session *session)
{
	g_autofree char *outside = g_build_filename(session->runtime.path, "sockets", NULL);
	struct stat ours, theirs;
	if (stat(outside, &ours) < 0)
		return NULL;
	for (guint i = 0; i < session->plan->ops->len; i++) {
		const struct plan_op *op = session->plan->ops->pdata[i];
		if (op->type == PLAN_OP_BIND && stat(op->source, &theirs) == 0 && theirs.st_ino == ours.st_ino &&
			theirs.st_dev == ours.st_dev)
			return op->dest;
	}
	return NULL;
}

static gboolean connect_run(
	struct display *display, const char *compositor, const char *token, char **wayland, GError **error)
{
	const char *inside = sockets_inside(display->session);
	if (!inside)
		return error_set(error, "the plan of %s has no place for sockets", display->session->project);
	struct upstream *upstream = find(display, compositor);
	if (!upstream)
		upstream = add(display, compositor, error);
	if (!upstream || (display->pid == 0 && !start_proxy(display, error)))
		return FALSE;
	if (token && *token) {
		GVariantDict body;
		g_variant_dict_init(&body, NULL);
		g_variant_dict_insert(&body, "token", "s", token);
		if (!ask(display, "Activation", &body, -1, error))
			return FALSE;
	}
	// The first has the usual name, which some programs take for granted.
	gboolean first = strcmp(upstream->name, PLAN_WAYLAND_NAME) == 0;
	*wayland = first ? g_strdup(upstream->name) : g_build_filename(inside, upstream->name, NULL);
	return TRUE;
}

gboolean display_for_run(struct session *session, const char *compositor, const char *token, gboolean must,
	char **wayland, char **warning, GError **error)
{
	if (!session->display)
		return TRUE;
	if (compositor && *compositor == '/' && probe(compositor))
		return connect_run(session->display, compositor, token, wayland, error);
	g_autofree char *shown = compositor ? text_dup_sanitized(compositor, 200) : NULL;
	if (must && compositor)
		return error_set(error,
			"no compositor listens at %s: is WAYLAND_DISPLAY right? isolate run --no-display goes without "
			"one",
			shown);
	if (must)
		return error_set(error, "there is no compositor: WAYLAND_DISPLAY is not set; isolate run --no-display "
					"goes without one");
	if (compositor)
		*warning =
			g_strdup_printf("no compositor listens at %s: the application runs without a display", shown);
	return TRUE;
}

struct display *display_new(struct session *session)
{
	if (!session->plan->wayland)
		return NULL;
	struct display *display = g_new0(struct display, 1);
	display->session = session;
	display->control = -1;
	display->policy = g_variant_ref(session->plan->policy);
	display->audit = audit_new(session->project);
	display->prompts = prompts_new(session->project, display->audit, answered, display);
	display->pending = g_ptr_array_new_with_free_func(pending_free);
	display->upstreams = g_ptr_array_new_with_free_func(upstream_free);
	g_autoptr(GError) error = NULL;
	// Beside the container's start, so that it is ready when the first client is.
	if (g_getenv("WAYLAND_DISPLAY") && !start_proxy(display, &error))
		log_warning("%s", error->message);
	return display;
}

GVariant *display_policy(const struct display *display)
{
	return display->policy;
}

gboolean display_set_policy(struct display *display, GVariant *policy, const struct client_wait *wait, const char *name,
	GVariant *reply, GError **error)
{
	g_autoptr(GVariant) before = g_steal_pointer(&display->policy), held = g_variant_ref_sink(reply);
	display->policy = g_variant_ref(policy);
	if (display->pid == 0) {
		client_send(wait->client, wait->serial, name, held, NULL, 0);
		return TRUE;
	}
	if (!ask_for_client(display, "Policy", policy_body(display), wait, name, g_variant_ref(held), error)) {
		g_variant_unref(display->policy);
		display->policy = g_steal_pointer(&before);
		return FALSE;
	}
	struct pending *pending = display->pending->pdata[display->pending->len - 1];
	pending->before = g_steal_pointer(&before);
	return TRUE;
}

gboolean display_move(struct display *display, GVariant *body, const struct client_wait *wait, GError **error)
{
	if (display->pid == 0)
		return error_set(
			error, "no program of %s has a window: there is nothing to move", display->session->project);
	return ask_for_client(display, "Move", body, wait, "Done", NULL, error);
}

void display_forget_client(struct display *display, const struct client *client)
{
	for (guint i = 0; i < display->pending->len; i++) {
		struct pending *pending = display->pending->pdata[i];
		if (pending->wait.client == client)
			pending->wait.client = NULL;
	}
}

/* The proxy ends, and tells of what it has denied up to now; it is not waited for long. */
static void end_proxy(struct display *display)
{
	gint64 deadline = g_get_monotonic_time() + END_MS * (gint64)1000;
	struct pollfd end = {.fd = display->control, .events = POLLIN};
	kill(display->pid, SIGTERM);
	for (gint64 left = END_MS; left > 0; left = (deadline - g_get_monotonic_time()) / 1000) {
		automessage message = {0};
		if (poll(&end, 1, (int)left) < 0 && errno == EINTR)
			continue;
		if (!end.revents || message_recv(display->control, &message, NULL) <= 0)
			break;
		if (strcmp(message.name, "Audit") == 0 && g_variant_is_of_type(message.body, G_VARIANT_TYPE_VARDICT))
			audit_keep(display->audit, message.body);
	}
	kill(display->pid, SIGKILL);
	waitpid(display->pid, NULL, 0);
}

void display_free(struct display *display)
{
	if (!display)
		return;
	if (display->child)
		g_source_remove(display->child);
	if (display->source)
		g_source_remove(display->source);
	prompts_free(display->prompts);
	if (display->pid > 0)
		end_proxy(display);
	fd_closep(&display->control);
	settle_all(display);
	audit_free(display->audit);
	g_variant_unref(display->policy);
	g_ptr_array_unref(display->pending);
	g_ptr_array_unref(display->upstreams);
	g_free(display);
}
