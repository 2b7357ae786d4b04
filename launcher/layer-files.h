/* A project's layer, whose files belong to subordinate ids of the user: only a namespace with the same ones can remove or copy
 * them. */
#pragma once

#include <glib.h>

/* Where a layer lies in its project's folder that counts as none: what an interrupted reset or clone left. */
#define LAYER_AWAY ".layer.reset"

/* Removes the layer at path, which is in a folder of isolate's own and need not exist; its project must not run. Follows no
 * link. */
gboolean layer_remove(const char *path, GError **error);

/* Removes all that is kept of a layer in a project's folder, which need not exist. */
gboolean layer_remove_all(const char *data, GError **error);

/* Copies the layer at from to to, both in folders of isolate's own, with everybody's files and what hides files of the base.
 * Nothing may be at to, where half a layer is left on failure. Follows no link. */
gboolean layer_copy(const char *from, const char *to, GError **error);
