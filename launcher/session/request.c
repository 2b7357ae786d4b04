#include "request.h"

#include "container.h"
#include "error.h"
#include "job.h"
#include "live.h"
#include "processes.h"
#include "uplink.h"

#include <signal.h>

enum { GRACE_MAX_MS = 3600 * 1000 };

gboolean request_field(GVariant *body, const char *key, const char *format, gpointer value, GError **error)
{
	g_autoptr(GVariant) held = g_variant_lookup_value(body, key, NULL);
	if (!held)
		return TRUE;
	if (!g_variant_check_format_string(held, format, TRUE))
		return error_set(error, "%s is of the wrong type", key);
	g_variant_get(held, format, value);
	return TRUE;
}

static gboolean serve_wait(struct client *client, struct message *message, GError **error)
{
	guint32 id = 0;
	if (!request_field(message->body, "job", "u", &id, error))
		return FALSE;
	struct job *job = job_find(client->session, id);
	if (!job)
		return error_set(error, "there is no job %u", id);
	job_wait(client->session, job, client, message->serial);
	return TRUE;
}

static gboolean serve_signal(struct client *client, struct message *message, GError **error)
{
	guint32 id = 0;
	gint32 number = 0;
	gboolean group = FALSE;
	if (!request_field(message->body, "job", "u", &id, error) ||
		!request_field(message->body, "signal", "i", &number, error) ||
		!request_field(message->body, "group", "b", &group, error))
		return FALSE;
	if (number <= 0 || number > SIGRTMAX)
		return error_set(error, "%d is no signal", number);
	if (!job_find(client->session, id))
		return error_set(error, "there is no job %u", id);
	const struct init_request request = {.type = INIT_SIGNAL, .job = id, .signal = number, .group = group};
	if (!container_send(client->session, &request, NULL, 0, error))
		return FALSE;
	client_send(client, message->serial, "Done", NULL, NULL, 0);
	return TRUE;
}

static GVariant *status_jobs(struct session *session)
{
	GVariantBuilder list;
	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	GHashTableIter iter;
	struct job *job;
	g_hash_table_iter_init(&iter, session->jobs);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&job)) {
		if (!job->started || job->exited)
			continue;
		GVariantDict one;
		g_variant_dict_init(&one, NULL);
		g_variant_dict_insert(&one, "job", "u", job->id);
		g_variant_dict_insert(&one, "pid", "i", (gint32)job->pid);
		if (job->app)
			g_variant_dict_insert(&one, "app", "s", job->app);
		g_variant_dict_insert_value(
			&one, "argv", g_variant_new_bytestring_array((const char *const *)job->argv, -1));
		g_variant_dict_insert(&one, "started", "x", job->started_at);
		g_variant_builder_add_value(&list, g_variant_dict_end(&one));
	}
	return g_variant_builder_end(&list);
}

static GVariant *status_limits(const struct plan *plan)
{
	GVariantBuilder list;
	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (int i = 0; i < PLAN_N_RESOURCES; i++) {
		const struct plan_limit *limit = &plan->limits[i];
		if (limit->by == PLAN_UNLIMITED)
			continue;
		GVariantDict one;
		g_variant_dict_init(&one, NULL);
		g_variant_dict_insert(&one, "resource", "s", plan_resource_name((enum plan_resource)i));
		g_variant_dict_insert(&one, "value", "x", limit->value);
		g_variant_dict_insert(&one, "by", "s", plan_enforcement_name(limit->by));
		g_variant_builder_add_value(&list, g_variant_dict_end(&one));
	}
	return g_variant_builder_end(&list);
}

