#include "agent.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REGISTER_TIMEOUT_MS = 5000, STOP_TIMEOUT_MS = 1000 };

/* Not the first of PATH when the system has one: it reads a password. */
static char *find(void)
{
	static const char usual[] = "/usr/bin/pkttyagent";
	return access(usual, X_OK) == 0 ? g_strdup(usual) : g_find_program_in_path("pkttyagent");
}

/* In the child, between fork and exec: async-signal-safe calls only. */
static void become_agent(const char *path, char *const *argv, int notify, pid_t parent)
{
	// The agent would stay on the terminal, and read from it, if this process were killed.
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
		_exit(127);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int null = open("/dev/null", O_RDWR);
	// It talks over /dev/tty; what it has to say besides is said by isolate, in one line.
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(127);
	fcntl(notify, F_SETFD, 0);
	execv(path, argv);
	_exit(127);
}

static void wait_registered(int notify)
{
	struct pollfd end = {.fd = notify, .events = POLLIN};
	while (poll(&end, 1, REGISTER_TIMEOUT_MS) < 0 && errno == EINTR)
		;
}

gboolean agent_start(struct agent *agent, gboolean fallback, int terminal)
{
	*agent = (struct agent){.terminal = -1};
	g_autofree char *path = find();
	int ends[2];
	if (!path || pipe2(ends, O_CLOEXEC) < 0)
		return FALSE;
	autofd ours = ends[0], theirs = ends[1];
	char number[16];
	snprintf(number, sizeof number, "%d", theirs);
	// Without --process it registers for its parent, which is this process: polkit finds it by our bus name.
	const char *argv[] = {"pkttyagent", "--notify-fd", number, fallback ? "--fallback" : NULL, NULL};
	if (tcgetattr(terminal, &agent->saved) == 0)
		agent->terminal = terminal;
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid < 0)
		return FALSE;
	if (pid == 0)
		become_agent(path, (char *const *)argv, theirs, parent);
	agent->pid = pid;
	fd_closep(&theirs);
	wait_registered(ours);
	return TRUE;
}

void agent_stop(struct agent *agent)
{
	if (agent->pid <= 0)
		return;
	kill(agent->pid, SIGTERM);
	for (int waited = 0; waitpid(agent->pid, NULL, WNOHANG) == 0; waited += 10) {
		if (waited == STOP_TIMEOUT_MS)
			kill(agent->pid, SIGKILL);
		poll(NULL, 0, 10);
	}
	agent->pid = 0;
	// Stopped at a password prompt it leaves the echo off. A terminal that others have by now is not ours to set, and
	// trying would stop this process.
	if (agent->terminal >= 0 && tcgetpgrp(agent->terminal) == getpgrp())
		tcsetattr(agent->terminal, TCSANOW, &agent->saved);
}
