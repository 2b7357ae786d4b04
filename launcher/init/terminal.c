#include "terminal.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifndef DEVPTS_SUPER_MAGIC
#define DEVPTS_SUPER_MAGIC 0x1cd1
#endif

enum { LEADER_STATUS = 3 };

static int devpts = -1;

int terminal_init(void)
{
	struct statfs fs;
	devpts = open("/dev/pts", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (devpts < 0 || fstatfs(devpts, &fs) < 0)
		return -1;
	if (fs.f_type == DEVPTS_SUPER_MAGIC)
		return 0;
	fd_closep(&devpts);
	errno = ENODEV;
	return -1;
}

bool terminal_open(uint16_t rows, uint16_t cols, int *master, int *slave)
{
	const struct winsize size = {.ws_row = rows, .ws_col = cols};
	struct termios modes;
	int unlock = 0;
	autofd m = openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (m < 0 || ioctl(m, TIOCSPTLCK, &unlock) < 0)
		return false;
	autofd s = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s < 0 || ioctl(m, TIOCSWINSZ, &size) < 0 || tcgetattr(s, &modes) < 0)
		return false;
	modes.c_iflag |= IUTF8;
	if (tcsetattr(s, TCSANOW, &modes) < 0)
		return false;
	*master = fd_steal(&m);
	*slave = fd_steal(&s);
	return true;
}

static void tell(int status, enum leader_event event, int value)
{
	const struct leader_report report = {event, value};
	fd_write_all(status, &report, sizeof report);
}

/* In the application's process. */
static void __attribute__((noreturn)) start(struct run *run, int slave, int null, int report)
{
	// SIGTTOU is still blocked: a background group may then make itself the foreground one.
	setpgid(0, 0);
	tcsetpgrp(slave, getpid());
	run_exec(run, slave, null, report);
}

void terminal_lead(struct run *run, int slave, int null, int report, int status)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	prctl(PR_SET_NAME, "isolate-tty");
	pid_t pid = ioctl(slave, TIOCSCTTY, 0) < 0 ? -1 : fork();
	if (pid == 0)
		start(run, slave, null, report);
	if (pid < 0) {
		const struct run_failure failure = {errno, INIT_FAILURE_SETUP};
		fd_write_all(report, &failure, sizeof failure);
		_exit(127);
	}
	tell(status, LEADER_PID, pid); // before report closes: init reads it then
	// A descriptor kept here would keep a pipe or a pty of the application's, or of another job's, from ending.
	if (dup2(status, LEADER_STATUS) < 0 || fd_close_from(LEADER_STATUS + 1, 0) < 0)
		_exit(1);
	for (;;) {
		int value;
		if (waitpid(pid, &value, WUNTRACED) < 0)
			_exit(1);
		if (!WIFSTOPPED(value)) {
			tell(LEADER_STATUS, LEADER_EXITED, value);
			_exit(0);
		}
		tell(LEADER_STATUS, LEADER_STOPPED, WSTOPSIG(value));
	}
}
