/* Networks and ports as text. */
#include "subnet.h"

#include <glib.h>

static void test_normal(void)
{
	static const char *const rows[][2] = {
		{"192.168.1.7",		"192.168.1.7/32" },
		{"192.168.1.7/24",	   "192.168.1.0/24" },
		{"0.0.0.0/0",	      "0.0.0.0/0"	 },
		{"FD00::1/8",	      "fd00::/8"	},
		{"2001:db8::1",		"2001:db8::1/128"},
		{"::ffff:10.1.2.3",	    "10.1.2.3/32"	 },
		{"::ffff:10.1.2.3/112", "10.1.0.0/16"    },
		{"::ffff:0.0.0.0/95",   "::fffe:0:0/95"  },
		{"::/0",		 "::/0"	       },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		char text[SUBNET_TEXT_MAX];
		struct subnet subnet;
		g_assert_true(subnet_parse(rows[i][0], &subnet));
		subnet_text(&subnet, text);
		g_assert_cmpstr(text, ==, rows[i][1]);
	}
}

static void test_wrong(void)
{
	static const char *const rows[] = {"", "/", "/8", "10", "10.0.0", "10.0.0.256", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/+1", "10.0.0.0/08", "10.0.0.0/8 ", " 10.0.0.0", "10.0.0.0/8/8", "fd00::/129",
		"fd00", "fe80::1%eth0", "localhost", "10.0.0.0/8;}", "1:2:3:4:5:6:7:8:9", "010.0.0.1/8",
		"00000000000000000000000000000000000000000000000000::"};
	struct subnet subnet;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (subnet_parse(rows[i], &subnet))
			g_error("\"%s\" was taken", rows[i]);
}

static void test_ports(void)
{
	static const char *const wrong[] = {"", ":", "0", "65536", "99999", "100000", "1:", ":1", "1:0", "1:2:3", "-1",
		"+1", "080", "1 ", " 1", "a", "auto", "all", "1-2", "127.0.0.1/3000", "3000,3001"};
	unsigned port, inside;
	g_assert_true(forward_parse("3000", &port, &inside));
	g_assert_cmpuint(port, ==, 3000);
	g_assert_cmpuint(inside, ==, 3000);
	g_assert_true(forward_parse("65535:1", &port, &inside));
	g_assert_cmpuint(port, ==, 65535);
	g_assert_cmpuint(inside, ==, 1);
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
		if (forward_parse(wrong[i], &port, &inside))
			g_error("\"%s\" was taken", wrong[i]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/subnet/normal", test_normal);
	g_test_add_func("/subnet/wrong", test_wrong);
	g_test_add_func("/forward", test_ports);
	return g_test_run();
}
