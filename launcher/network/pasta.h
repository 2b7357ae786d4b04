/* pasta(1), which carries a container's connections without any right on the host: one that gives it its interface, and one
 * more for each port that is forwarded later, since it cannot be told of a port while it runs. */
#pragma once

#include <glib.h>
#include <sys/types.h>

struct pasta {
	pid_t pid;	       // of its PID namespace's first process, 0 when it does not run
	int errors;	       // what it says, -1 when closed
	char last[200];	       // of that, the last line that means something
	unsigned port, inside; // of one that forwards a port; 0: the one with the interface
};

/* ports: "127.0.0.1/3000:80,…" or NULL, what the one with the interface forwards. */
gboolean pasta_start(struct pasta *pasta, const char *program, int network, const char *ports, GError **error);

/* Reads what there is; closes errors at its end. */
void pasta_listen(struct pasta *pasta);

/* SIGKILL, to all of its namespace. */
void pasta_stop(struct pasta *pasta);

/* Whether the port of this machine's loopback can be listened on. */
gboolean pasta_port_is_free(unsigned port, GError **error);
