/* Audit: equal records are counted, batches are a second apart, a flood is counted, nothing is lost. */
#include "audit.h"

#include <glib.h>
#include <string.h>
#include <wayland-server-core.h>

static struct wl_event_loop *loop;
static unsigned batches, records, total, overflowed;
static bool refuse;

static bool take(const struct audit_record *list, size_t count, void *data)
{
	if (refuse)
		return false;
	batches++;
	records += (unsigned)count;
	for (size_t i = 0; i < count; i++) {
		total += list[i].count;
		if (list[i].pid == 0)
			overflowed += list[i].count;
	}
	return true;
}

static void wait_ms(int ms)
{
	gint64 end = g_get_monotonic_time() + ms * 1000;
	while (g_get_monotonic_time() < end)
		wl_event_loop_dispatch(loop, 20);
}

static void add(struct audit *audit, int pid, const char *request)
{
	struct audit_record record = {.pid = pid, .interface = "wl_data_offer", .request = request, .key = "Clipboard"};
	audit_add(audit, &record);
}

static struct audit *start(void)
{
	batches = records = total = overflowed = 0;
	refuse = false;
	return audit_create(loop, take, NULL);
}

static void test_count(void)
{
	struct audit *audit = start();
	for (int i = 0; i < 1000; i++)
		add(audit, 1, "receive");
	g_assert_cmpuint(batches, ==, 1); // the first at once
	g_assert_cmpuint(total, ==, 1);
	wait_ms(1200);
	g_assert_cmpuint(batches, ==, 2);
	g_assert_cmpuint(records, ==, 2);
	g_assert_cmpuint(total, ==, 1000);
	wait_ms(1200);
	g_assert_cmpuint(batches, ==, 2);
	audit_destroy(audit);
}

static void test_flood(void)
{
	struct audit *audit = start();
	for (int i = 1; i <= 1000; i++)
		add(audit, i, "receive");
	audit_destroy(audit);
	g_assert_cmpuint(total, ==, 1000);
	g_assert_cmpuint(records, <, 100);
	g_assert_cmpuint(overflowed, >, 800);
}

static void test_refused(void)
{
	struct audit *audit = start();
	refuse = true;
	add(audit, 1, "receive");
	add(audit, 1, "receive");
	add(audit, 2, "receive");
	g_assert_cmpuint(batches, ==, 0);
	refuse = false;
	wait_ms(1200);
	g_assert_cmpuint(batches, ==, 1);
	g_assert_cmpuint(records, ==, 2);
	g_assert_cmpuint(total, ==, 3);
	audit_destroy(audit);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	loop = wl_event_loop_create();
	g_test_add_func("/audit/count", test_count);
	g_test_add_func("/audit/flood", test_flood);
	g_test_add_func("/audit/refused", test_refused);
	int status = g_test_run();
	wl_event_loop_destroy(loop);
	return status;
}
