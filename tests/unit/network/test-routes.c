/* The host's addresses, of this very machine: its loopback is there, wherever the test runs. */
#include "routes.h"

#include "error.h"
#include "fd.h"
#include "subnet.h"

static void test_loopback(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) found = routes_nearby(&error);
	struct subnet loopback;
	gboolean seen = FALSE;
	g_assert_no_error(error);
	subnet_parse("127.0.0.1", &loopback);
	for (guint i = 0; i < found->len; i++) {
		const struct subnet *subnet = &g_array_index(found, struct subnet, i);
		seen |= subnet_contains(subnet, &loopback);
		g_assert_cmpuint(subnet->prefix, >=, 6);
	}
	if (found->len == 0)
		g_test_skip("this network namespace has no address");
	else
		g_assert_true(seen);
}

static void test_watch(void)
{
	autofd watch = routes_watch();
	g_assert_cmpint(watch, >=, 0);
	routes_drain(watch); // nothing to read: it does not wait
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/network/routes/loopback", test_loopback);
	g_test_add_func("/network/routes/watch", test_watch);
	return g_test_run();
}
