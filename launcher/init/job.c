#include "job.h"

#include "fd.h"
#include "identity.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

bool init_send(int session, enum init_event_type type, uint32_t job, int32_t value, uint32_t detail, int fd)
{
	const struct init_event event = {type, job, value, detail};
	// When the session is gone its end of file ends us; there is nobody to tell.
	return fd_send(session, &event, sizeof event, &fd, fd >= 0 ? 1 : 0, 0) >= 0;
}

static struct job *find(const struct jobs *jobs, uint32_t id)
{
	struct job *job = jobs->first;
	while (job && job->id != id)
		job = job->next;
	return job;
}

static void job_free(struct jobs *jobs, struct job *job)
{
	struct job **link = &jobs->first;
	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	jobs->n--;
	fd_closep(&job->exec_fd);
	fd_closep(&job->status_fd);
	fd_closep(&job->master);
	free(job);
}

/* The parent's side of a start; false with errno when nothing was started. */
static bool start(struct jobs *jobs, struct job *job, struct run *run)
{
	int report[2], status[2] = {-1, -1};
	autofd slave = -1;
	bool tty = run->request.flags & INIT_RUN_TTY;
	bool as_root = run->request.flags & INIT_RUN_ROOT;
	if (as_root && !identity_has_root()) {
		errno = EPERM;
		return false;
	}
	if (tty && !terminal_open(run->request.rows, run->request.cols, &job->master, &slave))
		return false;
	if (tty && !as_root && !identity_give(slave))
		return false;
	if (pipe2(report, O_CLOEXEC) < 0)
		return false;
	job->exec_fd = report[0];
	autofd report_end = report[1];
	if (tty && pipe2(status, O_CLOEXEC) < 0)
		return false;
	job->status_fd = status[0];
	autofd status_end = status[1];
	if ((job->exec_fd >= 0 && fd_set_nonblocking(job->exec_fd, true) < 0) ||
		(job->status_fd >= 0 && fd_set_nonblocking(job->status_fd, true) < 0))
		return false;
	job->child = fork();
	if (job->child < 0)
		return false;
	if (job->child > 0) {
		job->pid = tty ? 0 : job->child;
		return true;
	}
	if (!as_root && !identity_drop())
		run_fail(report_end, errno, INIT_FAILURE_SETUP);
	if (tty)
		terminal_lead(run, slave, jobs->null, report_end, status_end);
	setsid();
	run_exec(run, -1, jobs->null, report_end);
}

void jobs_run(struct jobs *jobs, const struct init_request *request, int *fds, size_t n_fds)
{
	struct run run;
	struct job *job = NULL;
	bool good = run_unpack(&run, request, fds, n_fds);
	if (good && (find(jobs, request->job) || jobs->n >= INIT_JOBS_MAX)) {
		errno = EAGAIN;
		good = false;
	}
	if (good) {
		job = calloc(1, sizeof *job);
		good = job;
	}
	if (good) {
		*job = (struct job){
			.next = jobs->first, .id = request->job, .exec_fd = -1, .status_fd = -1, .master = -1};
		jobs->first = job;
		jobs->n++;
		good = start(jobs, job, &run);
	}
	if (good)
		jobs->idle = false;
	else
		init_send(jobs->session, INIT_FAILED, request->job, errno, INIT_FAILURE_SETUP, -1);
	if (!good && job)
		job_free(jobs, job);
	// The session takes every request for a sign of life.
	if (!good && jobs->idle)
		init_send(jobs->session, INIT_IDLE, 0, 0, 0, -1);
	run_clear(&run);
}

void jobs_signal(struct jobs *jobs, uint32_t id, int number, bool group)
{
	struct job *job = find(jobs, id);
	if (job && job->pid > 0 && !job->exited)
		kill(group ? -job->pid : job->pid, number);
}

