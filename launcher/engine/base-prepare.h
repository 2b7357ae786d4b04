/* What a base needs that is not there yet: an image is unpacked, a profile is kept from Nix's garbage collector. */
#pragma once

#include "plan.h"

/* To be called once the plan is approved. *fetched says that the image is only now there: the plan has to be built again. */
gboolean base_prepare(const struct plan *plan, gboolean *fetched, GError **error);

/* Of a project that was renamed: Nix knows the link that keeps its profile by its old path. */
gboolean base_renamed(const char *project, GError **error);

/* Of a project that is removed: its unpacked image, and the link that keeps its profile. */
gboolean base_forget(const char *project, GError **error);
