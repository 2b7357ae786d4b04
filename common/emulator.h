/* The person's terminal emulator, for what is started without a terminal and needs one. */
#pragma once

#include <glib.h>

/* argv that runs command, which ends with NULL, in a new window; g_strfreev() it. NULL with an error that says what to run by
 * hand when there is no emulator. */
char **emulator_argv(const char *const *command, GError **error);
