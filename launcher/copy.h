/* Copies of files and folders that a container can write, or into such: no link is followed, whatever changes meanwhile. */
#pragma once

#include <glib.h>

struct copy {
	gboolean links_within; // links that lead out of what is copied are left out; else they are copied as they are
	guint64 bytes;	       // copied so far
	gboolean progress;     // shown on stderr, which is a terminal
	gint64 shown;	       // when last, monotonic
	GPtrArray *left_out;   // char *, owned: what was not copied and why, one line each, safe to show
};

void copy_init(struct copy *copy);
void copy_finish(struct copy *copy);

/* Copies name in from to as in to: whole or not at all. A file of that name is replaced when replace is set, a folder never.
 * Special files, what cannot be read, and links as links_within says are left out; set-id bits do not go along. */
gboolean copy_entry(
	struct copy *copy, int from, const char *name, int to, const char *as, gboolean replace, GError **error);

/* Tells on stderr what was left out. */
void copy_report(const struct copy *copy);
