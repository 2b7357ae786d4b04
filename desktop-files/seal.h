/* A line in every file that we write, X-Isolate-Seal=, holds a hash of the rest and of the file's name: a file whose seal
 * holds is ours and as we left it, so that it may be replaced or removed; any other is the person's. There is no list of
 * what was written that could be lost, out of date, or half-written when the machine stops. It keeps nobody out who can
 * write the file: it tells an edit from none. */
#pragma once

#include <glib.h>

#define SEAL_KEY "X-Isolate-Seal"

/* content with the value of its one line SEAL_KEY= filled in. */
char *seal_set(const char *name, const char *content);

/* True when content, of a file of this name, has a seal and it holds. */
gboolean seal_holds(const char *name, const char *content);
