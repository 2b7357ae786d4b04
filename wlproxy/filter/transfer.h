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

/* Starts one that ends in destination, which it owns from now on, also when it fails. An untrusted destination must be a
 * pipe or FIFO, the only file that no write can block on. Returns the end for the one who writes, the caller's; -1 with
 * errno. owner is a number of the client that has it started. */
int transfers_start(struct transfers *transfers, uint32_t owner, int destination, bool untrusted, uint64_t limit);
