/* One configuration file: what stands where. */
#pragma once

#include <glib.h>

struct config_entry {
	char *group, *key; // key is "" for the line of the group itself
	guint line;	   // from 1
	char *origin;	   // "FILE:LINE: [Group] Key"
};

struct config_file {
	char *path;
	GKeyFile *keys;
	GPtrArray *entries; // struct config_entry, owned, in the order of the lines
};

/* *file is NULL without an error when the file is missing. FALSE with an error when it cannot be read safely, is no
 * keyfile, or has a key twice. */
gboolean config_file_read(const char *path, struct config_file **file, GError **error);
void config_file_free(struct config_file *file);
static inline void config_file_freep(struct config_file **file)
{
	config_file_free(*file);
}
#define autofile __attribute__((cleanup(config_file_freep)))

/* The value of an entry with its escapes undone; the parts of one that is a list, without empty ones and without the
 * spaces around them. Free them. NULL with an error that names the entry. */
char *config_file_text(const struct config_file *file, const struct config_entry *entry, GError **error);
char **config_file_list(const struct config_file *file, const struct config_entry *entry, GError **error);

/* "FILE:LINE: [Group] Key=value: " and what is wrong, made safe to show. Returns FALSE. */
gboolean config_file_wrong(const struct config_file *file, const struct config_entry *entry, GError **error,
	const char *format, ...) G_GNUC_PRINTF(4, 5);
