/* Data of a selection on its way from one side to the other: through a pipe of ours, so that neither side ever holds a
 * descriptor of the other (which may be a file, a terminal, or something that blocks whoever writes to it), and no more
 * than a limit of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct transfers;
struct wl_event_loop;

/* At once, of one project. For one more the oldest makes room, of whoever has most: nobody ends another's by starting many. */
enum { TRANSFERS_MAX = 64 };

/* Ignores SIGPIPE for the process: splice(2) to a pipe that nobody reads raises it. */
struct transfers *transfers_create(struct wl_event_loop *loop);
/* Ends what is under way. Accepts NULL. */
void transfers_destroy(struct transfers *transfers);
/* The same, but those that are started afterwards go on. */
void transfers_clear(struct transfers *transfers);

/* Called whenever one has ended by itself; may destroy the transfers. */
void transfers_on_end(struct transfers *transfers, void (*ended)(void *data), void *data);

/* Starts one that ends in destination, which it owns from now on, also when it fails. An untrusted destination must be a
 * pipe or FIFO, the only file that no write can block on. Returns the end for the one who writes, the caller's; -1 with
 * errno. owner is a number of the client that has it started. */
int transfers_start(struct transfers *transfers, uint32_t owner, int destination, bool untrusted, uint64_t limit);

/* A piece of a file in memory, which is the caller's, to an untrusted destination; otherwise as above. 0 or -1 with errno. */
int transfers_send(
	struct transfers *transfers, uint32_t owner, int file, uint64_t offset, uint64_t size, int destination);
