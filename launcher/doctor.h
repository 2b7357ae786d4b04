/* Examines this machine. */
#pragma once

#include <glib.h>

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_NOTE,   // something is weaker or absent that not everyone needs
	DOCTOR_MISSING // no container can be started from here as it is
};

struct doctor_finding {
	const char *subject; // static: "bubblewrap"
	enum doctor_state state;
	char *detail; // what was found
	char *advice; // what to do, or NULL
};

/* struct doctor_finding, owned. */
GPtrArray *doctor_examine(void);
