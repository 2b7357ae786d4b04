#include "host.h"

#include "build.h"
#include "error.h"
#include "fd.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder of the base, each looked up. */
static gboolean gather_names(struct host *host, const char *folder, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	if (!dir)
		return error_set(error, "cannot read the folder %s", folder);
	while ((name = g_dir_read_name(dir)))
		g_ptr_array_add(host->base_names, g_strdup(name));
	g_ptr_array_sort(host->base_names, compare);
	for (guint i = 0; i < host->base_names->len; i++) {
		g_autofree char *path = g_build_filename(folder, host->base_names->pdata[i], NULL);
		host_look_up(host, path);
	}
	return TRUE;
}

static void look_up_below(struct host *host, const char *const *paths)
{
	for (; *paths; paths++) {
		g_autofree char *path = g_build_filename(host->base, *paths, NULL);
		host_look_up(host, path);
	}
}

/* A small file of the base, "" when there is none. A container may be able to write there: no link is followed. */
static char *read_beneath(const char *base, const char *name)
{
	enum { SIZE_MAX_READ = 256 * 1024 };
	const struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	autofd folder = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	autofd fd = folder < 0 ? -1 : (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > SIZE_MAX_READ)
		return g_strdup("");
	char *text = g_malloc0((gsize)st.st_size + 1);
	if (pread(fd, text, (size_t)st.st_size, 0) != st.st_size)
		*text = '\0';
	return text;
}

static gboolean gather_tree(struct host *host, GError **error)
{
	static const char *const paths[] = {
		"etc/passwd", "etc/group", "etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/machine-id", NULL};
	if (!gather_names(host, host->base, error))
		return FALSE;
	look_up_below(host, paths);
	host->passwd = read_beneath(host->base, paths[0]);
	host->groups = read_beneath(host->base, paths[1]);
	return TRUE;
}

static gboolean gather_profile(struct host *host, GError **error)
{
	static const char *const paths[] = {"etc", "bin/sh", "bin/env", "bin/bash", NULL};
	look_up_below(host, paths);
	g_autofree char *etc = g_build_filename(host->base, "etc", NULL);
	const struct host_path *found = host_path(host, etc);
	return found->kind != HOST_DIR || gather_names(host, etc, error);
}

/* An image has a folder of isolate's own, once it is unpacked, with the name of what was. */
static gboolean gather_image(struct host *host, const struct project *project, const char *image, GError **error)
{
	g_autofree char *folder = g_build_filename(host->data, project->name, PLAN_IMAGE_DIR, NULL);
	g_autofree char *name = g_build_filename(folder, PLAN_IMAGE_NAME, NULL);
	g_autofree char *unpacked = host_read_text(name);
	host->base = g_build_filename(folder, PLAN_IMAGE_ROOT, NULL);
	host->base_missing = strcmp(unpacked, image) != 0;
	return host->base_missing || gather_tree(host, error);
}

gboolean host_gather_base(struct host *host, const struct project *project, GError **error)
{
	const char *base = project_text(project, CONFIG_BASE), *name = strchr(base, ':');
	enum base_kind kind = (enum base_kind)project_choice(project, CONFIG_BASE);
	gboolean layered = project_choice(project, CONFIG_LAYER) != PLAN_LAYER_NONE;
	if (kind == BASE_HOST && layered) {
		host->passwd = host_read_text("/etc/passwd");
		host->groups = host_read_text("/etc/group");
	}
	if (kind == BASE_HOST)
		return TRUE;
	name++;
	if (kind == BASE_IMAGE)
		return gather_image(host, project, name, error);
	host_look_up_linked(host, name);
	const struct host_path *found = host_path(host, name);
	// Under the whole value too, which is what an error shows.
	host_add_path(host, base, found->kind, NULL, found->resolved, found->readable);
	for (guint i = 0; found->links && i < found->links->len; i++)
		host_add_link_at(host, base, found->links->pdata[i]);
	if (found->kind != HOST_DIR)
		return TRUE; // plan_build() says so
	host->base = g_strdup(found->resolved);
	return kind == BASE_DIR ? gather_tree(host, error) : gather_profile(host, error);
}
