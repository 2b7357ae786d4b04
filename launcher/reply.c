#include "reply.h"

#include "project.h"
#include "running.h"
#include "session-client.h"

gint64 reply_number(GVariant *body, const char *key)
{
	g_autoptr(GVariant) value = g_variant_lookup_value(body, key, NULL);
	if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_INT64))
		return g_variant_get_int64(value);
	if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_INT32))
		return g_variant_get_int32(value);
	return value && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32) ? g_variant_get_uint32(value) : 0;
}

const char *reply_text(GVariant *body, const char *key)
{
	const char *value = "";
	g_variant_lookup(body, key, "&s", &value);
	return value;
}

GVariant *reply_ask(const char *project, const char *request, const char *reply, GError **error)
{
	if (running_now(project))
		return session_ask(project, request, NULL, reply, error);
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	if (dirs && !project_exists(project, dirs))
		project_unknown(project, dirs, error);
	return NULL;
}

char *reply_clock(gint64 microseconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(microseconds / G_USEC_PER_SEC);
	char *shown = time ? g_date_time_format(time, "%F %T") : NULL;
	return shown ? shown : g_strdup("?");
}
