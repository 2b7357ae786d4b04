/* Which globals of the compositor a client is offered, and at which version: the one table of all interfaces that are
 * known to isolate. What is not in the table is hidden, and so is what has no interface description. */
#pragma once

#include "policy.h"

enum global_class {
	GLOBAL_HIDDEN,	 // only when AllowGlobals names it
	GLOBAL_MEDIATED, // a filter of ours changes what it does
	GLOBAL_PASSED,	 // as it is
};

/* What else must be true before a global is offered, whatever AllowGlobals says. */
enum global_need {
	NEED_NOTHING,
	NEED_GPU,	// Gpu=render or more
	NEED_GPU_FULL,	// Gpu=full
	NEED_PORTALS,	// Portals=yes
	NEED_TEXT_INPUT // TextInput=yes
};

struct global_rule {
	const char *name;
	enum global_class class;
	uint32_t version; // the highest that the filter knows; 0: the table's
	enum global_need need;
	const char *note; // what it gives to who has it, or what our filter does
};

/* NULL when the interface is not known. */
const struct global_rule *globals_find(const char *name);

/* All rules, sorted by name; for tests and for the nearest name. */
const struct global_rule *globals_table(size_t *count);

/* The nearest known interface, or NULL. */
const char *globals_nearest(const char *name);

/* The version to offer when the compositor announces one, 0 to hide the global. table_version is the version of our
 * description of the interface, 0 when there is none. */
uint32_t globals_offer(const struct policy *policy, const char *name, uint32_t version, uint32_t table_version);
