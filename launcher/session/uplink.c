#include "uplink.h"

#include "container.h"
#include "error.h"
#include "fd.h"
#include "helper.h"
#include "log.h"
#include "message.h"
#include "spawn.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* One question to the helper, and who wants the answer. */
struct wait {
	guint32 serial;		// ours
	struct client_wait who; // client NULL: gone
};

struct uplink {
	struct session *session;
	GPid pid; // of the helper, 0 when it does not run
	int control;
	guint source, child;
	char *nft, *pasta;
	gboolean ready, online;
	GVariant *forwards; // as
	guint32 serial;
	GArray *waits; // struct wait
};

static void answer(struct uplink *uplink, const struct message *message)
{
	for (guint i = 0; i < uplink->waits->len; i++) {
		const struct wait wait = g_array_index(uplink->waits, struct wait, i);
		if (wait.serial != message->serial)
			continue;
		g_array_remove_index_fast(uplink->waits, i);
		if (!wait.who.client)
			return;
		g_autoptr(GError) error = NULL;
		const char *text = "the network gave no reason";
		if (g_variant_is_of_type(message->body, G_VARIANT_TYPE_VARDICT))
			g_variant_lookup(message->body, "message", "&s", &text);
		error_set(&error, "%s", text);
		if (strcmp(message->name, "Done") == 0)
			client_send(wait.who.client, wait.who.serial, "Done", NULL, NULL, 0);
		else
			client_send_error(wait.who.client, wait.who.serial, error);
		return;
	}
}

static void take_state(struct uplink *uplink, GVariant *body)
{
	g_clear_pointer(&uplink->forwards, g_variant_unref);
	uplink->forwards = g_variant_lookup_value(body, "forwards", G_VARIANT_TYPE_STRING_ARRAY);
	g_variant_lookup(body, "up", "b", &uplink->online);
	uplink->ready = TRUE;
	container_ready(uplink->session);
}

static void fail(struct uplink *uplink, GVariant *body)
{
	const char *text = "?";
	g_variant_lookup(body, "message", "&s", &text);
	GError *error = NULL;
	error_set(&error, "%s cannot have a network: %s", uplink->session->project, text);
	container_fail(uplink->session, error);
}

/* FALSE when there is nothing to be read, or never will be. */
static gboolean read_one(struct uplink *uplink)
{
	automessage message;
	if (message_recv(uplink->control, &message, NULL) <= 0)
		return FALSE;
	gboolean dict = g_variant_is_of_type(message.body, G_VARIANT_TYPE_VARDICT);
	if (message.serial > 0)
		answer(uplink, &message);
	else if (dict && strcmp(message.name, "State") == 0)
		take_state(uplink, message.body);
	else if (dict && strcmp(message.name, "Error") == 0)
		fail(uplink, message.body);
	return TRUE;
}

static gboolean helper_spoke(gint socket, GIOCondition condition, gpointer data)
{
	struct uplink *uplink = data;
	if (read_one(uplink))
		return G_SOURCE_CONTINUE;
	uplink->source = 0; // its end is told by the child watch
	return G_SOURCE_REMOVE;
}

static void refuse_all(struct uplink *uplink)
{
	g_autoptr(GError) error = NULL;
	error_set(&error, "the network of %s has ended: isolate restart %s", uplink->session->project,
		uplink->session->project);
	for (guint i = 0; i < uplink->waits->len; i++) {
		const struct client_wait *who = &g_array_index(uplink->waits, struct wait, i).who;
		if (who->client)
			client_send_error(who->client, who->serial, error);
	}
	g_array_set_size(uplink->waits, 0);
}

static void helper_ended(GPid pid, gint status, gpointer data)
{
	struct uplink *uplink = data;
	struct session *session = uplink->session;
	uplink->pid = 0;
	uplink->child = 0;
	if (uplink->source)
		g_source_remove(uplink->source);
	uplink->source = 0;
	// An Error that it sent last is still to be read.
	while (read_one(uplink))
		;
	uplink->online = FALSE;
	g_clear_pointer(&uplink->forwards, g_variant_unref);
	refuse_all(uplink);
	// Without an Error the container had ended before: why is for the engine to say.
	if (session->state == SESSION_STARTING)
		container_kill(session);
	else if (session->state == SESSION_RUNNING)
		log_error("the network of %s has ended and is not replaced: isolate restart %s", session->project,
			session->project);
}

static gboolean check_machine(struct uplink *uplink, GError **error)
{
	uplink->nft = spawn_find_system("nft", "nftables, or say [Network] Mode=none", error);
	uplink->pasta = uplink->nft ? spawn_find_system("pasta", "passt, or say [Network] Mode=none", error) : NULL;
	if (!uplink->pasta)
		return FALSE;
	if (access("/dev/net/tun", R_OK | W_OK) == 0)
		return TRUE;
	return error_set_errno(error, errno,
		"[Network] Mode=internet needs /dev/net/tun, which you cannot open: load the module tun and see to its "
		"mode (0666), or say Mode=none");
}

