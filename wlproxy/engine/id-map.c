#include "id-map.h"

#include <errno.h>
#include <stdlib.h>

static int reserve(struct id_map *map)
{
	if (map->count < map->capacity)
		return 0;
	uint32_t capacity = map->capacity ? map->capacity * 2 : 16;
	void **slots = reallocarray(map->slots, capacity, sizeof *slots);
	if (!slots)
		return -1;
	map->slots = slots;
	map->capacity = capacity;
	return 0;
}

int id_map_init(struct id_map *map)
{
	*map = (struct id_map){0};
	if (reserve(map) < 0)
		return -1;
	map->slots[0] = NULL;
	map->count = 1;
	return 0;
}

void id_map_finish(struct id_map *map)
{
	free(map->slots);
	*map = (struct id_map){0};
}

int id_map_put(struct id_map *map, uint32_t index, struct object *object)
{
	if (index > map->count || index == 0) {
		errno = EINVAL;
		return -1;
	}
	if (index == map->count) {
		if (reserve(map) < 0)
			return -1;
		map->count++;
	} else if (map->slots[index]) {
		errno = EEXIST;
		return -1;
	}
	map->slots[index] = object;
	return 0;
}

uint32_t id_map_add(struct id_map *map, struct object *object)
{
	uint32_t index = map->free;
	if (index) {
		map->free = (uint32_t)((uintptr_t)map->slots[index] >> 1);
	} else {
		if (reserve(map) < 0)
			return 0;
		index = map->count++;
	}
	map->slots[index] = object;
	return index;
}

void id_map_remove(struct id_map *map, uint32_t index, bool reuse)
{
	map->slots[index] = NULL;
	if (!reuse)
		return;
	map->slots[index] = (void *)((uintptr_t)map->free << 1 | 1);
	map->free = index;
}
