/* MIME types of an offer or a source: few, short, and counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	MIME_TYPES_MAX = 256,	      // of one offer
	MIME_LENGTH_MAX = 256,	      // bytes of one type
	MIME_BYTES_MAX = 1024 * 1024, // of all lists of one client
};

struct mime_type {
	struct mime_type *next;
	char name[];
};

struct mime_list {
	struct mime_type *first, **end;
	unsigned count;
	size_t bytes;
};

void mime_list_init(struct mime_list *list);
/* Frees the list and gives its bytes back to *used. */
void mime_list_finish(struct mime_list *list, size_t *used);

/* Adds a copy at the end. False when it is too long, too much, or memory is short: then the type is left out. */
bool mime_list_add(struct mime_list *list, const char *name, size_t *used);
bool mime_list_has(const struct mime_list *list, const char *name);
