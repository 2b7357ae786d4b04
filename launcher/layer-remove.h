/* A project's layer, whose files belong to subordinate ids of the user: only a namespace with the same ones can remove them. */
#pragma once

#include <glib.h>

/* Removes the layer at path, which is in a folder of isolate's own and need not exist; its project must not run. Follows no
 * link. */
gboolean layer_remove(const char *path, GError **error);
