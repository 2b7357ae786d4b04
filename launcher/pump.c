#include "pump.h"

#include "fd.h"

#include <errno.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

enum { DRAIN_MAX = 128 * 1024 }; // more than a pty holds

/* A pipe or a terminal that is ready takes this much without blocking; a file never blocks. */
static gsize chunk_of(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? G_MAXSIZE : PIPE_BUF;
}

void pump_init(struct pump *pump, int from, gboolean own_from, int to, gboolean own_to)
{
	pump->from = from;
	pump->to = to;
	pump->own_from = own_from;
	pump->own_to = own_to;
	pump->chunk = own_to ? G_MAXSIZE : chunk_of(to);
	pump->paused = pump->terminal = pump->in_line = FALSE;
	pump->hold = pump->broken = FALSE;
	pump->from_tty = from >= 0 && isatty(from);
	pump->start = pump->end = 0;
	pump->total = 0;
}

static void end_from(struct pump *pump)
{
	if (pump->own_from)
		fd_closep(&pump->from);
	pump->from = -1;
}

static void end_to(struct pump *pump)
{
	if (pump->own_to)
		fd_closep(&pump->to);
	pump->to = -1;
	pump->start = pump->end = 0;
}

void pump_finish(struct pump *pump)
{
	end_from(pump);
	end_to(pump);
}

gboolean pump_poll(const struct pump *pump, struct pollfd *poll)
{
	*poll = (struct pollfd){.fd = -1};
	if (pump->broken)
		return FALSE;
	if (pump->to >= 0 && pump->start < pump->end)
		*poll = (struct pollfd){.fd = pump->to, .events = POLLOUT};
	else if (pump->from >= 0 && !pump->paused)
		*poll = (struct pollfd){.fd = pump->from, .events = POLLIN};
	return poll->fd >= 0;
}

static char end_of_file(int master)
{
	struct termios modes;
	return tcgetattr(master, &modes) == 0 ? (char)modes.c_cc[VEOF] : 4;
}

/* FALSE when nothing can be read now. */
static gboolean fill(struct pump *pump)
{
	ssize_t n = read(pump->from, pump->data, sizeof pump->data);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return FALSE;
	pump->start = 0;
	pump->end = n > 0 ? (gsize)n : 0;
	if (n > 0) {
		pump->total += (guint64)n;
		pump->in_line = pump->data[n - 1] != '\n';
		return TRUE;
	}
	// A pty whose other end is closed reads as EIO: an end as well.
	end_from(pump);
	if (!pump->terminal) {
		if (!pump->hold)
			end_to(pump);
		return FALSE;
	}
	// In a line the first one only ends the line.
	for (int i = 0; i <= pump->in_line; i++)
		pump->data[pump->end++] = end_of_file(pump->to);
	return TRUE;
}

/* FALSE when nothing can be written now. */
static gboolean flush(struct pump *pump)
{
	ssize_t n = write(pump->to, pump->data + pump->start, MIN(pump->end - pump->start, pump->chunk));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return FALSE;
	if (n < 0) {
		// The reader is gone. The writer learns it the same way: by a pipe that nobody reads.
		end_from(pump);
		pump->broken = TRUE;
		if (!pump->hold)
			end_to(pump);
		return FALSE;
	}
	pump->start += (gsize)n;
	return TRUE;
}

void pump_run(struct pump *pump)
{
	if (pump->start < pump->end)
		flush(pump);
	else if (pump->from >= 0)
		fill(pump);
}

void pump_drain(struct pump *pump)
{
	// Somebody who was left behind may go on writing: what was there at the beginning is what counts.
	int there = 0;
	gsize left = DRAIN_MAX;
	if (pump->from >= 0 && ioctl(pump->from, FIONREAD, &there) == 0 && !isatty(pump->from))
		left = (gsize)there;
	while (pump->to >= 0) {
		if (pump->start == pump->end) {
			if (pump->from < 0 || left == 0 || !fill(pump))
				return;
			left -= MIN(left, pump->end); // not what had been read before
		}
		struct pollfd poll_to = {.fd = pump->to, .events = POLLOUT};
		if (pump->start < pump->end && poll(&poll_to, 1, -1) >= 0)
			flush(pump);
	}
}
