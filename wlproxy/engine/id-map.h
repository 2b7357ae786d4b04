/* One id space of one side: dense, with the free ids in a list, as libwayland has it on both ends (it refuses gaps). */
#pragma once

#include "objects.h"

enum {
	ID_SERVER_FIRST = 0xff000000, // ids from here on are the compositor's to give
};

struct id_map {
	void **slots; // struct object *, or an odd number: twice the next free index, plus one
	uint32_t count, capacity;
	uint32_t free; // first index of the free list; 0 is never free
};

/* Index 0 exists from the start and is never anything. -1 with ENOMEM. */
int id_map_init(struct id_map *map);
void id_map_finish(struct id_map *map);

static inline struct object *id_map_get(const struct id_map *map, uint32_t index)
{
	if (__builtin_expect(index >= map->count, 0))
		return NULL;
	void *slot = map->slots[index];
	return (uintptr_t)slot & 1 ? NULL : slot;
}

/* For ids that the peer chooses: index must be free and at most count (EINVAL, EEXIST). Free indices that are left to
 * the peer are NULL, not in the free list. */
int id_map_put(struct id_map *map, uint32_t index, struct object *object);

/* For ids that we choose: the one freed last, else the next. 0 with ENOMEM. */
uint32_t id_map_add(struct id_map *map, struct object *object);

/* reuse: the id is ours to give again. Otherwise it is the peer's. */
void id_map_remove(struct id_map *map, uint32_t index, bool reuse);
