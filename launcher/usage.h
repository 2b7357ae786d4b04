/* How much disk a folder takes that a container can write. */
#pragma once

#include <glib.h>

struct usage {
	guint64 bytes;	// allocated; a file with several names counts once
	guint64 files;	// of all kinds, folders included
	gboolean whole; // FALSE: there is more, which cannot be read or lies too deep
};

/* Of path, a folder whose parents are ours. Follows no link and stays on its file system. FALSE when there is no such folder. */
gboolean usage_count(const char *path, struct usage *usage);
