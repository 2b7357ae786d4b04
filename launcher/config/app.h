/* [App NAME] groups. */
#pragma once

#include "file.h"
#include "project.h"

/* The application of an entry's group, added when it is new. NULL with an error when the group is none of [App NAME]. */
struct config_app *app_of_entry(
	GPtrArray *apps, const struct config_file *file, const struct config_entry *entry, GError **error);

/* Sets the key of the entry. With check_only the value is looked at and nothing is set. */
gboolean app_set(struct config_app *app, const struct config_file *file, const struct config_entry *entry,
	gboolean check_only, GError **error);

void app_free(void *app);
