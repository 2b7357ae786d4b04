/* [Network]: which network, and what of it. */
#include "build.h"

#include "subnet.h"

#include <string.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add(GPtrArray *texts, const char *text)
{
	if (!g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL))
		g_ptr_array_add(texts, g_strdup(text));
}

/* In their normal form, so that another way to write the same is no change. */
static void add_subnets(const struct build *build, enum config_key key, GPtrArray *subnets)
{
	const GPtrArray *items = project_items(build->project, key);
	for (guint i = 0; i < items->len; i++) {
		char text[SUBNET_TEXT_MAX];
		struct subnet subnet;
		subnet_parse(((const struct config_item *)items->pdata[i])->value, &subnet);
		subnet_text(&subnet, text);
		add(subnets, text);
	}
	g_ptr_array_sort(subnets, compare);
}

static gboolean add_forwards(const struct build *build, GError **error)
{
	const GPtrArray *items = project_items(build->project, CONFIG_FORWARD);
	GPtrArray *forwards = build->plan->forwards;
	for (guint i = 0; i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		unsigned port, inside;
		forward_parse(item->value, &port, &inside);
		g_autofree char *text = g_strdup_printf("%u:%u", port, inside), *same = g_strdup_printf("%u:", port);
		for (guint j = 0; j < forwards->len; j++)
			if (g_str_has_prefix(forwards->pdata[j], same) && strcmp(forwards->pdata[j], text) != 0)
				return item_wrong(item, error, "port %u is forwarded to another port already", port);
		add(forwards, text);
	}
	g_ptr_array_sort(forwards, compare);
	return TRUE;
}

/* A key of which nothing would come, although somebody wrote it. */
static gboolean refuse_items(const struct build *build, enum config_key key, const char *words, GError **error)
{
	const GPtrArray *items = project_items(build->project, key);
	return items->len == 0 || item_wrong(items->pdata[0], error, "%s", words);
}

static gboolean refuse_lan(const struct build *build, const char *value, const char *words, GError **error)
{
	const struct config_item *item = project_items(build->project, CONFIG_LAN)->pdata[0];
	return strcmp(item->origin, "default") == 0 || strcmp(item->value, value) != 0 ||
	       item_wrong(item, error, "%s", words);
}

gboolean build_network(struct build *build, GError **error)
{
	static const char needs[] = "it needs Mode=internet",
			  host[] = "Mode=host hands over all of this machine's network";
	struct plan *plan = build->plan;
	const char *mode = project_text(build->project, CONFIG_NETWORK_MODE);
	if (strcmp(mode, "none") == 0) {
		plan->network = PLAN_NETWORK_NONE;
		return refuse_items(build, CONFIG_FORWARD, needs, error) &&
		       refuse_items(build, CONFIG_ALLOW, needs, error) && refuse_lan(build, "allow", needs, error);
	}
	if (strcmp(mode, "host") == 0) {
		plan->network = PLAN_NETWORK_HOST;
		return refuse_items(build, CONFIG_DENY, host, error) && refuse_lan(build, "deny", host, error);
	}
	plan->network = PLAN_NETWORK_INTERNET;
	plan->lan = strcmp(project_text(build->project, CONFIG_LAN), "allow") == 0;
	add_subnets(build, CONFIG_ALLOW, plan->allow);
	add_subnets(build, CONFIG_DENY, plan->deny);
	return add_forwards(build, error);
}
