/* The menu made equal to the projects: one entry for each [App] of each project. */
#pragma once

#include "project.h"

#include <glib.h>

enum desktop_kind {
	DESKTOP_UNCHANGED,
	DESKTOP_WRITTEN,
	DESKTOP_REMOVED,
	DESKTOP_KEPT,	  // in the way and not ours to touch: somebody's edit, or a file of another program
	DESKTOP_MISSING,  // desktop_list(): sync would write it
	DESKTOP_OUTDATED, // desktop_list(): sync would write it anew
	DESKTOP_ORPHAN,	  // desktop_list(): sync would remove it
};

struct desktop_entry {
	enum desktop_kind kind;
	char *path;
	char *project;
	const char *reason; // of DESKTOP_KEPT, static; else NULL
};

/* struct desktop_entry, owned. */
GPtrArray *desktop_entries_new(void);

/* isolate's own path, as an entry names it: the installed one when that is what runs. */
char *desktop_command(GError **error);

/* Writes the project's entries and removes those of applications that it has no more. A second run writes nothing. done gets
 * one element an entry. */
gboolean desktop_sync(const struct project *project, const char *command, GPtrArray *done, GError **error);

/* Removes the entries of a project, which need not exist any more. */
gboolean desktop_remove(const char *project, GPtrArray *done, GError **error);

/* Removes the entries of projects that are not among names, or only finds them. */
gboolean desktop_prune(const GPtrArray *names, gboolean look_only, GPtrArray *done, GError **error);

/* The same as desktop_sync(), but nothing is done. */
gboolean desktop_list(const struct project *project, const char *command, GPtrArray *found, GError **error);
