/* Merging: built-in defaults, the system's file of the project, traits left to right (each after those that it names
 * itself), the project's own file, lock.conf. A list grows with each layer. An empty assignment empties a list and takes
 * any other key back to its default. */
#pragma once

#include "file.h"
#include "project.h"

struct layers {
	const struct config_dirs *dirs;
	struct project *project;
	struct config_file *lock; // or NULL: its keys are the last word
	GPtrArray *open;	  // char *: the traits being applied, outermost first
	GPtrArray *done;	  // char *: traits that were applied; each counts once
};

struct project *layers_project_new(const char *name);

/* Empty, for struct config_item, which it owns. */
GPtrArray *layers_items_new(void);

/* The checked values of an entry, added to items. */
gboolean layers_parse(const struct layers *layers, const struct config_row *row, const struct config_file *file,
	const struct config_entry *entry, GPtrArray *items, GError **error);

/* Applies an entry to the project, [Project] Traits excepted. */
gboolean layers_apply(
	struct layers *layers, const struct config_file *file, const struct config_entry *entry, GError **error);
