/* Categories= such that an entry stands in one place of a menu: one main category, and the additional ones that belong to
 * it (https://specifications.freedesktop.org/menu-spec/, "Registered Categories"). */
#pragma once

#include <glib.h>

/* A value for Categories= from another entry's, or from NULL. Never empty. */
char *category_pick(const char *categories);
