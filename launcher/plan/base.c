/* Base=host: the host's own programs, read-only, and places of its own where a program expects to write. With a layer,
 * both are what the layer lies over. */
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

// With the package manager's state comes what the scripts of packages expect of those that are there.
const char *const base_state[] = {
	"/var/lib/dpkg",
	"/var/lib/apt",
	"/var/lib/ucf",
	"/var/lib/pam",
	"/var/lib/xml-core",
	"/var/lib/sgml-base",
	"/var/lib/emacsen-common",
	"/var/lib/rpm",
	"/var/lib/pacman",
	NULL,
};

const char *const base_visible[] = {"/usr", "/opt", "/nix/store", "/gnu/store", "/etc", "/bin", "/sbin", "/lib",
	"/lib32", "/lib64", "/libx32", NULL};

static void add_tree(struct build *build, const char *path)
{
	const struct host_path *found = host_path(build->host, path);
	// A store has no use for a layer: what is in it has its content in its name.
	gboolean layered = build->layered && !g_str_has_suffix(path, "/store");
	if (found && found->kind == HOST_DIR)
		plan_op_bind(build->plan, found->resolved, path, layered ? PLAN_LAYERED : PLAN_READ_ONLY, "default");
}

static void add_link_or_tree(struct build *build, const char *path)
{
	const struct host_path *found = host_path(build->host, path);
	if (!found || found->kind != HOST_DIR)
		return;
	if (found->link && path_within_any(found->resolved, base_visible))
		plan_op_symlink(build->plan, found->resolved, path);
	else
		plan_op_bind(build->plan, found->resolved, path,
			build->layered && path_within(path, "/var") ? PLAN_LAYERED : PLAN_READ_ONLY, "default");
}

static void add_root(struct build *build, const char *path)
{
	const struct host_path *found = host_path(build->host, path);
	if (found && found->kind == HOST_DIR && found->link)
		plan_op_symlink(build->plan, found->link, path);
	else
		add_tree(build, path);
}

static void add_folder(struct build *build, const char *path, mode_t mode)
{
	struct plan_op *op = plan_op_add(build->plan, PLAN_OP_DIR, NULL, path, "default");
	op->mode = mode;
	op->flags = build->layered;
}

