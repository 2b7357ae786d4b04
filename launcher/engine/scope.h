/* A scope of the user's service manager, for limits that count for the whole container. */
#pragma once

#include "args.h"
#include "plan.h"

#include <glib.h>

/* The words that run the ones after them, by execve(2) in the same process, in a scope with the limits of the plan that are
 * PLAN_CGROUP. Every process of the container descends from that one. */
gboolean scope_add(struct args *args, const struct plan *plan, GError **error);
