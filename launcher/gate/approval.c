#include "approval.h"

#include "error.h"
#include "fd.h"
#include "gate.h"
#include "text.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

enum { APPROVAL_VERSION = 1, APPROVAL_SIZE_MAX = 1024 * 1024 };

static const char file_name[] = "approval";

void approval_free(struct approval *approval)
{
	if (!approval)
		return;
	if (approval->permissions)
		g_ptr_array_unref(approval->permissions);
	g_free(approval);
}

static gboolean check_project(const char *project, GError **error)
{
	if (text_is_project_name(project))
		return TRUE;
	g_autofree char *shown = text_dup_sanitized(project, 64);
	return error_set(error, "\"%s\" is not the name of a project: use a-z, 0-9, _ and -", shown);
}

/* The content, or NULL; without an error when there is no file. */
static char *read_file(const char *path, GError **error)
{
	autofd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		if (errno != ENOENT)
			error_set_errno(error, errno, "cannot read %s", path);
		return NULL;
	}
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022) != 0) {
		error_set(error, "%s is not a plain file that only you can write", path);
		return NULL;
	}
	if (st.st_size > APPROVAL_SIZE_MAX) {
		error_set(error, "%s is too large", path);
		return NULL;
	}
	g_autofree char *content = g_malloc0((gsize)st.st_size + 1);
	for (gsize used = 0; used < (gsize)st.st_size;) {
		ssize_t n = read(fd, content + used, (gsize)st.st_size - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			error_set_errno(error, n < 0 ? errno : EIO, "cannot read %s", path);
			return NULL;
		}
		used += (gsize)n;
	}
	return g_steal_pointer(&content);
}

static int compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct approval *parse(const char *content, const char *project, GError **error)
{
	g_autoptr(GVariant) data = g_variant_parse(G_VARIANT_TYPE_VARDICT, content, NULL, NULL, error);
	if (!data)
		return NULL;
	guint32 version = 0;
	const char *owner = NULL;
	gint64 time = 0;
	g_autoptr(GVariant) list = g_variant_lookup_value(data, "permissions", G_VARIANT_TYPE_BYTESTRING_ARRAY);
	if (!g_variant_lookup(data, "version", "u", &version) || version != APPROVAL_VERSION ||
		!g_variant_lookup(data, "project", "&s", &owner) || !g_variant_lookup(data, "time", "x", &time) ||
		!list) {
		error_set(error, "it is not of a form that this isolate knows");
		return NULL;
	}
	if (strcmp(owner, project) != 0) {
		error_set(error, "it was given to another project");
		return NULL;
	}
	struct approval *approval = g_new0(struct approval, 1);
	approval->time = time;
	approval->permissions = g_ptr_array_new_with_free_func(g_free);
	for (gsize i = 0; i < g_variant_n_children(list); i++) {
		char *line;
		g_variant_get_child(list, i, "^ay", &line);
		g_ptr_array_add(approval->permissions, line);
	}
	g_ptr_array_sort(approval->permissions, compare);
	return approval;
}

struct approval *approval_load(const char *project, GError **error)
{
	if (!check_project(project, error))
		return NULL;
	g_autofree char *path = xdg_path(XDG_STATE, error, project, file_name, NULL);
	g_autofree char *content = path ? read_file(path, error) : NULL;
	if (!content)
		return NULL;
	struct approval *approval = parse(content, project, error);
	if (!approval)
		g_prefix_error(error, "%s cannot be used: ", path);
	return approval;
}

static char *print(const char *project, const GPtrArray *permissions)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	for (guint i = 0; i < permissions->len; i++)
		g_ptr_array_add(sorted, permissions->pdata[i]);
	g_ptr_array_sort(sorted, compare);
	GVariantBuilder list, dict;
	g_variant_builder_init(&list, G_VARIANT_TYPE_BYTESTRING_ARRAY);
	for (guint i = 0; i < sorted->len; i++)
		if (i == 0 || strcmp(sorted->pdata[i - 1], sorted->pdata[i]) != 0)
			g_variant_builder_add(&list, "^ay", sorted->pdata[i]);
	g_variant_builder_init(&dict, G_VARIANT_TYPE_VARDICT);
	g_variant_builder_add(&dict, "{sv}", "version", g_variant_new_uint32(APPROVAL_VERSION));
	g_variant_builder_add(&dict, "{sv}", "project", g_variant_new_string(project));
	g_variant_builder_add(&dict, "{sv}", "time", g_variant_new_int64(g_get_real_time() / G_USEC_PER_SEC));
	g_variant_builder_add(&dict, "{sv}", "permissions", g_variant_builder_end(&list));
	g_autoptr(GVariant) data = g_variant_ref_sink(g_variant_builder_end(&dict));
	g_autofree char *text = g_variant_print(data, TRUE);
	return g_strconcat(text, "\n", NULL);
}

