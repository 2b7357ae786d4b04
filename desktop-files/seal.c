#include "seal.h"

#include <string.h>

static const char mark[] = "\n" SEAL_KEY "=";

/* The line's value: its start, or NULL when there is not exactly one such line. */
static const char *find(const char *content)
{
	const char *line = strstr(content, mark);
	if (!line || strstr(line + 1, mark))
		return NULL;
	return line + strlen(mark);
}

static char *hash(const char *name, const char *content, const char *value, const char *end)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(sum, (const guchar *)name, (gssize)strlen(name) + 1);
	g_checksum_update(sum, (const guchar *)content, value - content);
	g_checksum_update(sum, (const guchar *)end, (gssize)strlen(end));
	return g_strdup(g_checksum_get_string(sum));
}

char *seal_set(const char *name, const char *content)
{
	const char *value = find(content);
	g_return_val_if_fail(value, NULL);
	const char *end = value + strcspn(value, "\n");
	g_autofree char *sum = hash(name, content, value, end);
	return g_strdup_printf("%.*s%s%s", (int)(value - content), content, sum, end);
}

gboolean seal_holds(const char *name, const char *content)
{
	const char *value = find(content);
	if (!value)
		return FALSE;
	const char *end = value + strcspn(value, "\n");
	g_autofree char *sum = hash(name, content, value, end);
	return strlen(sum) == (gsize)(end - value) && strncmp(sum, value, strlen(sum)) == 0;
}
