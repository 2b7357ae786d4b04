/* A bystander: an ordinary libwayland client in a process of its own that asks for one round trip after another, with
 * a surface and a buffer of its own. What other clients do wrong must not reach it. */
#pragma once

#include "process.h"

#include <stdatomic.h>

struct witness {
	_Atomic uint32_t n_round_trips;
	_Atomic int failed; // its errno, once its connection ended
	struct process process;
};

/* Connected and served once when this returns; NULL when that did not happen. */
struct witness *witness_start(const char *path);
/* True when it made some more round trips within this time. */
bool witness_lives(struct witness *witness, int milliseconds);
void witness_stop(struct witness *witness);
