/* Helpers of other people's making, in a bubblewrap of their own: programs of the host, read-only, and what is named. */
#pragma once

#include "args.h"

#include <glib.h>
#include <sys/types.h>

/* Namespaces and the host's programs: what every such sandbox begins with. */
void sandbox_add_programs(struct args *inner);

/* One of our own programs, which appears as /NAME: it talks to both sides of a socket and needs nothing else. */
gboolean sandbox_add_own(struct args *inner, const char *name, GError **error);

/* Runs command (argv[0] absolute) in it. Both lists' descriptors are taken over and stay open for the command. It ends with this
 * process. -1 with an error. */
pid_t sandbox_spawn(struct args *inner, struct args *command, GError **error);
