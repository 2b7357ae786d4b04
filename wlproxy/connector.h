/* Connections to compositors. A child that was forked before the proxy gave up its rights makes them, and passes them
 * over a socket: the proxy itself, which parses what a container sends, needs no file system.
 *
 * Where a compositor has wp_security_context_manager_v1 the connections go through a socket of ours with a context
 * (engine org.isolate, application isolate.<project>), so that its own restrictions apply beneath ours. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct connector;
struct wl_event_loop;

/* What a connection is for. All are kept by value; too long is an error (ENAMETOOLONG). */
struct connect_to {
	const char *upstream;  // absolute path of the compositor's socket
	const char *directory; // private folder for sockets of ours, "" for one in XDG_RUNTIME_DIR
	const char *project;   // may be ""
	bool raw;	       // without a security context
};

/* fd: the connection, the callback's; -1 with error, a line. withheld: what the compositor has, but not under a security
 * context: names that end with NUL, an empty one at the end. */
typedef void (*connect_done)(int fd, const char *error, const char *withheld, void *data);

/* Forks the child and returns our end of the socket, -1 with errno. To be called first of all: it has what the caller
 * has open but keeps only stderr. listen_path: the socket that connector_remove_listener() is about, or NULL. */
int connector_spawn(const char *listen_path);

/* fd is owned. NULL with errno. destroy ends the child and forgets what is asked; it accepts NULL. */
struct connector *connector_create(struct wl_event_loop *loop, int fd);
void connector_destroy(struct connector *connector);

/* Asks for a connection: done is called later, once, unless it is cancelled. Returns a number for connector_cancel(),
 * 0 with errno. */
uint32_t connector_connect(struct connector *connector, const struct connect_to *to, connect_done done, void *data);
void connector_cancel(struct connector *connector, uint32_t number);

/* Has the child remove the socket at listen_path and its lock, and waits until that is done. What is asked besides is
 * forgotten: for the end. */
void connector_remove_listener(struct connector *connector);