static gboolean start_helper(struct uplink *uplink, GError **error)
{
	pid_t pid = helper_start("isolate-network", 0, &uplink->control, error);
	if (pid < 0)
		return FALSE;
	uplink->pid = pid;
	uplink->source = g_unix_fd_add(uplink->control, G_IO_IN | G_IO_HUP, helper_spoke, uplink);
	uplink->child = g_child_watch_add(uplink->pid, helper_ended, uplink);
	return TRUE;
}

gboolean uplink_new(struct session *session, GError **error)
{
	if (session->plan->network != PLAN_NETWORK_INTERNET)
		return TRUE;
	struct uplink *uplink = g_new0(struct uplink, 1);
	uplink->session = session;
	uplink->control = -1;
	uplink->waits = g_array_new(FALSE, FALSE, sizeof(struct wait));
	session->uplink = uplink;
	return check_machine(uplink, error) && start_helper(uplink, error);
}

static GVariant *texts(const GPtrArray *list)
{
	return g_variant_new_strv((const char *const *)list->pdata, (gssize)list->len);
}

gboolean uplink_attach(struct session *session, GError **error)
{
	struct uplink *uplink = session->uplink;
	const struct plan *plan = session->plan;
	if (!uplink)
		return TRUE;
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "project", "s", plan->project);
	g_variant_dict_insert(&body, "parent", "i", (gint32)session->container.pid);
	g_variant_dict_insert(&body, "layered", "b", plan->layer != PLAN_LAYER_NONE);
	g_variant_dict_insert(&body, "nft", "s", uplink->nft);
	g_variant_dict_insert(&body, "pasta", "s", uplink->pasta);
	g_variant_dict_insert(&body, "lan", "b", plan->lan);
	g_variant_dict_insert_value(&body, "allow", texts(plan->allow));
	g_variant_dict_insert_value(&body, "deny", texts(plan->deny));
	g_variant_dict_insert_value(&body, "forward", texts(plan->forwards));
	gboolean sent = message_send(
		uplink->control, 0, "Attach", g_variant_dict_end(&body), &session->container.info, 1, error);
	fd_closep(&session->container.info);
	return sent;
}

gboolean uplink_is_ready(const struct uplink *uplink)
{
	return !uplink || uplink->ready;
}

void uplink_status(const struct uplink *uplink, GVariantDict *body)
{
	if (!uplink)
		return;
	g_variant_dict_insert(body, "online", "b", uplink->online);
	if (uplink->forwards)
		g_variant_dict_insert_value(body, "forwards", uplink->forwards);
}

gboolean uplink_forward(struct session *session, struct client *client, guint32 serial,
	const struct uplink_forward *forward, GError **error)
{
	struct uplink *uplink = session->uplink;
	if (!uplink)
		return error_set(error, "ports are forwarded to a container with [Network] Mode=internet: %s has %s",
			session->project, plan_network_name(session->plan->network));
	if (uplink->pid == 0)
		return error_set(
			error, "the network of %s has ended: isolate restart %s", session->project, session->project);
	if (forward->port == 0 || (!forward->removed && forward->inside == 0))
		return error_set(error, "a port is 1 to 65535");
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "port", "q", forward->port);
	g_variant_dict_insert(&body, "inside", "q", forward->inside);
	g_variant_dict_insert(&body, "remove", "b", forward->removed);
	const struct wait wait = {
		++uplink->serial, {client, serial}
	  };
	if (!message_send(uplink->control, wait.serial, "Forward", g_variant_dict_end(&body), NULL, 0, error))
		return FALSE;
	g_array_append_val(uplink->waits, wait);
	return TRUE;
}

void uplink_forget_client(struct uplink *uplink, const struct client *client)
{
	for (guint i = 0; uplink && i < uplink->waits->len; i++)
		if (g_array_index(uplink->waits, struct wait, i).who.client == client)
			g_array_index(uplink->waits, struct wait, i).who.client = NULL;
}

void uplink_free(struct uplink *uplink)
{
	if (!uplink)
		return;
	if (uplink->child)
		g_source_remove(uplink->child);
	if (uplink->source)
		g_source_remove(uplink->source);
	fd_closep(&uplink->control);
	if (uplink->pid > 0) {
		kill(uplink->pid, SIGKILL);
		waitpid(uplink->pid, NULL, 0);
	}
	g_clear_pointer(&uplink->forwards, g_variant_unref);
	g_array_unref(uplink->waits);
	g_free(uplink->nft);
	g_free(uplink->pasta);
	g_free(uplink);
}
