/* Ceilings of what one client holds at the compositor, and all clients of the project together. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { PROJECT_FACTOR = 4 }; // the project may hold so many times what one client may

static inline bool charge(uint64_t *client, uint64_t *project, uint64_t amount, uint64_t limit)
{
	uint64_t project_limit = limit > UINT64_MAX / PROJECT_FACTOR ? UINT64_MAX : limit * PROJECT_FACTOR;
	if (amount > limit || *client > limit - amount || *project > project_limit - amount)
		return false;
	*client += amount;
	*project += amount;
	return true;
}

static inline void uncharge(uint64_t *client, uint64_t *project, uint64_t amount)
{
	*client -= amount;
	*project -= amount;
}
