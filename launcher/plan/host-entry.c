#include "host-entry.h"

#include <string.h>
#include <sys/stat.h>

enum { ENTRY_SIZE_MAX = 1024 * 1024 };

static GKeyFile *load(const char *folder, const char *file)
{
	g_autofree char *path = g_build_filename(folder, "applications", file, NULL);
	struct stat st;
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > ENTRY_SIZE_MAX)
		return NULL;
	g_autoptr(GKeyFile) entry = g_key_file_new();
	if (!g_key_file_load_from_file(entry, path, G_KEY_FILE_KEEP_TRANSLATIONS, NULL) ||
		!g_key_file_has_group(entry, G_KEY_FILE_DESKTOP_GROUP))
		return NULL;
	return g_steal_pointer(&entry);
}

GKeyFile *host_entry_find(const char *id)
{
	g_autofree char *file = g_strconcat(id, ".desktop", NULL);
	if (strchr(file, '/'))
		return NULL;
	GKeyFile *entry = load(g_get_user_data_dir(), file);
	for (const char *const *folder = g_get_system_data_dirs(); !entry && *folder; folder++)
		entry = load(*folder, file);
	return entry;
}

char *host_entry_text(GKeyFile *entry, const char *key)
{
	g_autofree char *text = g_key_file_get_string(entry, G_KEY_FILE_DESKTOP_GROUP, key, NULL);
	return text && *text ? g_steal_pointer(&text) : NULL;
}
