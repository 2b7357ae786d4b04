/* Entries that the host's menu has, from which ours borrow what a configuration need not say again: icon, comment,
 * categories. */
#pragma once

#include <glib.h>

/* The entry ID.desktop of the first XDG data folder that has one, with its translations; NULL when there is none or it
 * does not parse. Links are followed: these are the host's own folders. */
GKeyFile *lookup_entry(const char *id);

/* Its key, or NULL when it is missing or empty. */
char *lookup_text(GKeyFile *entry, const char *key);
