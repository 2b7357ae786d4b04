/* Transfers: bytes, limits, ends that leave or stop, and too many at once. */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wayland-server-core.h>

enum { OWNER = 1, OTHER };

struct fixture {
	struct wl_event_loop *loop;
	struct transfers *transfers;
	int reader, writer;
};

static void set_up(struct fixture *f, gconstpointer limit)
{
	int ends[2];
	f->loop = wl_event_loop_create();
	f->transfers = transfers_create(f->loop);
	g_assert_cmpint(pipe2(ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
	f->reader = ends[0];
	f->writer = transfers_start(f->transfers, OWNER, ends[1], true, limit ? GPOINTER_TO_SIZE(limit) : 64 << 20);
	g_assert_cmpint(f->writer, >=, 0);
	g_assert_cmpint(fcntl(f->writer, F_SETFL, O_NONBLOCK), ==, 0);
}

static void tear_down(struct fixture *f, gconstpointer limit)
{
	if (f->writer >= 0)
		close(f->writer);
	if (f->reader >= 0)
		close(f->reader);
	transfers_destroy(f->transfers);
	wl_event_loop_destroy(f->loop);
}

static void run(struct fixture *f)
{
	for (int i = 0; i < 100; i++)
		wl_event_loop_dispatch(f->loop, 0);
}

/* 8 MiB, byte for byte, with a reader that is sometimes slow. */
static void test_bytes(struct fixture *f, gconstpointer limit)
{
	enum { TOTAL = 8 << 20 };
	static guint8 buffer[65536];
	size_t written = 0, got = 0;
	for (int round = 0; got < TOTAL && round < 100000; round++) {
		while (written < TOTAL) {
			size_t n = MIN(sizeof buffer, TOTAL - written);
			for (size_t i = 0; i < n; i++)
				buffer[i] = (guint8)((written + i) * 7 >> 3);
			ssize_t did = write(f->writer, buffer, n);
			if (did < 0)
				break;
			written += (size_t)did;
		}
		if (written == TOTAL && f->writer >= 0) {
			close(f->writer);
			f->writer = -1;
		}
		wl_event_loop_dispatch(f->loop, 0);
		for (ssize_t n; round % 3 == 0 && (n = read(f->reader, buffer, sizeof buffer)) > 0; got += (size_t)n)
			for (ssize_t i = 0; i < n; i++)
				g_assert_cmpuint(buffer[i], ==, (guint8)((got + (size_t)i) * 7 >> 3));
	}
	g_assert_cmpuint(got, ==, TOTAL);
	run(f);
	g_assert_cmpint(read(f->reader, buffer, 1), ==, 0);
}

static void test_limit(struct fixture *f, gconstpointer limit)
{
	char buffer[100] = "";
	g_assert_cmpint(write(f->writer, buffer, 60), ==, 60);
	run(f);
	g_assert_cmpint(read(f->reader, buffer, sizeof buffer), ==, GPOINTER_TO_INT(limit));
	g_assert_cmpint(write(f->writer, buffer, 10), ==, -1); // the pipe is gone
	g_assert_cmpint(read(f->reader, buffer, sizeof buffer), ==, 0);
}

static void test_reader_leaves(struct fixture *f, gconstpointer limit)
{
	close(f->reader);
	f->reader = -1;
	g_assert_cmpint(write(f->writer, "x", 1), ==, 1);
	run(f);
	g_assert_cmpint(write(f->writer, "x", 1), ==, -1);
	g_assert_cmpint(errno, ==, EPIPE);
}

static void test_writer_leaves(struct fixture *f, gconstpointer limit)
{
	char buffer[10];
	g_assert_cmpint(write(f->writer, "half", 4), ==, 4);
	close(f->writer);
	f->writer = -1;
	run(f);
	g_assert_cmpint(read(f->reader, buffer, sizeof buffer), ==, 4);
	g_assert_cmpint(read(f->reader, buffer, sizeof buffer), ==, 0);
}

/* A reader that stops costs nothing but its transfer: the loop does not spin. */
static void test_reader_stops(struct fixture *f, gconstpointer limit)
{
	static const char data[1 << 16];
	while (write(f->writer, data, sizeof data) > 0)
		run(f);
	run(f);
	gint64 before = g_get_monotonic_time();
	wl_event_loop_dispatch(f->loop, 200);
	g_assert_cmpint(g_get_monotonic_time() - before, >, 150000);
}

/* The oldest makes room. */
static void test_many(struct fixture *f, gconstpointer limit)
{
	int writers[TRANSFERS_MAX];
	for (int i = 0; i < TRANSFERS_MAX; i++) {
		int ends[2];
		g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
		close(ends[0]);
		writers[i] = transfers_start(f->transfers, OWNER, ends[1], true, 100);
		g_assert_cmpint(writers[i], >=, 0);
	}
	char byte;
	g_assert_cmpint(read(f->reader, &byte, 1), ==, 0);
	g_assert_cmpint(write(writers[0], "x", 1), ==, 1);
	for (int i = 0; i < TRANSFERS_MAX; i++)
		close(writers[i]);
	run(f);
}

/* One that starts many ends its own with them, not another's. */
static void test_many_of_another(struct fixture *f, gconstpointer limit)
{
	int writers[2 * TRANSFERS_MAX], first = -1;
	for (int i = 0; i < 2 * TRANSFERS_MAX; i++) {
		int ends[2];
		g_assert_cmpint(pipe2(ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
		if (i == 0)
			first = ends[0];
		else
			close(ends[0]);
		writers[i] = transfers_start(f->transfers, OTHER, ends[1], true, 100);
		g_assert_cmpint(writers[i], >=, 0);
	}
	char byte;
	g_assert_cmpint(read(first, &byte, 1), ==, 0);
	g_assert_cmpint(write(f->writer, "x", 1), ==, 1);
	run(f);
	g_assert_cmpint(read(f->reader, &byte, 1), ==, 1);
	close(first);
	for (int i = 0; i < 2 * TRANSFERS_MAX; i++)
		close(writers[i]);
	run(f);
}

static void test_untrusted(struct fixture *f, gconstpointer limit)
{
	int sockets[2];
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), ==, 0);
	g_assert_cmpint(transfers_start(f->transfers, OWNER, sockets[0], true, 100), ==, -1);
	g_assert_cmpint(errno, ==, EINVAL);
	g_assert_cmpint(fcntl(sockets[0], F_GETFD), ==, -1);
	close(sockets[1]);
	g_assert_cmpint(transfers_start(f->transfers, OWNER, open("/dev/null", O_RDWR | O_CLOEXEC), true, 100), ==, -1);
	// The host's own file is the host's choice.
	FILE *file = tmpfile();
	int writer = transfers_start(f->transfers, OWNER, dup(fileno(file)), false, 100);
	g_assert_cmpint(write(writer, "text", 4), ==, 4);
	close(writer);
	run(f);
	struct stat st;
	g_assert_cmpint(fstat(fileno(file), &st), ==, 0);
	g_assert_cmpint(st.st_size, ==, 4);
	fclose(file);
}

/* A piece of a file, to a reader that is sometimes slow; and nothing to what is no pipe. */
static void test_from_file(struct fixture *f, gconstpointer limit)
{
	enum { OFFSET = 4097, SIZE = 3 << 20 };
	g_autofree guint8 *data = g_malloc(OFFSET + SIZE + 10), *got = g_malloc(SIZE + 10);
	int pipe_ends[2], sockets[2];
	FILE *file = tmpfile();
	for (size_t i = 0; i < OFFSET + SIZE + 10; i++)
		data[i] = (guint8)(i * 7 >> 3);
	g_assert_cmpuint(fwrite(data, 1, OFFSET + SIZE + 10, file), ==, OFFSET + SIZE + 10);
	g_assert_cmpint(fflush(file), ==, 0);
	g_assert_cmpint(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
	g_assert_cmpint(transfers_send(f->transfers, OWNER, fileno(file), OFFSET, SIZE, pipe_ends[1]), ==, 0);
	size_t used = 0;
	ssize_t n = -1;
	for (int round = 0; n != 0 && round < 100000; round++) {
		wl_event_loop_dispatch(f->loop, 0);
		if (round % 3 == 0 && (n = read(pipe_ends[0], got + used, SIZE + 10 - used)) > 0)
			used += (size_t)n;
	}
	g_assert_cmpmem(got, used, data + OFFSET, SIZE);
	close(pipe_ends[0]);
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), ==, 0);
	g_assert_cmpint(transfers_send(f->transfers, OWNER, fileno(file), 0, SIZE, sockets[0]), ==, -1);
	g_assert_cmpint(errno, ==, EINVAL);
	g_assert_cmpint(fcntl(sockets[0], F_GETFD), ==, -1);
	close(sockets[1]);
	fclose(file);
}

static void count(void *data)
{
	++*(unsigned *)data;
}

/* What ends by itself is told, not what is ended. */
static void test_told(struct fixture *f, gconstpointer limit)
{
	unsigned ended = 0;
	int pipe_ends[2];
	transfers_on_end(f->transfers, count, &ended);
	close(f->writer);
	f->writer = -1;
	run(f);
	g_assert_cmpuint(ended, ==, 1);
	g_assert_cmpint(pipe2(pipe_ends, O_CLOEXEC), ==, 0);
	int writer = transfers_start(f->transfers, OWNER, pipe_ends[1], true, 100);
	transfers_clear(f->transfers);
	run(f);
	g_assert_cmpuint(ended, ==, 1);
	g_assert_cmpint(write(writer, "x", 1), ==, -1);
	close(writer);
	close(pipe_ends[0]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, limit, func)                                                                                         \
	g_test_add("/transfer/" name, struct fixture, GSIZE_TO_POINTER(limit), set_up, func, tear_down)
	ADD("bytes", 0, test_bytes);
	ADD("limit", 40, test_limit);
	ADD("reader-leaves", 0, test_reader_leaves);
	ADD("writer-leaves", 0, test_writer_leaves);
	ADD("reader-stops", 0, test_reader_stops);
	ADD("many", 0, test_many);
	ADD("many-of-another", 0, test_many_of_another);
	ADD("untrusted", 0, test_untrusted);
	ADD("from-file", 0, test_from_file);
	ADD("told", 0, test_told);
	return g_test_run();
}
