/* What the proxy takes from itself before it reads a byte of a container's, and its connector child before it serves. For
 * good: what is not there afterwards cannot be had back, whoever has taken the process over.
 *
 * The filter of system calls is what holds by itself, and nothing runs without it. What comes on top are namespaces and
 * Landlock, each where the host lets an ordinary user have it: neither opens what the filter closes. */
#pragma once

#include <stdbool.h>

struct sandbox {
	int namespaces; // 0, or the errno of what the host refused: a user and a network namespace with an empty root
	int landlock;	// its ABI, 0 where the kernel has none
	bool sanitized; // a build whose AddressSanitizer needs most of what this takes away: only the filter is there
	const char *failed; // what went wrong, when -1 is returned
};

/* Descriptors stay as they are; the root folder is empty and no path leads anywhere. -1 with errno. */
int sandbox_enter(struct sandbox *sandbox);
/* Sockets of files, and nothing else: no content of a file, no network, no program. */
int sandbox_enter_connector(struct sandbox *sandbox);

/* Whether all of it is there. */
bool sandbox_is_whole(const struct sandbox *sandbox);
/* What is there and what is not, for a person. */
void sandbox_describe(const struct sandbox *sandbox, char *text, unsigned size);
