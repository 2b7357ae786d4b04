/* Removing folders that a container could write: nothing outside is touched, whatever it left there. */
#pragma once

#include <glib.h>

/* Removes path, which need not exist, with everything below. path itself and its parents are ours; links below it are
 * removed, not followed, and a file system that is mounted below is an error. */
gboolean tree_remove(const char *path, GError **error);

/* The same of name in parent, a folder that may be a container's. */
gboolean tree_remove_at(int parent, const char *name, GError **error);
