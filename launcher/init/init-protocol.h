/* isolate-session → isolate-init, over an inherited SOCK_SEQPACKET socket: plain structures, since init is static and
 * links nothing but libc. Both come from one build; INIT_VERSION catches an installation that is a mixture.
 * The session is trusted, what it passes on is not: sizes are checked on both sides. */
#pragma once

#include <stdint.h>

enum { INIT_VERSION = 2 };

enum {
	INIT_ARGS_MAX = 32 * 1024,	 // words of argv, and of the environment
	INIT_BLOB_MAX = 4 * 1024 * 1024, // what a run request may carry
	INIT_JOBS_MAX = 4096,
};

enum init_request_type {
	INIT_RUN = 1,
	INIT_SIGNAL,
	INIT_STOP, // SIGTERM to everything inside
};

enum init_run_flags {
	INIT_RUN_TTY = 1 << 0,	    // a pty of the container's own is the controlling terminal
	INIT_RUN_ROOT = 1 << 2,	    // as root of a container that has a layer; else nothing is run
	INIT_RUN_CWD_HINT = 1 << 1, // a missing working directory is no error: the second one is taken
};

/* INIT_RUN carries descriptors: first a sealed memory file of blob_size bytes, NUL-terminated strings: the working directory,
 * the one to take instead, file, argc of argv, envc of the environment; then one anonymous pipe for each bit of stdio, in
 * order. Descriptors 0 to 2 without a bit are the pty, or /dev/null where there is none. */
struct init_request {
	uint32_t type; // enum init_request_type
	uint32_t job;  // chosen by the session, not 0
	uint32_t flags;
	uint32_t stdio; // bits 0 to 2
	uint32_t argc;	// at least 1
	uint32_t envc;
	uint32_t blob_size;
	int32_t signal;
	uint32_t group; // INIT_SIGNAL: to the whole process group
	uint32_t umask;
	uint16_t rows, cols;
};
_Static_assert(sizeof(struct init_request) == 44, "the wire has no padding");

enum init_event_type {
	INIT_HELLO = 1, // value: INIT_VERSION. Requests may have been sent before
	INIT_STARTED,	// value: pid inside; with INIT_RUN_TTY one descriptor, the pty's master
	INIT_FAILED,	// value: errno; detail: enum init_failure
	INIT_STOPPED,	// value: the signal that stopped a job on a pty
	INIT_EXITED,	// value: as waitpid(2) gives it
	INIT_IDLE,	// no process is left inside
};

enum init_failure {
	INIT_FAILURE_EXEC, // value says what execve(2) said
	INIT_FAILURE_CWD,
	INIT_FAILURE_SETUP,
};

struct init_event {
	uint32_t type; // enum init_event_type
	uint32_t job;
	int32_t value;
	uint32_t detail;
};
_Static_assert(sizeof(struct init_event) == 16, "the wire has no padding");
