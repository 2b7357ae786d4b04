/* Consent before a container starts: the approved set of permissions is compared, isolate's own text shown, polkit asked
 * (org.isolate.launch). Fails closed. See docs/threat-model.md for what consent is worth. */
#pragma once

#include "plan.h"

#include <glib.h>

enum gate_flags {
	GATE_TERMINAL = 1 << 0, // a person is at the controlling terminal: text and a text agent may use it
	GATE_REVIEW = 1 << 1,	// `isolate start --review`: ask even if nothing changed
	GATE_RUNNING = 1 << 2,	// `isolate policy`: the container runs, and is to be allowed more
};

/* Asks, if this plan's Gate= and the approvals on disk say so, and remembers an approval. Blocks for as long as the person
 * takes. FALSE with a one-line error when refused, cancelled, or polkit is missing (which names the missing part). */
gboolean gate_check(const struct plan *plan, enum gate_flags flags, GError **error);

/* The same for a shell as root of the container of this plan, which has a layer. */
gboolean gate_check_root(const struct plan *plan, enum gate_flags flags, GError **error);

/* Whether that was approved, or nobody is asked: for the session, which asks nobody. */
gboolean gate_root_approved(const struct plan *plan);

/* The approved set of a project: lines as struct plan::permissions, or NULL when there is none. */
GPtrArray *gate_approved(const char *project, GError **error);
gboolean gate_forget(const char *project, GError **error);
