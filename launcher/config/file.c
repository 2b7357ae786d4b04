#include "file.h"

#include "error.h"
#include "fd.h"
#include "text.h"
#include "value.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

enum { FILE_MAX = 256 * 1024 };

static gboolean check_owner(const char *path, const struct stat *st, GError **error)
{
	if (!S_ISREG(st->st_mode))
		return error_set(error, "%s: not a regular file", path);
	if (st->st_uid != 0 && st->st_uid != getuid())
		return error_set(
			error, "%s: belongs to another user, who could change what a container may reach", path);
	if (st->st_mode & S_IWOTH)
		return error_set(error, "%s: everybody can write it: chmod o-w", path);
	if (st->st_size > FILE_MAX)
		return error_set(error, "%s: longer than %d KiB", path, FILE_MAX / 1024);
	return TRUE;
}

static gboolean read_safely(const char *path, char **content, size_t *length, GError **error)
{
	// A link is followed: people keep these files in a repository of their own. A FIFO must not block.
	autofd fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return TRUE;
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set_errno(error, errno, "cannot read %s", path);
	if (!check_owner(path, &st, error))
		return FALSE;
	static char buffer[FILE_MAX + 1];
	size_t used = 0;
	ssize_t n;
	while (used < FILE_MAX && (n = read(fd, buffer + used, FILE_MAX - used)) != 0) {
		if (n < 0 && errno != EINTR)
			return error_set_errno(error, errno, "cannot read %s", path);
		used += n > 0 ? (size_t)n : 0;
	}
	buffer[used] = '\0';
	if (!text_is_utf8(buffer, used) || memchr(buffer, '\0', used))
		return error_set(error, "%s: not a text in UTF-8", path);
	*content = g_strndup(buffer, used);
	*length = used;
	return TRUE;
}

static void entry_free(void *data)
{
	struct config_entry *entry = data;
	g_free(entry->group);
	g_free(entry->key);
	g_free(entry->origin);
	g_free(entry);
}

void config_file_free(struct config_file *file)
{
	if (!file)
		return;
	g_free(file->path);
	g_key_file_unref(file->keys);
	g_ptr_array_unref(file->entries);
	g_free(file);
}

static const struct config_entry *find(const struct config_file *file, const char *group, const char *key)
{
	for (guint i = 0; i < file->entries->len; i++) {
		const struct config_entry *entry = file->entries->pdata[i];
		if (strcmp(entry->group, group) == 0 && strcmp(entry->key, key) == 0)
			return entry;
	}
	return NULL;
}

static void add_line(struct config_file *file, const char *group, const char *key, guint line)
{
	struct config_entry *entry = g_new0(struct config_entry, 1);
	entry->group = g_strdup(group);
	entry->key = g_strdup(key);
	entry->line = line;
	entry->origin = g_strdup_printf("%s:%u: [%s]%s%s", file->path, line, group, *key ? " " : "", key);
	g_ptr_array_add(file->entries, entry);
}

static gboolean add_entry(
	struct config_file *file, const char *group, const char *text, size_t equals, guint line, GError **error)
{
	g_autofree char *key = g_strchomp(g_strndup(text, equals));
	g_autofree char *shown = text_dup_sanitized(key, 64);
	if (!group)
		return error_set(error, "%s:%u: %s: a key stands below a [Group]", file->path, line, shown);
	if (strspn(key, KEY_CHARACTERS) != strlen(key))
		return error_set(error, "%s:%u: [%s] %s: not a key's name", file->path, line, group, shown);
	const struct config_entry *twice = find(file, group, key);
	if (twice)
		return error_set(error,
			"%s:%u: [%s] %s: already in line %u; write one line, the parts of a list separated by ;",
			file->path, line, group, shown, twice->line);
	add_line(file, group, key, line);
	return TRUE;
}

