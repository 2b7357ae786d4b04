#include "rules.h"

#include <sys/socket.h>

/* What is nobody's on the internet: this network, private, shared by carriers, loopback, link-local, protocol assignments,
 * benchmarks, multicast, reserved and broadcast; their IPv6 relatives, and forms that hold an IPv4 address of any kind. */
static const char *const not_internet[] = {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
	"172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::/64",
	"64:ff9b:1::/48", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"};

/* Prefixes below which translators and tunnels take an IPv4 address for the one that is meant. */
static const char *const embedding[] = {"64:ff9b::/96", "2002::/16"};

static void add(GArray *set, const struct subnet *subnet)
{
	for (guint i = 0; i < set->len; i++)
		if (subnet_contains(&g_array_index(set, struct subnet, i), subnet))
			return;
	// nft refuses intervals that overlap.
	for (guint i = set->len; i-- > 0;)
		if (subnet_contains(subnet, &g_array_index(set, struct subnet, i)))
			g_array_remove_index_fast(set, i);
	g_array_append_val(set, *subnet);
}

static void add_embedded(GArray *set, const struct subnet *subnet)
{
	add(set, subnet);
	for (gsize i = 0; subnet->family == AF_INET && i < G_N_ELEMENTS(embedding); i++) {
		struct subnet below, whole;
		subnet_parse(embedding[i], &below);
		whole = subnet_embed(subnet, &below);
		add(set, &whole);
	}
}

static void add_all(GArray *set, const GArray *subnets)
{
	for (guint i = 0; i < subnets->len; i++)
		add_embedded(set, &g_array_index(subnets, struct subnet, i));
}

static int compare(const void *a, const void *b)
{
	char x[SUBNET_TEXT_MAX], y[SUBNET_TEXT_MAX];
	subnet_text(a, x);
	subnet_text(b, y);
	return g_strcmp0(x, y);
}

static void write_set(GString *script, const char *name, int family, const GArray *subnets)
{
	char text[SUBNET_TEXT_MAX];
	const char *before = "\t\telements = { ";
	g_string_append_printf(script, "\tset %s%d {\n\t\ttype %s; flags interval;\n", name, family == AF_INET ? 4 : 6,
		family == AF_INET ? "ipv4_addr" : "ipv6_addr");
	for (guint i = 0; i < subnets->len; i++) {
		const struct subnet *subnet = &g_array_index(subnets, struct subnet, i);
		if (subnet->family != family)
			continue;
		subnet_text(subnet, text);
		g_string_append_printf(script, "%s%s", before, text);
		before = ", ";
	}
	g_string_append_printf(script, "%s\t}\n", before[0] == ',' ? " }\n" : "");
}

/* Sorted, so that the same addresses in another order are the same script. */
static void write_sets(GString *script, const char *name, GArray *subnets)
{
	g_array_sort(subnets, compare);
	write_set(script, name, AF_INET, subnets);
	write_set(script, name, AF_INET6, subnets);
}

void rules_write(const struct rules *rules, GString *script)
{
	g_autoptr(GArray) denied = g_array_new(FALSE, FALSE, sizeof(struct subnet));
	g_autoptr(GArray) allowed = g_array_new(FALSE, FALSE, sizeof(struct subnet));
	g_autoptr(GArray) local = g_array_new(FALSE, FALSE, sizeof(struct subnet));
	add_all(denied, rules->deny);
	for (guint i = 0; i < rules->allow->len; i++)
		add(allowed, &g_array_index(rules->allow, struct subnet, i));
	for (gsize i = 0; !rules->lan && i < G_N_ELEMENTS(not_internet); i++) {
		struct subnet subnet;
		subnet_parse(not_internet[i], &subnet);
		add_embedded(local, &subnet);
	}
	if (!rules->lan)
		add_all(local, rules->nearby);
	g_string_append(script, "table inet isolate {\n");
	write_sets(script, "denied", denied);
	write_sets(script, "allowed", allowed);
	write_sets(script, "local", local);
	g_string_append(script,
		"\tchain output {\n"
		"\t\ttype filter hook output priority 0; policy accept;\n"
		"\t\toifname \"lo\" accept\n"
		"\t\tip daddr " NETWORK_DNS " udp dport 53 accept\n"
		// The kernel's own, to find its gateway: no program inside can send them.
		"\t\ticmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept\n"
		"\t\tip daddr @denied4 reject with icmpx admin-prohibited\n"
		"\t\tip6 daddr @denied6 reject with icmpx admin-prohibited\n"
		"\t\tip daddr @allowed4 accept\n"
		"\t\tip6 daddr @allowed6 accept\n"
		"\t\tip daddr @local4 reject with icmpx admin-prohibited\n"
		"\t\tip6 daddr @local6 reject with icmpx admin-prohibited\n"
		"\t}\n}\n");
}
