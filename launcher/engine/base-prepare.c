#include "base-prepare.h"

#include "error.h"
#include "fd.h"
#include "log.h"
#include "spawn.h"
#include "text.h"
#include "tree.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Runs a program to its end; what it said last is the error. argv[0] is its name. */
static gboolean run(const char *package, char **argv, GError **error)
{
	g_autofree char *path = spawn_find_system(argv[0], package, error), *said = NULL;
	g_auto(GStrv) env = spawn_environment();
	const char *name = argv[0];
	int status = 0;
	if (!path)
		return FALSE;
	argv[0] = path;
	gboolean started =
		g_spawn_sync("/", argv, env, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said, &status, error);
	argv[0] = (char *)name;
	if (!started || g_spawn_check_wait_status(status, NULL))
		return started;
	g_strchomp(said);
	const char *line = strrchr(said, '\n');
	g_autofree char *shown = text_dup_sanitized(line ? line + 1 : said, 800);
	return error_set(error, "%s: %s", name, shown ? shown : "it failed");
}

static gboolean is_there(const char *name)
{
	g_autofree char *path = spawn_find_system(name, name, NULL);
	return path != NULL;
}

/* "oci-archive:PATH" and the like are skopeo's own; a plain name is podman's, if that has it, or a registry's. */
static gboolean copy_image(const char *image, const char *folder, GError **error)
{
	static const char *const transports[] = {
		"oci-archive:", "oci:", "docker-archive:", "docker://", "dir:", "containers-storage:", NULL};
	g_autofree char *layout = g_strdup_printf("oci:%s/oci:image", folder), *source = NULL;
	for (const char *const *transport = transports; *transport && !source; transport++)
		if (g_str_has_prefix(image, *transport))
			source = g_strdup(image);
	g_autofree char *stored = g_strconcat("containers-storage:", image, NULL);
	char *inspect[] = {"skopeo", "inspect", "--raw", stored, NULL};
	if (!source && is_there("podman") && run("skopeo", inspect, NULL))
		source = g_steal_pointer(&stored);
	if (!source)
		source = g_strconcat("docker://", image, NULL);
	// Some versions leave their temporary folder behind when they fail: in this one it goes with the rest.
	char *copy[] = {"skopeo", "--insecure-policy", "--tmpdir", (char *)folder, "copy", source, layout, NULL};
	return run("skopeo", copy, error);
}

/* A folder of an image, which may be a link there: then nothing is opened. */
static int open_beneath(const char *root, const char *name)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	autofd top = open(root, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return top < 0 ? -1 : (int)syscall(SYS_openat2, top, name, &how, sizeof how);
}

/* Files that every container has of its own need something to be mounted over. */
static gboolean make_places(const char *root, GError **error)
{
	static const char *const names[] = {"passwd", "group", "hosts", "hostname", "resolv.conf", "machine-id"};
	autofd etc = open_beneath(root, "etc");
	for (size_t i = 0; etc >= 0 && i < G_N_ELEMENTS(names); i++) {
		autofd fd = openat(etc, names[i], O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0 && errno != EEXIST)
			return error_set_errno(error, errno, "cannot make %s/etc/%s", root, names[i]);
	}
	return TRUE;
}

/* What is unpacked is there as a whole, or not at all: its name is written last. */
static gboolean unpack(const struct plan *plan, GError **error)
{
	const char *folder = plan->base_keep;
	g_autofree char *layout = g_strdup_printf("%s/oci:image", folder), *oci = g_build_filename(folder, "oci", NULL);
	g_autofree char *bundle = g_build_filename(folder, "bundle", NULL);
	g_autofree char *unpacked = g_build_filename(bundle, "rootfs", NULL);
	g_autofree char *root = g_build_filename(folder, PLAN_IMAGE_ROOT, NULL);
	g_autofree char *name = g_build_filename(folder, PLAN_IMAGE_NAME, NULL);
	char *words[] = {"umoci", "unpack", "--rootless", "--image", layout, bundle, NULL};
	if (!tree_remove(folder, error))
		return FALSE;
	if (g_mkdir_with_parents(folder, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", folder);
	if (!copy_image(plan->image, folder, error) || !run("umoci", words, error))
		return FALSE;
	if (rename(unpacked, root) < 0)
		return error_set_errno(error, errno, "cannot rename %s", unpacked);
	return make_places(root, error) && tree_remove(oci, error) && tree_remove(bundle, error) &&
	       g_file_set_contents_full(name, plan->image, -1,
		       G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

/* An indirect root: Nix remembers where our link is, and the root is gone with the link. */
static gboolean keep_profile(const char *link, const char *profile, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(link);
	char *words[] = {"nix-store", "--add-root", (char *)link, "--indirect", "--realise", (char *)profile, NULL};
	if (g_mkdir_with_parents(folder, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", folder);
	if (run("nix-bin", words, error))
		return TRUE;
	g_prefix_error(error, "cannot keep %s from Nix's garbage collector: ", profile);
	return FALSE;
}

gboolean base_prepare(const struct plan *plan, gboolean *fetched, GError **error)
{
	*fetched = plan->base_missing;
	if (plan->profile)
		return keep_profile(plan->base_keep, plan->profile, error);
	if (!plan->base_missing)
		return TRUE;
	if (isatty(STDERR_FILENO))
		log_info("unpacking the image %s for %s", plan->image, plan->project);
	if (unpack(plan, error))
		return TRUE;
	tree_remove(plan->base_keep, NULL);
	g_prefix_error(error, "cannot unpack the image %s of %s: ", plan->image, plan->project);
	return FALSE;
}

gboolean base_renamed(const char *project, GError **error)
{
	g_autofree char *link = xdg_path(XDG_DATA, error, project, PLAN_PROFILE_LINK, NULL);
	g_autofree char *profile = link ? g_file_read_link(link, NULL) : NULL;
	return link && (!profile || keep_profile(link, profile, error));
}

gboolean base_forget(const char *project, GError **error)
{
	g_autofree char *image = xdg_path(XDG_DATA, error, project, PLAN_IMAGE_DIR, NULL);
	g_autofree char *profile = xdg_path(XDG_DATA, error, project, PLAN_PROFILE_LINK, NULL);
	return image && profile && tree_remove(image, error) && tree_remove(profile, error);
}
