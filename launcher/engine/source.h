/* Opens what a container will be given, and makes the places where it is put, without following what a container wrote. */
#pragma once

#include "plan.h"

/* The source of an operation, as an O_PATH descriptor: what was opened is what is mounted, whatever takes its name later.
 * -1 with an error; -1 without one when PLAN_OPTIONAL allows it to be missing. *directory says what it is. */
int source_open(const struct plan_op *op, gboolean *directory, GError **error);

/* Makes the place for a mount at path below home (a relative path), a folder or an empty file, and the folders on the way.
 * A symbolic link on the way is an error that shows its path below shown_home. */
gboolean source_make_mount_point(
	int home, const char *path, gboolean directory, const char *shown_home, GError **error);

/* Opens path, relative and without "..", below folder, over no link at all. -1 with errno; ELOOP for a link. */
int source_open_beneath(int folder, const char *path, int flags);
