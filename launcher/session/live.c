#include "live.h"

#include "approval.h"
#include "display.h"
#include "error.h"
#include "project.h"
#include "request.h"

#include <string.h>

static struct display *display_of(struct client *client, GError **error)
{
	if (!client->session->display)
		error_set(error, "%s has no display: [Display] Wayland=no", client->session->project);
	return client->session->display;
}

gboolean live_policy(struct client *client, struct message *message, GError **error)
{
	struct display *display = display_of(client, error);
	if (!display)
		return FALSE;
	g_autofree const char **keys = plan_policy_keys();
	GVariantDict policy, body;
	g_variant_dict_init(&policy, NULL);
	for (const char **key = keys; *key; key++) {
		g_autoptr(GVariant) value = g_variant_lookup_value(display_policy(display), *key, NULL);
		g_variant_dict_insert_value(&policy, *key, value);
	}
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert_value(&body, "policy", g_variant_dict_end(&policy));
	client_send(client, message->serial, "Policy", g_variant_dict_end(&body), NULL, 0);
	return TRUE;
}

static void add_new(GPtrArray *lines, const GPtrArray *more)
{
	for (guint i = 0; i < more->len; i++)
		if (!g_ptr_array_find_with_equal_func(lines, more->pdata[i], g_str_equal, NULL))
			g_ptr_array_add(lines, more->pdata[i]);
}

/* Whether a person has to be asked before the container gets these, the display's part of its permissions: TRUE when it
 * neither started with them nor had them approved. asked: a person was, just now, which the approval then shows. */
static gboolean needs_consent(
	const struct plan *plan, const GPtrArray *lines, const struct approval *approved, gboolean asked)
{
	if (plan->gate == PLAN_GATE_NEVER)
		return FALSE;
	g_autoptr(GPtrArray) fresh = approval_new(plan->permissions, lines);
	if (fresh->len == 0)
		return FALSE;
	g_autoptr(GPtrArray) unapproved = approval_new(approved ? approved->permissions : NULL, fresh);
	return unapproved->len > 0 || (plan->gate == PLAN_GATE_ALWAYS && !asked);
}

/* What the gate is to be asked for: all that the container has and had approved, so that consent to one right takes none
 * of the others back. */
static GVariant *consent_reply(const struct plan *plan, const GPtrArray *lines, const struct approval *approved)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	add_new(all, plan->permissions);
	add_new(all, lines);
	if (approved)
		add_new(all, approved->permissions);
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "applied", "b", FALSE);
	g_variant_dict_insert(&body, "title", "s", plan->title);
	g_variant_dict_insert(&body, "always", "b", plan->gate == PLAN_GATE_ALWAYS);
	g_variant_dict_insert_value(&body, "permissions",
		g_variant_new_bytestring_array((const char *const *)all->pdata, (gssize)all->len));
	return g_variant_dict_end(&body);
}

static GVariant *applied_reply(const char *key)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "applied", "b", TRUE);
	g_variant_dict_insert(&body, "later", "s", plan_policy_later(plan_policy_key(key, NULL)));
	return g_variant_dict_end(&body);
}

/* lock.conf is read afresh: what an administrator has forbidden meanwhile is not widened here. */
static gboolean check_lock(const char *key, GError **error)
{
	enum config_key id = plan_policy_key(key, error);
	autodirs struct config_dirs *dirs = id != CONFIG_N_KEYS ? config_dirs_new(error) : NULL;
	return dirs && project_unlocked(dirs, id, error);
}

gboolean live_set_policy(struct client *client, struct message *message, GError **error)
{
	const struct plan *plan = client->session->plan;
	struct display *display = display_of(client, error);
	g_autofree char *key = NULL, *value = NULL;
	gboolean asked = FALSE;
	if (!display || !request_field(message->body, "key", "s", &key, error) ||
		!request_field(message->body, "value", "s", &value, error) ||
		!request_field(message->body, "asked", "b", &asked, error))
		return FALSE;
	if (!key || !value)
		return error_set(error, "key or value is missing");
	if (!check_lock(key, error))
		return FALSE;
	g_autoptr(GVariant) policy = plan_policy_set(display_policy(display), key, value, error);
	if (!policy)
		return FALSE;
	g_autoptr(GError) unusable = NULL;
	autoapproval struct approval *approved = approval_load(plan->project, &unusable);
	g_autoptr(GPtrArray) lines = plan_policy_permissions(policy);
	const struct client_wait wait = {client, message->serial};
	if (!needs_consent(plan, lines, approved, asked))
		return display_set_policy(display, policy, &wait, "Policy", applied_reply(key), error);
	client_send(client, message->serial, "Policy", consent_reply(plan, lines, approved), NULL, 0);
	return TRUE;
}

gboolean live_move(struct client *client, struct message *message, GError **error)
{
	struct display *display = display_of(client, error);
	const struct client_wait wait = {client, message->serial};
	return display && display_move(display, message->body, &wait, error);
}
