#include "client.h"
#include "globals.h"
#include "selection.h"
#include "text.h"
#include "transfer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct family *const families[] = {
	&family_activation,
	&family_dmabuf,
	&family_drag,
	&family_gpu,
	&family_icon,
	&family_inhibit,
	&family_offer,
	&family_output,
	&family_seat,
	&family_selection,
	&family_shm,
	&family_source,
	&family_surface,
	&family_toplevel,
};
enum { N_FAMILIES = sizeof families / sizeof *families };

struct object *client_find(struct client *client, uint32_t id, const char *interface)
{
	struct object *object = session_find_client_object(client->session, id);
	return object && strcmp(object->interface->name, interface) == 0 ? object : NULL;
}

static void fill_record(const struct client *client, struct audit_record *record)
{
	record->pid = session_client_pid(client->session);
	g_strlcpy(record->app, client->app, sizeof record->app);
}

void client_deny_value(struct client *client, const struct wire_message *message, const char *key, const char *allow)
{
	struct audit_record record = {
		.interface = wire_target(message)->interface->name,
		.request = wire_name(message),
		.key = key,
	};
	fill_record(client, &record);
	g_strlcpy(record.allow, allow, sizeof record.allow);
	audit_add(client->filter->audit, &record);
}

void client_deny(struct client *client, const struct wire_message *message, enum policy_key key)
{
	char allow[AUDIT_ALLOW_MAX + 1];
	snprintf(allow, sizeof allow, "%s=allow", policy_key_name(key));
	client_deny_value(client, message, policy_key_name(key), allow);
}

enum verdict client_error(struct client *client, const struct wire_message *message, struct object *object,
	uint32_t code, const char *format, ...)
{
	char cause[AUDIT_ALLOW_MAX + 1];
	va_list args;
	va_start(args, format);
	vsnprintf(cause, sizeof cause, format, args);
	va_end(args);
	client_deny_value(client, message, "", cause);
	return session_error(client->session, object, code, "%s", cause);
}

enum verdict client_limit(struct client *client, const struct wire_message *message, enum policy_limit limit)
{
	char allow[AUDIT_ALLOW_MAX + 1];
	snprintf(allow, sizeof allow, "a larger %s", policy_limit_name(limit));
	client_deny_value(client, message, policy_limit_name(limit), allow);
	return session_error(client->session, NULL, ERROR_NO_MEMORY, "more than %s allows", policy_limit_name(limit));
}

void client_set_app(struct client *client, const char *claimed)
{
	text_sanitize(client->app, sizeof client->app, claimed);
}

static void handle_violation(struct session *session, const struct violation *violation)
{
	struct client *client = client_of(session);
	struct filter *filter = engine_data(session_engine(session));
	struct audit_record record = {
		.interface = violation->interface ? violation->interface : "",
		.request = violation->message ? violation->message : "",
		.key = "",
	};
	if (client)
		fill_record(client, &record);
	size_t used = 0;
	if (violation->culprit == CULPRIT_HOST)
		used = g_strlcpy(record.allow, "host: ", sizeof record.allow);
	text_sanitize(record.allow + used, sizeof record.allow - used, violation->cause);
	audit_add(filter->audit, &record);
}

static bool handle_session_created(struct session *session)
{
	struct client *client = calloc(1, sizeof *client);
	if (!client)
		return false;
	client->filter = engine_data(session_engine(session));
	client->session = session;
	wl_list_init(&client->focuses);
	memcpy(client->quiet_until, client->filter->quiet_until, sizeof client->quiet_until);
	session_set_data(session, client);
	if (client->filter->policy->permissive)
		return true;
	for (size_t i = 0; i < N_FAMILIES; i++)
		if (families[i]->start && !families[i]->start(client))
			return false;
	return true;
}

static void handle_session_destroyed(struct session *session)
{
	struct client *client = client_of(session);
	if (!client)
		return;
	for (size_t i = N_FAMILIES; i-- > 0;)
		if (families[i]->finish && !client->filter->policy->permissive)
			families[i]->finish(client);
	ask_forget(client);
	session_set_data(session, NULL);
	free(client);
}

static enum offer handle_global(
	struct session *session, const struct interface *interface, uint32_t name, uint32_t *version)
{
	struct filter *filter = engine_data(session_engine(session));
	uint32_t offered = globals_offer(filter->policy, interface->name, *version, interface->version);
	if (offered == 0)
		return OFFER_HIDE;
	*version = offered;
	return OFFER_PASS;
}

static const struct engine_callbacks callbacks = {
	.session_created = handle_session_created,
	.session_destroyed = handle_session_destroyed,
	.global = handle_global,
	.violation = handle_violation,
};

static int attach_families(struct engine *engine)
{
	for (size_t i = 0; i < N_FAMILIES; i++) {
		const struct family *family = families[i];
		if (engine_hook(engine, family->hooks, family->n_hooks) < 0 ||
			(family->attach && family->attach(engine) < 0))
			return -1;
	}
	return 0;
}

static void apply_limits(struct filter *filter)
{
	struct engine_limits limits = ENGINE_LIMITS_DEFAULT;
	const uint64_t *policy = filter->policy->limits;
	limits.objects = (uint32_t)MIN(policy[POLICY_MAX_OBJECTS], UINT32_MAX);
	limits.sessions = (uint32_t)MIN(policy[POLICY_MAX_CLIENTS], UINT32_MAX);
	engine_set_limits(filter->engine, &limits);
}

struct filter *filter_create(struct wl_event_loop *loop, struct policy *policy, audit_sink sink, void *sink_data)
{
	struct filter *filter = g_new0(struct filter, 1);
	filter->policy = policy_ref(policy);
	wl_list_init(&filter->asks);
	filter->tokens = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(filter->shared); i++)
		filter->shared[i].generation = 1; // none yet, which clients are told too: some wait for it
	filter->audit = audit_create(loop, sink, sink_data);
	filter->transfers = transfers_create(loop);
	filter->announcer = announcer_create(filter, loop);
	filter->engine = filter->audit && filter->transfers && filter->announcer
				 ? engine_create(loop, &callbacks, filter)
				 : NULL;
	if (!filter->engine || (!policy->permissive && attach_families(filter->engine) < 0)) {
		int saved = errno;
		filter_destroy(filter);
		errno = saved;
		return NULL;
	}
	apply_limits(filter);
	return filter;
}

void filter_destroy(struct filter *filter)
{
	if (!filter)
		return;
	pulls_forget(filter);
	engine_destroy(filter->engine);
	announcer_destroy(filter->announcer);
	transfers_destroy(filter->transfers);
	audit_destroy(filter->audit);
	policy_unref(filter->policy);
	g_hash_table_unref(filter->tokens);
	g_free(filter);
}

struct engine *filter_engine(const struct filter *filter)
{
	return filter->engine;
}

void filter_set_policy(struct filter *filter, struct policy *policy)
{
	g_return_if_fail(policy->permissive == filter->policy->permissive);
	policy_ref(policy);
	policy_unref(filter->policy);
	filter->policy = policy;
	apply_limits(filter);
	struct session *session = NULL;
	while ((session = engine_next_session(filter->engine, session)))
		session_refresh_globals(session);
}

void filter_add_activation_token(struct filter *filter, const char *token)
{
	enum { TOKENS_MAX = 256 };
	// Tokens that were never used expire together; a compositor forgets them after seconds.
	if (g_hash_table_size(filter->tokens) >= TOKENS_MAX)
		g_hash_table_remove_all(filter->tokens);
	g_hash_table_add(filter->tokens, g_strdup(token));
}