gboolean approval_store(const char *project, const GPtrArray *permissions, GError **error)
{
	if (!check_project(project, error))
		return FALSE;
	g_autofree char *folder = xdg_make_dir(XDG_STATE, error, project, NULL);
	if (!folder)
		return FALSE;
	g_autofree char *path = g_build_filename(folder, file_name, NULL);
	g_autofree char *content = print(project, permissions);
	// Renamed into place: never a half-written set, and a link at that name is replaced, not followed.
	if (!g_file_set_contents_full(
		    path, content, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error)) {
		g_prefix_error(error, "cannot remember the approval of %s: ", project);
		return FALSE;
	}
	return TRUE;
}

gboolean approval_remove(const char *project, GError **error)
{
	if (!check_project(project, error))
		return FALSE;
	g_autofree char *path = xdg_path(XDG_STATE, error, project, file_name, NULL);
	if (!path)
		return FALSE;
	if (g_unlink(path) < 0 && errno != ENOENT)
		return error_set_errno(error, errno, "cannot remove %s", path);
	return TRUE;
}

static gboolean contains(const GPtrArray *set, const char *line)
{
	for (guint i = 0; i < set->len; i++)
		if (strcmp(set->pdata[i], line) == 0)
			return TRUE;
	return FALSE;
}

static gboolean has_word(const char *text, const char *word)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	return g_strv_contains((const char *const *)words, word);
}

/* "wayland without A" is more than "wayland without A B". */
static gboolean covers_without(const GPtrArray *approved, const char *permission)
{
	static const char without[] = "wayland without ";
	for (guint i = 0; i < approved->len; i++) {
		const char *line = approved->pdata[i];
		if (strcmp(line, "wayland") == 0)
			return TRUE;
		if (!g_str_has_prefix(line, without))
			continue;
		g_auto(GStrv) denied = g_strsplit(line + strlen(without), " ", -1);
		gboolean all = TRUE;
		for (char **name = denied; *name; name++)
			all &= has_word(permission + strlen(without), *name);
		if (all)
			return TRUE;
	}
	return FALSE;
}

/* Rights that have degrees: "allow" is all of them, and "ask" is "guarded" with a question before it. */
static gboolean covers_degree(const GPtrArray *approved, const char *permission)
{
	static const char *const rights[] = {
		"wayland clipboard ", "wayland primary ", "wayland inhibit-shortcuts ", "wayland steal-focus "};
	for (gsize i = 0; i < G_N_ELEMENTS(rights); i++) {
		if (!g_str_has_prefix(permission, rights[i]))
			continue;
		const char *degree = permission + strlen(rights[i]);
		g_autofree char *allow = g_strconcat(rights[i], "allow", NULL);
		g_autofree char *guarded = g_strconcat(rights[i], "guarded", NULL);
		gboolean ask = strcmp(degree, "ask") == 0;
		return ((ask || strcmp(degree, "guarded") == 0) && contains(approved, allow)) ||
		       (ask && contains(approved, guarded));
	}
	return FALSE;
}

gboolean approval_covers(const GPtrArray *approved, const char *permission)
{
	if (contains(approved, permission))
		return TRUE;
	if (g_str_has_prefix(permission, "wayland without "))
		return covers_without(approved, permission);
	if (!g_str_has_prefix(permission, "files ro "))
		return covers_degree(approved, permission);
	g_autofree char *writable = g_strconcat("files rw ", permission + strlen("files ro "), NULL);
	return contains(approved, writable);
}

GPtrArray *approval_new(const GPtrArray *approved, const GPtrArray *permissions)
{
	GPtrArray *fresh = g_ptr_array_new();
	for (guint i = 0; i < permissions->len; i++)
		if (!approved || !approval_covers(approved, permissions->pdata[i]))
			g_ptr_array_add(fresh, permissions->pdata[i]);
	return fresh;
}

GPtrArray *gate_approved(const char *project, GError **error)
{
	autoapproval struct approval *approval = approval_load(project, error);
	return approval ? g_steal_pointer(&approval->permissions) : NULL;
}

gboolean gate_forget(const char *project, GError **error)
{
	return approval_remove(project, error);
}
