/* What values may be. Each value_* check returns NULL, or words that end "… must be". */
#pragma once

#include "keys.h"

#include <glib.h>

const char *value_project_name(const char *value);
const char *value_app_name(const char *value);
const char *value_color(const char *value);
const char *value_hostname(const char *value);
const char *value_interface(const char *value); // the name of a Wayland interface
const char *value_title_prefix(const char *value);
const char *value_variable(const char *value); // a name for the environment that is not isolate's own to set
const char *value_forward(const char *value);  // PORT[:INSIDE]
const char *value_subnet(const char *value);   // ADDRESS[/LENGTH]
const char *value_memory(const char *value);   // bytes, with K, M, G or T
const char *value_cpu(const char *value);      // percent of one processor
const char *value_tasks(const char *value);
const char *value_text(const char *value); // one line without control or invisible characters

/* Names on the session bus: of one program, or with ".*" at the end of several; and NAME=INTERFACE.METHOD[@PATH]. */
const char *value_bus_name(const char *value);
const char *value_bus_names(const char *value);
const char *value_bus_call(const char *value);

/* Milliseconds, -1 for "forever", -2 when it is no duration. */
gint64 value_duration(const char *value);

/* What such a limit is as a number, 0 when it is none: bytes, percent, processes and threads. */
gint64 value_memory_number(const char *value);
gint64 value_cpu_number(const char *value);
gint64 value_tasks_number(const char *value);

/* One text of a row's type, in its normal form and new memory; dest is set for CONFIG_PATHS. home is what ~ stands for.
 * NULL and *reason (to be freed) when it is wrong: what is wrong and what it should be. */
char *value_normal(const struct config_row *row, const char *text, const char *home, char **dest, char **reason);
