/* What a person approved, on disk: $XDG_STATE_HOME/isolate/<project>/approval, a GVariant in its text form, so that it
 * can be read, compared and kept in version control, and so that no character of a path can add a line to it. The set is
 * kept, not a digest of it: what is new can be shown. No container can reach the folder (the plan refuses such shares). */
#pragma once

#include <glib.h>

struct approval {
	GPtrArray *permissions; // sorted, owned
	gint64 time;		// seconds since 1970, when it was given
};

/* NULL without an error when nothing was approved. A file that is not a plain one of this user's, that others can write,
 * or that does not parse is an error: it approves nothing. */
struct approval *approval_load(const char *project, GError **error);
gboolean approval_store(const char *project, const GPtrArray *permissions, GError **error);
gboolean approval_remove(const char *project, GError **error);
void approval_free(struct approval *approval);

static inline void approval_freep(struct approval **approval)
{
	approval_free(*approval);
}
#define autoapproval __attribute__((cleanup(approval_freep)))

/* True when an approved set lets this one permission through: it is in the set, it is reading where writing was approved,
 * a lesser degree of a right of the display, or fewer of its interfaces. Nothing else is narrower than something: a wrong "narrower" is a hole, a missing one is a prompt. */
gboolean approval_covers(const GPtrArray *approved, const char *permission);

/* The permissions that approved (NULL: nothing) does not cover, in their order. The strings stay permissions'. */
GPtrArray *approval_new(const GPtrArray *approved, const GPtrArray *permissions);
