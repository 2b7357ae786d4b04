/* Where a project is kept: what the verbs that change whole projects go through. */
#pragma once

#include <glib.h>

struct place {
	const char *name; // borrowed
	char *config;	  // the user's file, which need not exist, like all below
	char *system;	  // the system's file of the same project
	char *data;	  // its home and layer
	char *state;	  // approvals and logs
	char *runtime;	  // lock and sockets
};

gboolean place_init(struct place *place, const char *name, GError **error);
void place_finish(struct place *place);
#define autoplace __attribute__((cleanup(place_finish))) struct place

/* The user's file of the project, to be read. FALSE when there is none, with an error that says what there is instead. */
gboolean place_needs_config(const struct place *place, const char *verb, GError **error);

/* A name is free when no project has it and nothing is kept under it. */
gboolean place_needs_free(const struct place *place, GError **error);

/* What the project's file says is read, and planned where there is a session to run in, so that a mistake shows now. draft,
 * when it is not NULL, is a file that stands for the project's own. */
gboolean place_check(const char *name, const char *draft, GError **error);

/* Writes path, whole or not at all, with the mode of what it replaces. A link is kept: what it leads to is replaced. */
gboolean place_write(const char *path, const char *content, gsize length, GError **error);
