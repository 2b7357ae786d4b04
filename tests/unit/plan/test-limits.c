/* [Resources]: what the plan says of each limit, by what the host can do. */
#include "plan-fixture.h"

#include <string.h>

static const char text[] = "[Resources]\nMemory=2G\nCpu=150%\nTasks=500\n";

static struct plan *plan_on(const char *delegated, gboolean counts_tasks)
{
	autohost struct host *host = host_debian();
	host->delegated = g_strdup(delegated);
	host->counts_tasks = counts_tasks;
	return plan_of(text, host);
}

static void assert_limit(const struct plan *plan, enum plan_resource resource, gint64 value, enum plan_enforcement by)
{
	g_assert_cmpint(plan->limits[resource].value, ==, value);
	g_assert_cmpint(plan->limits[resource].by, ==, by);
}

static void test_all_delegated(void)
{
	autoplan struct plan *plan = plan_on("cpuset cpu io memory pids", TRUE);
	assert_limit(plan, PLAN_MEMORY, (gint64)2 << 30, PLAN_CGROUP);
	assert_limit(plan, PLAN_CPU, 150, PLAN_CGROUP);
	assert_limit(plan, PLAN_TASKS, 500, PLAN_CGROUP);
	g_assert_true(plan_needs_scope(plan));
}

/* As Debian's user manager has it before systemd 252. */
static void test_some_delegated(void)
{
	autoplan struct plan *plan = plan_on("memory pids", TRUE);
	assert_limit(plan, PLAN_MEMORY, (gint64)2 << 30, PLAN_CGROUP);
	assert_limit(plan, PLAN_CPU, 150, PLAN_UNENFORCED);
	assert_limit(plan, PLAN_TASKS, 500, PLAN_CGROUP);
	g_assert_true(plan_needs_scope(plan));
}

static void test_none_delegated(void)
{
	// "cpuset" is not "cpu".
	autoplan struct plan *plan = plan_on("cpuset", TRUE), *old = plan_on(NULL, FALSE);
	assert_limit(plan, PLAN_MEMORY, (gint64)2 << 30, PLAN_RLIMIT);
	assert_limit(plan, PLAN_CPU, 150, PLAN_UNENFORCED);
	assert_limit(plan, PLAN_TASKS, 500, PLAN_RLIMIT);
	g_assert_false(plan_needs_scope(plan));
	// Where the kernel would count what the user runs outside, nothing is limited rather than the wrong thing.
	assert_limit(old, PLAN_TASKS, 500, PLAN_UNENFORCED);
}

static void test_no_limits(void)
{
	autohost struct host *host = host_debian();
	host->delegated = g_strdup("cpu memory pids");
	autoplan struct plan *plan = plan_of("[Files]\nShare=~/first\n", host);
	for (int i = 0; i < PLAN_N_RESOURCES; i++)
		assert_limit(plan, (enum plan_resource)i, 0, PLAN_UNLIMITED);
	// A scope costs a start some milliseconds: none without a limit.
	g_assert_false(plan_needs_scope(plan));
}

/* What a person reads says what is not so. */
static void test_words(void)
{
	static const struct {
		enum plan_resource resource;
		struct plan_limit limit;
		const char *words;
	} rows[] = {
		{PLAN_MEMORY, {(gint64)2 << 30, PLAN_CGROUP}, "2G of memory, and as much swap, all together"	    },
		{PLAN_MEMORY, {1536 << 20, PLAN_RLIMIT},
			"1536M of memory, but each process by itself, not all together: isolate doctor says why"		},
		{PLAN_MEMORY, {16777217, PLAN_CGROUP},	       "16777217 bytes of memory, and as much swap, all together"},
		{PLAN_CPU,	   {50, PLAN_CGROUP},	      "50% of a processor, all together"			},
		{PLAN_CPU,	   {50, PLAN_UNENFORCED},
			"50% of a processor, which this machine does not enforce: isolate doctor says why"			  },
		{PLAN_TASKS,  {64, PLAN_RLIMIT},		"64 processes and threads, all together"			},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *shown = plan_limit_text(rows[i].resource, &rows[i].limit);
		g_assert_cmpstr(shown, ==, rows[i].words);
	}
}

static void test_frozen(void)
{
	autoplan struct plan *plan = plan_on("memory", TRUE);
	g_autoptr(GVariant) frozen = g_variant_ref_sink(plan_to_variant(plan));
	autoplan struct plan *again = plan_from_variant(frozen, NULL);
	g_assert_true(plan_equal(plan, again));
	assert_limit(again, PLAN_TASKS, 500, PLAN_RLIMIT);
	again->limits[PLAN_MEMORY].by = PLAN_UNENFORCED;
	g_assert_false(plan_equal(plan, again));
}

static void test_sizes(void)
{
	static const struct {
		const char *text;
		gint64 bytes;
	} rows[] = {
		{"16M",	16 << 20	},
		   {"16777216", 16 << 20	},
		   {"16384K",   16 << 20	      },
		 {"1T",	(gint64)1 << 40}
	};
	autohost struct host *host = host_debian();
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *project = g_strdup_printf("[Resources]\nMemory=%s\n", rows[i].text);
		autoplan struct plan *plan = plan_of(project, host);
		g_assert_cmpint(plan->limits[PLAN_MEMORY].value, ==, rows[i].bytes);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/limits/all-delegated", test_all_delegated);
	g_test_add_func("/limits/some-delegated", test_some_delegated);
	g_test_add_func("/limits/none-delegated", test_none_delegated);
	g_test_add_func("/limits/none", test_no_limits);
	g_test_add_func("/limits/words", test_words);
	g_test_add_func("/limits/frozen", test_frozen);
	g_test_add_func("/limits/sizes", test_sizes);
	return g_test_run();
}
