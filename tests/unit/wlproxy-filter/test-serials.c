/* Which serials a client was sent: ranges, their ring, and wrapping. */
#include "seat.h"

#include <glib.h>
#include <string.h>

static void test_ranges(void)
{
	struct serials serials = {0};
	g_assert_false(serials_has(&serials, 0));
	for (uint32_t i = 10; i < 1000; i++)
		serials_add(&serials, i);
	g_assert_cmpuint(serials.count, ==, 1);
	g_assert_true(serials_has(&serials, 10));
	g_assert_true(serials_has(&serials, 999));
	g_assert_false(serials_has(&serials, 9));
	g_assert_false(serials_has(&serials, 1000));
	serials_add(&serials, 2000);
	g_assert_true(serials_has(&serials, 500));
	g_assert_true(serials_has(&serials, 2000));
	g_assert_false(serials_has(&serials, 1500));
}

static void test_ring(void)
{
	struct serials serials = {0};
	for (uint32_t i = 0; i < 2 * SERIAL_RANGES; i++)
		serials_add(&serials, 3 * i);
	g_assert_cmpuint(serials.count, ==, SERIAL_RANGES);
	for (uint32_t i = 0; i < 2 * SERIAL_RANGES; i++) {
		g_assert_true(serials_has(&serials, 3 * i) == (i >= SERIAL_RANGES));
		g_assert_false(serials_has(&serials, 3 * i + 1));
	}
}

static void test_wrap(void)
{
	struct serials serials = {0};
	for (uint32_t i = 0; i < 20; i++)
		serials_add(&serials, UINT32_MAX - 9 + i);
	g_assert_cmpuint(serials.count, ==, 1);
	g_assert_true(serials_has(&serials, UINT32_MAX));
	g_assert_true(serials_has(&serials, 0));
	g_assert_true(serials_has(&serials, 9));
	g_assert_false(serials_has(&serials, 10));
	g_assert_false(serials_has(&serials, UINT32_MAX - 10));
	serials_add(&serials, 9); // the same again
	g_assert_cmpuint(serials.count, ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/serials/ranges", test_ranges);
	g_test_add_func("/serials/ring", test_ring);
	g_test_add_func("/serials/wrap", test_wrap);
	return g_test_run();
}
