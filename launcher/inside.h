/* A path of a container, as cp means it: where its content is, seen from outside. */
#pragma once

#include <glib.h>

struct inside {
	char *project;
	char *path;	// absolute, in the container, normal
	char *relative; // below the home, "." for the home itself; NULL: not in the persistent home
	int home;	// the home's folder, -1 without relative
};

/* Whether a word of the command line is NAME:PATH rather than a path of the host. */
gboolean inside_is(const char *word);

/* Finds out what NAME:PATH is. A path that the container shows of the host is an error that says which it is. */
gboolean inside_find(struct inside *inside, const char *word, GError **error);
void inside_finish(struct inside *inside);
