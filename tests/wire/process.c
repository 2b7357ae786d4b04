#include "process.h"

#include "wire.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READY_TIMEOUT = 10000, STOP_TIMEOUT = 2000 };

const char *process_program(const char *variable, const char *built)
{
	const char *given = getenv(variable);
	return given && given[0] ? given : built;
}

void process_pin(pid_t pid, int cpu)
{
	if (cpu < 0)
		return;
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(pid, sizeof set, &set);
}

static bool wait_ready(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char byte;
	return poll(&ready, 1, READY_TIMEOUT) == 1 && read(fd, &byte, 1) == 1;
}

bool process_start_proxy(struct process *process, const char *program, const char *listen, const char *upstream,
	const char *policy, int log_fd, int cpu)
{
	int ready[2];
	if (pipe(ready) < 0 || fcntl(ready[0], F_SETFD, FD_CLOEXEC) < 0)
		return false;
	char number[16];
	snprintf(number, sizeof number, "%d", ready[1]);
	const char *argv[] = {program, "--listen", listen, "--upstream", upstream, "--ready-fd", number,
		policy ? "--policy" : NULL, policy, NULL};
	// An ordinary user may look into it below only when it lets others.
	if (getuid() != 0)
		setenv("ISOLATE_DEBUG", "attach", 0);
	pid_t parent = getpid();
	process->started = wire_now();
	// Not fork(): to copy what this process has by now, and to write to it afterwards, would be part of the start.
	process->pid = vfork();
	if (process->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		if (log_fd >= 0)
			dup2(log_fd, STDERR_FILENO);
		process_pin(0, cpu);
		execv(program, (char *const *)argv);
		dprintf(STDERR_FILENO, "%s: cannot be run\n", program);
		_exit(127);
	}
	close(ready[1]);
	bool ok = process->pid > 0 && wait_ready(ready[0]);
	process->ready = wire_now();
	close(ready[0]);
	return ok;
}

bool process_alive(const struct process *process)
{
	siginfo_t info = {0};
	if (process->pid <= 0)
		return false;
	return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

int process_stop(struct process *process)
{
	if (process->pid <= 0)
		return 0;
	int status = 0;
	kill(process->pid, SIGTERM);
	for (int waited = 0; process_alive(process) && waited < STOP_TIMEOUT; waited += 5)
		usleep(5000);
	if (process_alive(process))
		kill(process->pid, SIGKILL);
	waitpid(process->pid, &status, 0);
	process->pid = 0;
	return status;
}

int process_count_fds(pid_t pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	DIR *directory = opendir(path);
	if (!directory)
		return -1;
	int n = 0;
	while (readdir(directory))
		n++;
	closedir(directory);
	return n - 2; // . and ..
}

static int64_t private_memory_of_one(pid_t pid)
{
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return -1;
	int64_t total = 0;
	long kilobytes;
	while (fgets(line, sizeof line, file))
		if (sscanf(line, "Private_Clean: %ld", &kilobytes) == 1 ||
			sscanf(line, "Private_Dirty: %ld", &kilobytes) == 1)
			total += kilobytes * 1024;
	fclose(file);
	return total;
}

int64_t process_private_memory(pid_t pid)
{
	char path[64];
	int64_t total = private_memory_of_one(pid);
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
	FILE *children = total < 0 ? NULL : fopen(path, "re");
	int child;
	while (children && fscanf(children, "%d", &child) == 1) {
		int64_t more = private_memory_of_one(child);
		total += more > 0 ? more : 0;
	}
	if (children)
		fclose(children);
	return total;
}

uint64_t process_cpu(pid_t pid)
{
	clockid_t clock;
	struct timespec used;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}
