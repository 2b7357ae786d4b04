/* The jobs of init: one process that was asked for each, until it has ended and that is reported. */
#pragma once

#include "run.h"

#include <poll.h>
#include <stddef.h>
#include <sys/types.h>

struct job {
	struct job *next;
	uint32_t id;
	pid_t child; // ours: the application, or the leader of its pty
	pid_t pid;   // the application, 0 until it is known
	bool started, exited;
	int exec_fd;   // closes when the application was exec'ed, -1 then
	int status_fd; // from the leader, -1 without a pty
	int master;    // until the session has it
	int status;    // of waitpid(2), when exited
};

struct jobs {
	struct job *first;
	size_t n;
	int session; // where events go
	int null;    // /dev/null as it was before anything ran
	bool idle;   // no process is inside, and the session knows
};

/* Starts a job, or sends INIT_FAILED. Takes fds over. */
void jobs_run(struct jobs *jobs, const struct init_request *request, int *fds, size_t n_fds);

/* To the application or to its process group; nothing when it is gone. */
void jobs_signal(struct jobs *jobs, uint32_t id, int number, bool group);

/* SIGTERM to everything, SIGHUP to what has a terminal, as shells ignore the first. */
void jobs_stop(struct jobs *jobs);

/* What to wait for: at most 2 * n entries. Returns how many were set. */
size_t jobs_poll(const struct jobs *jobs, struct pollfd *polls);

/* Reads what leaders and starting applications have to say. */
void jobs_read(struct jobs *jobs, const struct pollfd *polls, size_t n);

/* Reaps every process that has ended, ours or orphaned, and reports. */
void jobs_reap(struct jobs *jobs);

/* False with errno. */
bool init_send(int session, enum init_event_type type, uint32_t job, int32_t value, uint32_t detail, int fd);
