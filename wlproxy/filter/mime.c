#include "mime.h"

#include <stdlib.h>
#include <string.h>

void mime_list_init(struct mime_list *list)
{
	*list = (struct mime_list){.end = &list->first};
}

void mime_list_finish(struct mime_list *list, size_t *used)
{
	struct mime_type *next;
	for (struct mime_type *type = list->first; type; type = next) {
		next = type->next;
		free(type);
	}
	*used -= list->bytes;
	mime_list_init(list);
}

bool mime_list_add(struct mime_list *list, const char *name, size_t *used)
{
	size_t size = strlen(name) + 1;
	if (size > MIME_LENGTH_MAX || list->count >= MIME_TYPES_MAX || *used > MIME_BYTES_MAX - size)
		return false;
	struct mime_type *type = malloc(sizeof *type + size);
	if (!type)
		return false;
	type->next = NULL;
	memcpy(type->name, name, size);
	*list->end = type;
	list->end = &type->next;
	list->count++;
	list->bytes += size;
	*used += size;
	return true;
}

bool mime_list_has(const struct mime_list *list, const char *name)
{
	for (const struct mime_type *type = list->first; type; type = type->next)
		if (strcmp(type->name, name) == 0)
			return true;
	return false;
}
