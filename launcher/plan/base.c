/* Base=host: the host's own programs, read-only, and places of its own where a program expects to write. */
#include "build.h"

#include "base.h"

#include <string.h>

// On a merged-/usr system these are links; elsewhere, folders.
const char *const base_roots[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", NULL};

// Whole trees of programs, shown where they exist.
const char *const base_trees[] = {"/usr", "/opt", "/nix/store", "/gnu/store", NULL};

// Below the private /run and /var, what programs of the base need. A link is made again, so that its name is right.
const char *const base_pieces[] = {
	"/run/opengl-driver",
	"/run/opengl-driver-32",
	"/run/current-system",
	"/var/lib/ca-certificates",
	"/var/cache/fontconfig",
	NULL,
};

const char *const base_visible[] = {"/usr", "/opt", "/nix/store", "/gnu/store", "/etc", "/bin", "/sbin", "/lib",
	"/lib32", "/lib64", "/libx32", NULL};

static void add_tree(struct build *build, const char *path)
{
	const struct host_path *found = host_path(build->host, path);
	if (found && found->kind == HOST_DIR)
		plan_op_bind(build->plan, found->resolved, path, PLAN_READ_ONLY, "default");
}

static void add_link_or_tree(struct build *build, const char *path)
{
	const struct host_path *found = host_path(build->host, path);
	if (!found || found->kind != HOST_DIR)
		return;
	if (found->link && path_within_any(found->resolved, base_visible))
		plan_op_symlink(build->plan, found->resolved, path);
	else
		plan_op_bind(build->plan, found->resolved, path, PLAN_READ_ONLY, "default");
}

static void add_root(struct build *build, const char *path)
{
	const struct host_path *found = host_path(build->host, path);
	if (found && found->kind == HOST_DIR && found->link)
		plan_op_symlink(build->plan, found->link, path);
	else
		add_tree(build, path);
}

void build_base(struct build *build)
{
	struct plan *plan = build->plan;
	for (const char *const *path = base_trees; *path; path++)
		add_tree(build, *path);
	for (const char *const *path = base_roots; *path; path++)
		add_root(build, *path);
	build_etc(build);
	plan_op_add(plan, PLAN_OP_TMPFS, NULL, "/var", "default");
	plan_op_add(plan, PLAN_OP_TMPFS, NULL, "/run", "default");
	plan_op_add(plan, PLAN_OP_TMPFS, NULL, "/tmp", "default")->mode = 01777;
	plan_op_add(plan, PLAN_OP_DIR, NULL, "/var/tmp", "default")->mode = 01777;
	plan_op_add(plan, PLAN_OP_DIR, NULL, "/run/lock", "default");
	plan_op_symlink(plan, "/run", "/var/run");
	plan_op_symlink(plan, "/run/lock", "/var/lock");
	plan_op_symlink(plan, "/etc/machine-id", "/var/lib/dbus/machine-id");
	build_etc_files(build);
	for (const char *const *path = base_pieces; *path; path++)
		add_link_or_tree(build, *path);
	plan_op_add(plan, PLAN_OP_PROC, NULL, "/proc", "default");
	plan_op_add(plan, PLAN_OP_DEV, NULL, "/dev", "default");

	// The same on every host, whatever its own is called: a container need not know.
	plan_op_add(plan, PLAN_OP_DIR, NULL, build->runtime_dir, "default")->mode = 0700;
	if (!plan->wayland)
		return;
	g_autofree char *source = g_build_filename(build->host->runtime, plan->project, PLAN_SOCKETS_DIR, NULL);
	g_autofree char *dest = g_build_filename(build->runtime_dir, "isolate", NULL);
	g_autofree char *name = g_build_filename(build->runtime_dir, PLAN_WAYLAND_NAME, NULL);
	plan_op_bind(plan, source, dest, PLAN_READ_ONLY | PLAN_OWN, project_origin(build->project, CONFIG_WAYLAND));
	plan_op_symlink(plan, "isolate/" PLAN_WAYLAND_NAME, name);
}
