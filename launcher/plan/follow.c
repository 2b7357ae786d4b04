#include "follow.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void followed_free(void *data)
{
	struct followed *followed = data;
	g_free(followed->resolved);
	g_free(followed->link);
	g_free(followed);
}

GHashTable *follow_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, followed_free);
}

char *follow_alone(const char *path)
{
	char buffer[PATH_MAX];
	if (realpath(path, buffer))
		return g_strdup(buffer);
	g_autofree char *parent = g_path_get_dirname(path), *name = g_path_get_basename(path);
	if (strcmp(parent, path) == 0)
		return g_strdup(path);
	g_autofree char *resolved = follow_alone(parent);
	return g_build_filename(resolved, name, NULL);
}

/* No doubled or last slash, and no . or .. that would have to be looked at together with what stands before it. */
static gboolean is_plain(const char *path)
{
	for (const char *slash = path; slash; slash = strchr(slash + 1, '/')) {
		const char *name = slash + 1;
		size_t length = strcspn(name, "/");
		if (length == 0 ? slash != path || *name
				: name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
			return FALSE;
	}
	return path[0] == '/';
}

static struct followed *by_the_kernel(const char *path)
{
	struct followed *to = g_new0(struct followed, 1);
	to->resolved = follow_alone(path);
	to->link = g_file_read_link(path, NULL);
	to->missing = stat(path, &to->st) < 0;
	return to;
}

/* The way on from a folder that is known. */
static struct followed *step(const struct followed *parent, const char *name, const char *path)
{
	char real[PATH_MAX];
	struct followed *to = g_new0(struct followed, 1);
	const char *slash = strcmp(parent->resolved, "/") == 0 ? "" : "/";
	to->resolved = g_strconcat(parent->resolved, slash, name, NULL);
	to->missing = parent->missing;
	if (to->missing)
		return to;
	to->missing = lstat(to->resolved, &to->st) < 0;
	if (to->missing || !S_ISLNK(to->st.st_mode))
		return to;
	// Links are few: the kernel's own way, over whatever else lies on it.
	to->link = g_file_read_link(to->resolved, NULL);
	to->missing = !realpath(path, real) || lstat(real, &to->st) < 0;
	if (!to->missing) {
		g_free(to->resolved);
		to->resolved = g_strdup(real);
	}
	return to;
}

const struct followed *follow(GHashTable *seen, const char *path)
{
	struct followed *found = g_hash_table_lookup(seen, path);
	if (found)
		return found;
	const char *slash = strrchr(path, '/');
	if (!is_plain(path) || !slash[1]) {
		found = by_the_kernel(path);
	} else {
		g_autofree char *parent = g_strndup(path, slash == path ? 1 : (gsize)(slash - path));
		found = step(follow(seen, parent), slash + 1, path);
	}
	g_hash_table_insert(seen, g_strdup(path), found);
	return found;
}
