/* What only a process in the container can see goes through one, as a tar stream. Outside, tar runs in a sandbox with nothing
 * but the folder that it is about: the stream may be anything. */
#pragma once

#include <glib.h>

/* Unpacks path, absolute in the running container, into the empty folder. */
gboolean stream_out(const char *project, const char *path, int folder, GError **error);

/* Has source, a file or folder, made at path in the running container: in it under the given name where it is a folder, else
 * as it. */
gboolean stream_in(int source, const char *name, const char *project, const char *path, GError **error);
