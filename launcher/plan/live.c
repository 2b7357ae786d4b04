/* What of a policy can change while the container runs: docs/control-protocol.md, SetPolicy. */
#include "plan.h"

#include "error.h"
#include "text.h"
#include "value.h"

#include <string.h>

static gboolean is_live(enum config_key key)
{
	return strcmp(config_row(key)->group, "Display") == 0 && key != CONFIG_WAYLAND && key != CONFIG_X11;
}

const char **plan_policy_keys(void)
{
	const char **keys = g_new0(const char *, CONFIG_N_KEYS + 1);
	size_t n = 0;
	for (int i = 0; i < CONFIG_N_KEYS; i++)
		if (is_live((enum config_key)i))
			keys[n++] = config_row((enum config_key)i)->key;
	return keys;
}

enum config_key plan_policy_key(const char *key, GError **error)
{
	enum config_key found = config_find("Display", key);
	if (found != CONFIG_N_KEYS && is_live(found))
		return found;
	g_autofree char *shown = text_dup_sanitized(key, 64);
	g_autofree const char **keys = plan_policy_keys();
	const struct config_row *other = config_find_elsewhere(key);
	const char *nearest = other ? (g_strv_contains(keys, other->key) ? other->key : NULL) : text_nearest(key, keys);
	if (other && !nearest)
		error_set(error, "[%s] %s cannot change while the container runs: it counts from the next start",
			other->group, other->key);
	else
		error_set(error, "there is no key \"%s\"%s%s%s", shown, nearest ? "; did you mean " : "",
			nearest ? nearest : "", nearest ? "?" : "");
	return CONFIG_N_KEYS;
}

const char *plan_policy_later(enum config_key key)
{
	if (key == CONFIG_CLIPBOARD || key == CONFIG_PRIMARY)
		return "An application that runs keeps the mode that it started with: restart it.";
	if (key == CONFIG_ALLOW_GLOBALS || key == CONFIG_DENY_GLOBALS || key == CONFIG_TEXT_INPUT)
		return "An application that uses an interface already keeps it until it ends.";
	if (key == CONFIG_TITLE_PREFIX)
		return "A window shows it when its title next changes.";
	return "";
}

static char *normal(const struct config_row *row, const char *text, GError **error)
{
	g_autofree char *reason = NULL, *dest = NULL;
	char *value = value_normal(row, text, "/", &dest, &reason);
	if (!value) {
		g_autofree char *shown = text_dup_sanitized(text, 100);
		error_set(error, "%s=%s: %s", row->key, shown, reason);
	}
	return value;
}

static GVariant *list_value(const struct config_row *row, const char *text, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(text, ";", -1);
	g_auto(GVariantBuilder) list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_STRING_ARRAY);
	for (char **part = parts; *part; part++) {
		if (!*g_strstrip(*part))
			continue;
		g_autofree char *value = normal(row, *part, error);
		if (!value)
			return NULL;
		g_variant_builder_add(&list, "s", value);
	}
	return g_variant_builder_end(&list);
}

static GVariant *single_value(enum config_key key, const char *text, GError **error)
{
	g_autofree char *value = normal(config_row(key), text, error);
	if (!value)
		return NULL;
	return key == CONFIG_TEXT_INPUT ? g_variant_new_boolean(strcmp(value, "yes") == 0)
					: g_variant_new_string(value);
}

GVariant *plan_policy_set(GVariant *policy, const char *key, const char *text, GError **error)
{
	enum config_key id = plan_policy_key(key, error);
	if (id == CONFIG_N_KEYS)
		return NULL;
	const struct config_row *row = config_row(id);
	GVariant *value = row->type == CONFIG_LIST ? list_value(row, text, error) : single_value(id, text, error);
	if (!value)
		return NULL;
	GVariantDict changed;
	g_variant_dict_init(&changed, policy);
	g_variant_dict_insert_value(&changed, row->key, value);
	return g_variant_ref_sink(g_variant_dict_end(&changed));
}