/* GKeyFile knows no lines, and of a key given twice it keeps the last silently. */
static gboolean scan(struct config_file *file, const char *content, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(content, "\n", -1);
	g_autofree char *group = NULL;
	for (guint i = 0; lines[i]; i++) {
		const char *text = g_strstrip(lines[i]);
		size_t length = strlen(text), equals = strcspn(text, "=");
		g_autofree char *shown = text_dup_sanitized(text, 64);
		if (length == 0 || text[0] == '#')
			continue;
		if (text[0] == '[' && text[length - 1] == ']') {
			g_free(group);
			group = g_strndup(text + 1, length - 2);
			if (!*group || value_text(group) || strpbrk(group, "[]"))
				return error_set(error, "%s:%u: %s: not a group's name", file->path, i + 1, shown);
			add_line(file, group, "", i + 1);
		} else if (equals == 0 || equals == length || text[0] == '[') {
			return error_set(error, "%s:%u: \"%s\" is neither [Group], Key=value nor a # comment",
				file->path, i + 1, shown);
		} else if (!add_entry(file, group, text, equals, i + 1, error)) {
			return FALSE;
		}
	}
	return TRUE;
}

/* GKeyFile keeps the spaces at a line's end. One that is meant is written \s. */
static void trim(struct config_file *file)
{
	for (guint i = 0; i < file->entries->len; i++) {
		const struct config_entry *entry = file->entries->pdata[i];
		g_autofree char *value = g_key_file_get_value(file->keys, entry->group, entry->key, NULL);
		if (value)
			g_key_file_set_value(file->keys, entry->group, entry->key, g_strchomp(value));
	}
}

gboolean config_file_read(const char *path, struct config_file **out, GError **error)
{
	*out = NULL;
	g_autofree char *content = NULL;
	size_t length = 0;
	if (!read_safely(path, &content, &length, error))
		return FALSE;
	if (!content)
		return TRUE;
	autofile struct config_file *file = g_new0(struct config_file, 1);
	file->path = g_strdup(path);
	file->keys = g_key_file_new();
	file->entries = g_ptr_array_new_with_free_func(entry_free);
	if (!scan(file, content, error))
		return FALSE;
	g_autoptr(GError) cause = NULL;
	if (length > 0 && !g_key_file_load_from_data(file->keys, content, length, G_KEY_FILE_NONE, &cause)) {
		g_autofree char *shown = text_dup_sanitized(cause->message, 200);
		return error_set(error, "%s: %s", path, shown);
	}
	trim(file);
	*out = g_steal_pointer(&file);
	return TRUE;
}

char *config_file_text(const struct config_file *file, const struct config_entry *entry, GError **error)
{
	g_autoptr(GError) cause = NULL; // a text comes back even when there is one
	g_autofree char *text = g_key_file_get_string(file->keys, entry->group, entry->key, &cause);
	if (!cause)
		return g_steal_pointer(&text);
	config_file_wrong(file, entry, error, "an escape is wrong: \\s, \\n, \\t, \\r and \\\\ are known");
	return NULL;
}

char **config_file_list(const struct config_file *file, const struct config_entry *entry, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_auto(GStrv) parts = g_key_file_get_string_list(file->keys, entry->group, entry->key, NULL, &cause);
	if (cause) {
		config_file_wrong(file, entry, error, "an escape is wrong: \\s, \\n, \\t, \\r, \\; and \\\\ are known");
		return NULL;
	}
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
	for (char **p = parts; *p; p++)
		if (*g_strstrip(*p))
			g_ptr_array_add(kept, g_strdup(*p));
	g_ptr_array_add(kept, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&kept), FALSE);
}

gboolean config_file_wrong(
	const struct config_file *file, const struct config_entry *entry, GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *what = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *value = g_key_file_get_value(file->keys, entry->group, entry->key, NULL);
	g_autofree char *line =
		g_strdup_printf("%s%s%.80s: %s", entry->origin, *entry->key ? "=" : "", value ? value : "", what);
	g_autofree char *shown = text_dup_sanitized(line, 1000);
	return error_set(error, "%s", shown);
}
