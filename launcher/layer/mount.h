/* The layer's file system: the base from below, what isolate puts over it, what the container changes on top. */
#pragma once

#include <glib.h>

struct layer {
	char *options; // of fuse-overlayfs
	char *place;   // where it is to be mounted
};

/* Makes everything that fuse-overlayfs needs, in this process's own mount namespace. words end with NULL. */
gboolean layer_prepare(struct layer *layer, char **words, GError **error);
