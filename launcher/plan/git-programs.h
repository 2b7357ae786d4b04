/* Settings of the host's git that run a program or read more settings: where those lie in a share, the container would choose
 * what the host's git runs. */
#pragma once

#include "host.h"

/* Adds to the host what such settings name in the folders of shares; after git_find(). What git cannot be asked about is an
 * error. */
gboolean git_programs_find(struct host *host, const struct project *project, GError **error);
