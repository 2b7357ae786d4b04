#pragma once

#include <glib.h>
#include <sys/types.h>

/* Starts one of our own programs, which ends when we do, with --control-fd: a socket of whose two ends ours does not block, and
 * the other with SOCK_NONBLOCK in flags. The process, or -1 with an error. */
pid_t helper_start(const char *name, int flags, int *control, GError **error);
