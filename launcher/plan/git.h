/* Looking for git repositories in what a container may write. */
#pragma once

#include "host.h"

/* Adds every .git below share, a resolved folder, to the host. Follows no link and does not look into what it found.
 * FALSE with an error when there are too many folders to be searched at each start. */
gboolean git_find(struct host *host, const char *share, GError **error);