void jobs_stop(struct jobs *jobs)
{
	for (struct job *job = jobs->first; job; job = job->next)
		if (job->status_fd >= 0)
			jobs_signal(jobs, job->id, SIGHUP, true);
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
}

/* Reports the end of a job and forgets it, once all is known: the end of execve comes first. */
static void finish(struct jobs *jobs, struct job *job)
{
	if (!job->exited || job->exec_fd >= 0)
		return;
	if (job->started)
		init_send(jobs->session, INIT_EXITED, job->id, job->status, 0, -1);
	job_free(jobs, job);
}

static void read_leader(struct jobs *jobs, struct job *job)
{
	struct leader_report report;
	while (job->status_fd >= 0) {
		ssize_t n = read(job->status_fd, &report, sizeof report);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n != sizeof report) {
			fd_closep(&job->status_fd);
			return;
		}
		switch ((enum leader_event)report.event) {
		case LEADER_PID:
			job->pid = report.value;
			break;
		case LEADER_STOPPED:
			init_send(jobs->session, INIT_STOPPED, job->id, report.value, 0, -1);
			break;
		case LEADER_EXITED:
			job->exited = true;
			job->status = report.value;
			break;
		}
	}
}

/* The pipe that execve closes has spoken or closed. */
static void read_exec(struct jobs *jobs, struct job *job)
{
	struct run_failure failure;
	ssize_t n = read(job->exec_fd, &failure, sizeof failure);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	fd_closep(&job->exec_fd);
	read_leader(jobs, job);
	if (n == sizeof failure) {
		init_send(jobs->session, INIT_FAILED, job->id, failure.number, failure.failure, -1);
		return;
	}
	job->started = init_send(jobs->session, INIT_STARTED, job->id, job->pid, 0, job->master);
	if (!job->started) {
		// Others inside can have used up what the kernel lets a user have on the way in sockets.
		init_send(jobs->session, INIT_FAILED, job->id, errno, INIT_FAILURE_SETUP, -1);
		jobs_signal(jobs, job->id, SIGKILL, true);
	}
	fd_closep(&job->master);
}

size_t jobs_poll(const struct jobs *jobs, struct pollfd *polls)
{
	size_t n = 0;
	for (const struct job *job = jobs->first; job; job = job->next) {
		if (job->exec_fd >= 0)
			polls[n++] = (struct pollfd){.fd = job->exec_fd, .events = POLLIN};
		if (job->status_fd >= 0)
			polls[n++] = (struct pollfd){.fd = job->status_fd, .events = POLLIN};
	}
	return n;
}

void jobs_read(struct jobs *jobs, const struct pollfd *polls, size_t n)
{
	bool any = false;
	for (size_t i = 0; i < n; i++)
		any |= polls[i].revents != 0;
	for (struct job *job = jobs->first, *after; any && job; job = after) {
		after = job->next;
		if (job->exec_fd >= 0)
			read_exec(jobs, job);
		read_leader(jobs, job);
		finish(jobs, job);
	}
}

static void child_ended(struct jobs *jobs, pid_t pid, int status)
{
	struct job *job = jobs->first;
	while (job && job->child != pid)
		job = job->next;
	if (!job)
		return; // an orphan
	if (job->exec_fd >= 0)
		read_exec(jobs, job);
	read_leader(jobs, job);
	// A leader that was killed has not said what became of the application: then its own end stands for it.
	if (!job->exited)
		job->status = status;
	job->exited = true;
	if (job->exec_fd >= 0) {
		init_send(jobs->session, INIT_FAILED, job->id, ESRCH, INIT_FAILURE_SETUP, -1);
		fd_closep(&job->exec_fd);
	}
	finish(jobs, job);
}

void jobs_reap(struct jobs *jobs)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		child_ended(jobs, pid, status);
	if (pid < 0 && errno == ECHILD && !jobs->idle) {
		jobs->idle = true;
		init_send(jobs->session, INIT_IDLE, 0, 0, 0, -1);
	}
}
