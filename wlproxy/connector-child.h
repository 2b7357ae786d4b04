/* Between connector.c and its child. */
#pragma once

#include <stdint.h>
#include <sys/un.h>

enum {
	UPSTREAM_PATH_SIZE = sizeof((struct sockaddr_un *)0)->sun_path,
	UPSTREAM_PROJECT_SIZE = 64,
	UPSTREAM_TEXT_SIZE = 256,
	UPSTREAM_WITHHELD_SIZE = 4096,
};

struct upstream_request {
	uint32_t number;
	uint32_t raw;
	uint32_t
		remove; // nothing but this: take away the socket of --listen, whose path the child has known from the start
	char upstream[UPSTREAM_PATH_SIZE];
	char directory[UPSTREAM_PATH_SIZE];
	char project[UPSTREAM_PROJECT_SIZE];
};

/* With one descriptor when error is empty, unless it answers remove. */
struct upstream_reply {
	uint32_t number;
	char error[UPSTREAM_TEXT_SIZE];
	char withheld[UPSTREAM_WITHHELD_SIZE];
};

/* Serves requests until the other end closes. listen_path: of the socket of --listen, or NULL. */
void connector_child_run(int socket, const char *listen_path);
