/* One wrong message after another, each by a client of its own, and what must follow. */
#pragma once

#include "arena.h"

enum outcome {
	OUTCOME_ERROR,	 // wl_display.error, then the connection is closed; the compositor sees nothing of it
	OUTCOME_REFUSED, // the same from a real compositor, to which the proxy leaves it; the stub looks at nothing
	OUTCOME_GOES_ON, // the client is served as before
	OUTCOME_ANY,	 // either, as long as nobody else is harmed
};

struct offender {
	struct arena *arena;
	struct client client;
	uint32_t compositor, shm, surface; // live objects
	uint32_t mark;			   // what the compositor recorded after this must not be there
};

struct offence {
	const char *name;
	void (*act)(struct offender *offender);
	enum outcome outcome;
};

/* For act(): what was put so far is legitimate, and is done when this returns. */
void offender_settle(struct offender *offender);

void offence_run(struct arena *arena, const struct offence *offences, size_t n);
#define OFFENCE_RUN(arena, offences) offence_run(arena, offences, sizeof(offences) / sizeof *(offences))
