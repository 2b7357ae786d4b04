/* Paths of the host without the links on their way. A table remembers each folder on a way, so that many paths below it
 * cost one look each: it is for one look at the host, and out of date after that. */
#pragma once

#include <glib.h>
#include <sys/stat.h>

struct followed {
	char *resolved;	  // path without any link; of what is missing, as far as it exists
	char *link;	  // the target, when path itself is a symbolic link, else NULL
	gboolean missing; // it leads to nothing that can be looked at
	struct stat st;	  // of what it leads to, when it is not missing
};

/* struct followed, by path. Free it with g_hash_table_unref(). */
GHashTable *follow_new(void);

/* path is absolute. Belongs to seen, until that is freed. */
const struct followed *follow(GHashTable *seen, const char *path);

/* The same for one path alone, in new memory. */
char *follow_alone(const char *path);
