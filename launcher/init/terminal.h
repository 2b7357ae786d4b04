/* A pty of the container's own, and the process that stands between it and init.
 *
 * An application on a pty needs a parent in its own session but in another process group: else its group is orphaned, and
 * the kernel then discards the stop signals of Ctrl-Z. That parent is the leader: it starts the application, reports what
 * becomes of it, and does nothing else. Nobody else can: init is in no session of its own. */
#pragma once

#include "run.h"

#include <stdbool.h>
#include <sys/types.h>

enum leader_event { LEADER_PID = 1, LEADER_STOPPED, LEADER_EXITED };

struct leader_report {
	uint32_t event; // enum leader_event
	int32_t value;	// the application's pid; the signal; what waitpid(2) said
};

/* Remembers the container's devpts, before anything can put something else in its place. -1 with errno. */
int terminal_init(void);

/* Opens both ends of a new pty of that size. False with errno. */
bool terminal_open(uint16_t rows, uint16_t cols, int *master, int *slave);

/* In the leader's process: never returns. */
void terminal_lead(struct run *run, int slave, int null, int report, int status) __attribute__((noreturn));
