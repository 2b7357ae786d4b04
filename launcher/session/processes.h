/* What runs in a container, looked at from outside: nothing inside has a say in it but its own command line. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* aa{sv} as the Processes reply has it, sorted by pid: init's descendants. Floating. */
GVariant *processes_list(pid_t init);
