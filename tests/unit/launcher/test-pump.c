/* The end of an application: what it wrote arrives, all of it, and what is written after the end is not waited for. */
#include "pump.h"

#include "fd.h"

#include <fcntl.h>
#include <string.h>

enum { ROOM = 1024 * 1024, SENT = 200 * 1000 };

static int from[2], to[2];
static char sent[SENT], received[ROOM];

static void pipes(void)
{
	g_assert_cmpint(pipe2(from, O_CLOEXEC | O_NONBLOCK), ==, 0);
	g_assert_cmpint(pipe2(to, O_CLOEXEC), ==, 0);
	g_assert_cmpint(fcntl(from[1], F_SETPIPE_SZ, ROOM), >=, ROOM);
	g_assert_cmpint(fcntl(to[1], F_SETPIPE_SZ, ROOM), >=, ROOM);
	for (int i = 0; i < SENT; i++)
		sent[i] = (char)(i * 7 + i / 251);
	g_assert_cmpint(fd_write_all(from[1], sent, SENT), >=, 0);
}

static void assert_arrived(struct pump *pump)
{
	pump_finish(pump);
	fd_closep(&to[1]);
	size_t n = 0;
	for (ssize_t got; (got = read(to[0], received + n, ROOM - n)) > 0;)
		n += (size_t)got;
	g_assert_cmpuint(n, ==, SENT);
	g_assert_cmpint(memcmp(sent, received, SENT), ==, 0);
	fd_closep(&from[0]);
	fd_closep(&from[1]);
	fd_closep(&to[0]);
}

/* steps: how often the loop came round before the application was found to have ended. */
static void test_drain(void)
{
	for (int steps = 0; steps < 9; steps++) {
		struct pump *pump = g_new0(struct pump, 1);
		pipes();
		pump_init(pump, from[0], FALSE, to[1], FALSE);
		for (int i = 0; i < steps; i++)
			pump_run(pump);
		pump_drain(pump);
		assert_arrived(pump);
		g_free(pump);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pump/drain", test_drain);
	return g_test_run();
}
