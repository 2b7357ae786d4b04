/* A file in a project's state folder that is appended to and never grows beyond a size: when it is full it takes the place of an
 * older one. */
#pragma once

#include <glib.h>

struct kept {
	const char *project;
	const char *name, *old; // of the files; both stay the caller's
	gint64 max;
	gint64 size;
	int fd; // -1 until the first line
};

/* Appends a line, newline included, or says why not. */
gboolean kept_write(struct kept *kept, const char *line, gsize length, GError **error);
void kept_close(struct kept *kept);
