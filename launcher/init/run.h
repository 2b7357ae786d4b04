/* One run request, unpacked, and what its process does until execve. */
#pragma once

#include "init-protocol.h"

#include <stdbool.h>
#include <stddef.h>

struct run {
	struct init_request request;
	char *blob; // mapped, of request.blob_size bytes
	const char *cwd, *other_cwd, *file;
	char **argv, **envp;
	int stdio[3]; // owned, -1 where the pty or /dev/null is meant
};

/* Checks and unpacks. fds are taken over whatever the outcome. False with errno. */
bool run_unpack(struct run *run, const struct init_request *request, int *fds, size_t n_fds);
void run_clear(struct run *run);

/* What a failed start is reported with, through a pipe that execve closes. */
struct run_failure {
	int32_t number;
	uint32_t failure; // enum init_failure
};

/* In the job's own process: says why it does not start. */
void run_fail(int report, int number, enum init_failure failure) __attribute__((noreturn));

/* In the job's own process: never returns. terminal is the pty's other end, or -1; null is /dev/null; report is where a
 * failure goes. */
void run_exec(struct run *run, int terminal, int null, int report) __attribute__((noreturn));
