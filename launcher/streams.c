#include "streams.h"

#include "fd.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Output that goes to one place goes through one pipe: then it stays in order. */
static gboolean same_file(int a, int b)
{
	struct stat x, y;
	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino &&
	       x.st_rdev == y.st_rdev;
}

static int make_pipe(struct streams *streams, int i)
{
	int pair[2];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	// Our end has a description of its own: the application's stays blocking.
	streams->ours[i] = pair[i == 0];
	streams->theirs[i] = pair[i != 0];
	return fd_set_nonblocking(streams->ours[i], true);
}

static void choose_terminal(struct streams *streams)
{
	gboolean is_tty[3];
	for (int i = 0; i < 3; i++)
		is_tty[i] = isatty(i) != 0;
	streams->mask = 0;
	streams->keys = STDIN_FILENO;
	streams->screen = STDOUT_FILENO;
	// Asked for without any terminal: then all three are the pty's, as in ssh -tt.
	if (!is_tty[0] && !is_tty[1] && !is_tty[2])
		return;
	for (guint i = 0; i < 3; i++)
		if (!is_tty[i])
			streams->mask |= 1u << i;
	if (!is_tty[0])
		streams->keys = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (!is_tty[1])
		streams->screen = is_tty[2] ? STDERR_FILENO : STDIN_FILENO;
}

int streams_open(struct streams *streams, enum streams_mode mode)
{
	*streams = (struct streams){
		mode, 0, {-1, -1, -1},
		       {-1, -1, -1},
		     -1, -1, -1
	       };
	if (mode == STREAMS_PIPES)
		streams->mask = 7;
	if (mode == STREAMS_TTY)
		choose_terminal(streams);
	for (int i = 0; i < 3; i++) {
		if (!(streams->mask & 1u << i))
			continue;
		if (i == 2 && streams->mask & 1u << 1 && same_file(STDOUT_FILENO, STDERR_FILENO))
			streams->theirs[2] = fcntl(streams->theirs[1], F_DUPFD_CLOEXEC, 3);
		else if (make_pipe(streams, i) < 0)
			return -1;
		if (streams->theirs[i] < 0)
			return -1;
	}
	return 0;
}

void streams_close_theirs(struct streams *streams)
{
	for (int i = 0; i < 3; i++)
		fd_closep(&streams->theirs[i]);
}

void streams_close(struct streams *streams)
{
	streams_close_theirs(streams);
	for (int i = 0; i < 3; i++)
		fd_closep(&streams->ours[i]);
	fd_closep(&streams->master);
}
