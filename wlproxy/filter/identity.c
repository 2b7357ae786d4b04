#include "identity.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

static bool has_id(const struct policy_app *app, const char *id, bool (*equal)(const char *, const char *))
{
	if (equal(app->name, id) || (app->window_class && equal(app->window_class, id)))
		return true;
	for (char **native = app->native_ids; native && *native; native++)
		if (equal(*native, id))
			return true;
	return false;
}

static bool equal_exactly(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool equal_but_case(const char *a, const char *b)
{
	return g_ascii_strcasecmp(a, b) == 0;
}

const char *identity_find(const struct policy *policy, const char *id)
{
	for (size_t i = 0; i < policy->n_apps; i++)
		if (has_id(&policy->apps[i], id, equal_exactly))
			return policy->apps[i].name;
	for (size_t i = 0; i < policy->n_apps; i++)
		if (has_id(&policy->apps[i], id, equal_but_case))
			return policy->apps[i].name;
	return NULL;
}

/* Its own name when it says isolate.<project>.NAME, as what reads its menu entry's name does. */
static const char *skip_own_prefix(const struct policy *policy, const char *id)
{
	size_t length = strlen(policy->project);
	if (strncmp(id, "isolate.", 8) == 0 && strncmp(id + 8, policy->project, length) == 0 && id[8 + length] == '.')
		return id + 8 + length + 1;
	return id;
}

void identity_app_id(const struct policy *policy, const char *claimed, char *out)
{
	const char *id = claimed ? skip_own_prefix(policy, claimed) : "";
	const char *known = identity_find(policy, id);
	if (known)
		id = known;
	int head = snprintf(out, IDENTITY_MAX + 1, "isolate.%s.", policy->project);
	char *end = out + head;
	for (int i = 0; i < IDENTITY_APP_MAX && id[i]; i++)
		*end++ = g_ascii_isalnum(id[i]) || strchr("._-", id[i]) ? id[i] : '_';
	*end = '\0';
	if (end == out + head)
		strcpy(end, "unknown");
}

void identity_title(const struct policy *policy, const char *claimed, char *out, size_t size)
{
	uint64_t max = policy->limits[POLICY_MAX_TITLE];
	size_t room = max < size ? (size_t)max + 1 : size, used = 0;
	if (policy->title_prefix)
		used = text_strip(out, room, policy->title_prefix);
	text_strip(out + used, room - used, claimed ? claimed : "");
}
