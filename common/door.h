/* A program that stands between clients of a Unix socket and a server: it takes whoever connects, makes a connection to the server
 * for each, and lets each pair be served, all in one thread. */
#pragma once

#include <poll.h>
#include <stdbool.h>

struct door {
	int listener;	    // does not block
	const char *server; // path of its socket
	const char *what;   // the server, in the words of a log line
	int idle_ms;	    // without a client, until the end; -1: never
	const void *data;   // for open()

	/* Takes both sockets over, which do not block. NULL when memory is short. */
	void *(*open)(int client, int server, const void *data);
	void (*close)(void *pair);
	/* What to wait for: two entries. */
	void (*poll)(const void *pair, struct pollfd *fds);
	/* Moves what can be moved. False at the end of the connection. */
	bool (*work)(void *pair);
};

/* Returns when there was no client for as long as idle_ms says. */
void door_serve(const struct door *door);
