/* The script for nft(8): what it refuses, in which order, and that it is a function of sets. */
#include "rules.h"

#include <string.h>

struct lists {
	const char *allow, *deny, *nearby; // separated by spaces
	gboolean lan;
};

static GArray *subnets(const char *texts)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct subnet));
	g_auto(GStrv) words = g_strsplit(texts ? texts : "", " ", -1);
	for (char **word = words; *word && **word; word++) {
		struct subnet subnet;
		g_assert_true(subnet_parse(*word, &subnet));
		g_array_append_val(list, subnet);
	}
	return list;
}

static char *script_of(const struct lists *lists)
{
	g_autoptr(GArray) allow = subnets(lists->allow), deny = subnets(lists->deny), nearby = subnets(lists->nearby);
	const struct rules rules = {lists->lan, allow, deny, nearby};
	GString *script = g_string_new(NULL);
	rules_write(&rules, script);
	return g_string_free(script, FALSE);
}

/* The elements of a set of the script. */
static char *set_of(const char *script, const char *name)
{
	g_autofree char *head = g_strdup_printf("set %s {", name);
	const char *at = strstr(script, head);
	g_assert_nonnull(at);
	const char *end = strstr(at, "\n\t}"), *elements = strstr(at, "elements = { ");
	if (!elements || elements > end)
		return g_strdup("");
	elements += strlen("elements = { ");
	return g_strndup(elements, strcspn(elements, "}"));
}

static void assert_set(const char *script, const char *name, const char *expected)
{
	g_autofree char *elements = set_of(script, name);
	g_assert_cmpstr(g_strchomp(elements), ==, expected);
}

static gboolean covers(const char *script, const char *name, const char *address)
{
	g_autofree char *elements = set_of(script, name);
	g_auto(GStrv) words = g_strsplit(g_strchomp(elements), ", ", -1);
	struct subnet one, subnet;
	g_assert_true(subnet_parse(address, &one));
	for (char **word = words; *word; word++)
		if (subnet_parse(*word, &subnet) && subnet_contains(&subnet, &one))
			return TRUE;
	return FALSE;
}

static void test_local(void)
{
	static const char *const refused[] = {"10.0.0.1", "172.31.255.255", "192.168.0.1", "100.127.255.255",
		"169.254.169.254", "127.0.0.1", "0.0.0.0", "224.0.0.251", "255.255.255.255", "198.51.100.9"};
	static const char *const passed[] = {
		"172.32.0.1", "11.0.0.1", "100.128.0.1", "8.8.8.8", "198.51.101.1", "192.0.1.1"};
	static const char *const refused6[] = {"::1", "fe80::1", "febf::1", "fd00::1", "fc00::1", "ff02::1", "::7f00:1",
		"64:ff9b::10.1.2.3", "2002:a01:203::1", "::ffff:0:a01:203", "2001:db8::5", "64:ff9b:1::1"};
	static const char *const passed6[] = {"2600::1", "2001:db9::1", "64:ff9b::8.8.8.8", "2002:808:808::1"};
	g_autofree char *script = script_of(&(struct lists){.nearby = "198.51.100.0/24 2001:db8::/64"});
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
		g_assert_true(covers(script, "local4", refused[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(passed); i++)
		g_assert_false(covers(script, "local4", passed[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(refused6); i++)
		g_assert_true(covers(script, "local6", refused6[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(passed6); i++)
		g_assert_false(covers(script, "local6", passed6[i]));
}

static void test_lan(void)
{
	g_autofree char *script =
		script_of(&(struct lists){.lan = TRUE, .nearby = "198.51.100.0/24", .deny = "10.1.0.0/16"});
	assert_set(script, "local4", "");
	assert_set(script, "local6", "");
	assert_set(script, "denied4", "10.1.0.0/16");
	assert_set(script, "denied6", "2002:a01::/32, 64:ff9b::a01:0/112");
}

/* nft refuses what overlaps, and a route that came twice, or in another order, is no change. */
static void test_sets(void)
{
	g_autofree char *one =
		script_of(&(struct lists){.nearby = "203.0.113.0/24 203.0.113.7 10.1.0.0/16", .allow = "10.2.0.0/16"});
	g_autofree char *other = script_of(&(struct lists){
		.nearby = "203.0.113.7 203.0.113.0/24 203.0.113.0/24", .allow = "10.2.0.0/16 10.2.3.4"});
	g_assert_cmpstr(one, ==, other);
	g_assert_null(strstr(one, "203.0.113.7"));
	assert_set(one, "allowed4", "10.2.0.0/16");
}

static void test_order(void)
{
	static const char *const order[] = {"oifname \"lo\" accept", NETWORK_DNS, "@denied4 reject", "@denied6 reject",
		"@allowed4 accept", "@allowed6 accept", "@local4 reject", "@local6 reject"};
	g_autofree char *script = script_of(&(struct lists){0});
	const char *at = script;
	g_assert_true(g_str_has_prefix(script, "table inet isolate {\n"));
	for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
		at = strstr(at, order[i]);
		g_assert_nonnull(at);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/network/rules/local", test_local);
	g_test_add_func("/network/rules/lan", test_lan);
	g_test_add_func("/network/rules/sets", test_sets);
	g_test_add_func("/network/rules/order", test_order);
	return g_test_run();
}