/* What root of the container needs of the host's /var, and empty files over those there that the user cannot read. */
static void add_state(struct build *build)
{
	static const char *const locks[] = {"/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend",
		"/var/lib/dpkg/triggers/Lock", "/var/lib/apt/daily_lock", "/var/lib/apt/lists/lock",
		"/var/lib/rpm/.rpm.lock"};
	static const char *const folders[] = {"/var/backups", "/var/cache/apt/archives/partial", "/var/cache/debconf",
		"/var/cache/ldconfig", "/var/lib/misc", "/var/log/apt", "/var/spool"};
	for (const char *const *path = base_state; *path; path++)
		add_tree(build, *path);
	for (size_t i = 0; i < G_N_ELEMENTS(locks); i++) {
		gboolean there = FALSE;
		for (const char *const *path = base_state; *path; path++) {
			const struct host_path *found = host_path(build->host, *path);
			there |= found && found->kind == HOST_DIR && path_within(locks[i], *path);
		}
		if (there)
			plan_op_file(build->plan, "", locks[i], "default");
		if (there)
			plan_op_last(build->plan)->flags |= PLAN_LAYERED;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
		add_folder(build, folders[i], 0755);
	struct plan_op *partial =
		plan_op_add(build->plan, PLAN_OP_TMPFS, NULL, "/var/lib/apt/lists/partial", "default");
	partial->flags = PLAN_LAYERED;
}

static void add_host(struct build *build)
{
	for (const char *const *path = base_trees; *path; path++)
		add_tree(build, *path);
	for (const char *const *path = base_roots; *path; path++)
		add_root(build, *path);
	build_etc(build);
}

static gboolean add_profile(struct build *build, GError **error)
{
	const struct config_item *item = project_items(build->project, CONFIG_BASE)->pdata[0];
	const struct host_path *found;
	if (!source_check(build, item, FALSE, TRUE, &found, error))
		return FALSE;
	if (!build->host->base || !path_within(build->host->base, "/nix/store"))
		return item_wrong(item, error, "it is no profile: a link to a folder of /nix/store");
	add_tree(build, "/nix/store");
	build->plan->profile = g_strdup(build->host->base);
	build->plan->base_keep = g_build_filename(build->host->data, build->plan->project, PLAN_PROFILE_LINK, NULL);
	build_profile(build);
	return TRUE;
}

static gboolean add_base(struct build *build, GError **error)
{
	if (build->base == BASE_NIX)
		return add_profile(build, error);
	if (build->base != BASE_HOST)
		return build_tree(build, error);
	add_host(build);
	return TRUE;
}

/* Of a base that brings its own. */
static gboolean has_folder(const struct build *build, const char *path)
{
	g_autofree char *source = base_path(build, path);
	const struct host_path *found = host_path(build->host, source);
	return build->base >= BASE_DIR && found && found->kind == HOST_DIR;
}

/* /var is private: gone with the container, or a part of its layer. */
static void add_var(struct build *build)
{
	struct plan *plan = build->plan;
	const char *const links[][2] = {
		{"/run",		 "/var/run"		   },
		{"/run/lock",	      "/var/lock"		 },
		{"/etc/machine-id", "/var/lib/dbus/machine-id"},
	};
	if (!build->layered)
		plan_op_add(plan, PLAN_OP_TMPFS, NULL, "/var", "default");
	else if (!has_folder(build, "/var"))
		add_folder(build, "/var", 0755);
	if (build->layered && build->base == BASE_HOST)
		add_state(build);
	plan_op_add(plan, PLAN_OP_TMPFS, NULL, "/run", "default");
	plan_op_add(plan, PLAN_OP_TMPFS, NULL, "/tmp", "default")->mode = 01777;
	add_folder(build, "/var/tmp", 01777);
	plan_op_add(plan, PLAN_OP_DIR, NULL, "/run/lock", "default");
	for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
		plan_op_symlink(plan, links[i][0], links[i][1]);
		plan_op_last(plan)->flags |= build->layered;
	}
}

static void add_display(struct build *build)
{
	struct plan *plan = build->plan;
	// The same on every host, whatever its own is called: a container need not know.
	plan_op_add(plan, PLAN_OP_DIR, NULL, build->runtime_dir, "default")->mode = 0700;
	if (!plan->wayland && plan->bus->len == 0 && !plan->playback && !plan->record)
		return;
	g_autofree char *source = g_build_filename(build->host->runtime, plan->project, PLAN_SOCKETS_DIR, NULL);
	g_autofree char *dest = g_build_filename(build->runtime_dir, "isolate", NULL);
	g_autofree char *name = g_build_filename(build->runtime_dir, PLAN_WAYLAND_NAME, NULL);
	plan_op_bind(plan, source, dest, PLAN_READ_ONLY | PLAN_OWN, project_origin(build->project, CONFIG_WAYLAND));
	if (plan->wayland)
		plan_op_symlink(plan, "isolate/" PLAN_WAYLAND_NAME, name);
}

gboolean build_base(struct build *build, GError **error)
{
	struct plan *plan = build->plan;
	if (!add_base(build, error))
		return FALSE;
	add_var(build);
	if (build->layered && !has_folder(build, "/root"))
		add_folder(build, "/root", 0700);
	if (build->layered && build->base >= BASE_DIR && !has_folder(build, "/etc"))
		add_folder(build, "/etc", 0755);
	build_etc_files(build);
	for (const char *const *path = base_pieces; *path && build->base == BASE_HOST; path++)
		add_link_or_tree(build, *path);
	plan_op_add(plan, PLAN_OP_PROC, NULL, "/proc", "default");
	plan_op_add(plan, PLAN_OP_DEV, NULL, "/dev", "default");
	add_display(build);
	return TRUE;
}
