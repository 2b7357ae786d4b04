/* The names of Wayland interfaces: those that isolate-wlproxy knows, taken from its table when isolate is built. */
#pragma once

#include <glib.h>

/* Why [Display] AllowGlobals, or DenyGlobals, cannot name it: with the nearest that it can. In new memory; NULL when it can. */
char *global_refuse_offer(const char *name);
char *global_refuse_unknown(const char *name);
