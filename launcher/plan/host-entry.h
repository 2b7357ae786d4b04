/* Entries of the host's menu: what a project may name with Apps=, and from which its own entries borrow icon, comment and
 * categories. */
#pragma once

#include <glib.h>

/* The entry ID.desktop of the first XDG data folder that has one, with its translations; NULL when there is none or it
 * does not parse. Links are followed: these are the host's own folders. */
GKeyFile *host_entry_find(const char *id);

/* Its key, or NULL when it is missing or empty. */
char *host_entry_text(GKeyFile *entry, const char *key);
