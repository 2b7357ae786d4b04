/* A plan becomes a running container: one table of functions for each Engine=. */
#pragma once

#include "plan.h"

#include <glib.h>
#include <sys/types.h>

/* What a start gives, all owned by the caller. */
struct engine_container {
	pid_t pid; // our child, which ends when nothing of the container is left
	int init;  // SOCK_SEQPACKET to isolate-init, with SO_PASSCRED
	int info; // says {"child-pid": N}, the container's first process, when the plan has PLAN_NETWORK_INTERNET; else -1
	int errors; // what the engine and init say until INIT_HELLO, for the one line of an error
};

struct engine {
	const char *name;

	/* Starts the container, without waiting for it. PLAN_NETWORK_INTERNET is a network namespace with nothing in it but
	 * loopback: the session has it connected before anything but init runs in it. An operation that cannot be honoured is an error. */
	gboolean (*start)(const struct plan *plan, struct engine_container *container, GError **error);
};

/* NULL with an error that names those there are. */
const struct engine *engine_find(const char *name, GError **error);

extern const struct engine engine_bwrap;