static gboolean serve_status(struct client *client, struct message *message, GError **error)
{
	struct session *session = client->session;
	const struct plan *plan = session->plan;
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "project", "s", plan->project);
	g_variant_dict_insert(&body, "title", "s", plan->title);
	g_variant_dict_insert(&body, "engine", "s", plan->engine);
	g_variant_dict_insert(&body, "pid", "i", (gint32)session->init);
	g_variant_dict_insert(&body, "started", "x", session->started);
	g_variant_dict_insert(&body, "network", "s", plan_network_name(plan->network));
	uplink_status(session->uplink, &body);
	g_variant_dict_insert(&body, "linger", "x", plan->linger_ms);
	g_variant_dict_insert_value(&body, "limits", status_limits(plan));
	g_variant_dict_insert(&body, "stopping", "b", session->state != SESSION_RUNNING);
	g_variant_dict_insert_value(&body, "jobs", status_jobs(session));
	client_send(client, message->serial, "Status", g_variant_dict_end(&body), NULL, 0);
	return TRUE;
}

static gboolean serve_processes(struct client *client, struct message *message, GError **error)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert_value(&body, "processes", processes_list(client->session->init));
	client_send(client, message->serial, "Processes", g_variant_dict_end(&body), NULL, 0);
	return TRUE;
}

/* As `isolate start` on one that would end soon. */
static gboolean serve_hold(struct client *client, struct message *message, GError **error)
{
	client->session->held = TRUE;
	session_stay(client->session);
	client_send(client, message->serial, "Done", NULL, NULL, 0);
	return TRUE;
}

static gboolean serve_stop(struct client *client, struct message *message, GError **error)
{
	gint64 grace = 0;
	if (!request_field(message->body, "grace", "x", &grace, error))
		return FALSE;
	const struct client_wait wait = {client, message->serial};
	g_array_append_val(client->session->stops, wait);
	session_stop(client->session, CLAMP(grace, 0, GRACE_MAX_MS));
	return TRUE;
}

static gboolean serve_forward(struct client *client, struct message *message, GError **error)
{
	struct session *session = client->session;
	struct uplink_forward forward = {0};
	if (!request_field(message->body, "port", "q", &forward.port, error) ||
		!request_field(message->body, "inside", "q", &forward.inside, error) ||
		!request_field(message->body, "remove", "b", &forward.removed, error))
		return FALSE;
	if (session->state != SESSION_RUNNING)
		return error_set(error, "%s is ending", session->project);
	return uplink_forward(session, client, message->serial, &forward, error);
}

static const struct {
	const char *name;
	gboolean (*serve)(struct client *client, struct message *message, GError **error);
} requests[] = {
	{"Run",	request_run	   },
	{"Wait",	 serve_wait	   },
	{"Signal",	   serve_signal   },
	{"Status",	   serve_status   },
	{"Processes", serve_processes},
	{"Policy",	   live_policy    },
	{"SetPolicy", live_set_policy},
	{"Move",	 live_move	  },
	{"Hold",	 serve_hold	   },
	{"Forward",   serve_forward	 },
	{"Stop",	 serve_stop	   },
};

void request_serve(struct client *client, struct message *message)
{
	g_autoptr(GError) error = NULL;
	gboolean good = FALSE, known = FALSE;
	if (!g_variant_is_of_type(message->body, G_VARIANT_TYPE_VARDICT)) {
		error_set(&error, "the body of a request is an a{sv}");
		known = TRUE;
	}
	static const char *const wait[] = {"Status", "Processes", "Policy", "SetPolicy", "Move", "Forward", NULL};
	// Nothing runs in a container whose network is still open on all sides.
	gboolean early = g_strcmp0(message->name, "Run") == 0 && !uplink_is_ready(client->session->uplink);
	if (!known && (early || g_strv_contains(wait, message->name)) && client->session->state == SESSION_STARTING) {
		client_hold(client, message);
		return;
	}
	for (size_t i = 0; !known && i < G_N_ELEMENTS(requests); i++) {
		if (g_strcmp0(message->name, requests[i].name) != 0)
			continue;
		known = TRUE;
		good = requests[i].serve(client, message, &error);
	}
	if (!known)
		error_set(&error, "there is no such request");
	if (!good)
		client_send_error(client, message->serial, error);
}
