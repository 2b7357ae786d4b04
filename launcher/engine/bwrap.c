/* bubblewrap: the rootless engine. Everything about its command line is in this file. */
#include "args.h"
#include "engine.h"
#include "error.h"
#include "fd.h"
#include "layer-spec.h"
#include "scope.h"
#include "source.h"
#include "spawn.h"
#include "syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The private home's folder on the host, once its operation has been seen; mount points are made in it. */
struct build {
	const struct plan *plan;
	struct args *args;
	struct args *layer; // what isolate-layer is told
	int home;	    // borrowed from args, -1 before
};

static gboolean make_mount_point(
	const struct build *build, const struct plan_op *op, gboolean directory, GError **error)
{
	const char *home = build->plan->home;
	size_t length = strlen(home);
	if (build->home < 0 || strncmp(op->dest, home, length) != 0 || op->dest[length] != '/')
		return error_set(error, "%s (%s) does not lie in the private home %s", op->dest, op->reason, home);
	return source_make_mount_point(build->home, op->dest + length, directory, home, error);
}

static gboolean add_bind(struct build *build, const struct plan_op *op, GError **error)
{
	GError *cause = NULL;
	gboolean directory = FALSE;
	int fd = source_open(op, &directory, &cause);
	if (fd < 0 && !cause)
		return TRUE;
	if (fd < 0) {
		g_propagate_error(error, cause);
		return FALSE;
	}
	args_add(build->args, op->flags & PLAN_READ_ONLY ? "--ro-bind-fd" : "--bind-fd");
	args_add_fd(build->args, fd);
	args_add(build->args, op->dest);
	if (op->flags & PLAN_MOUNT_POINT && !make_mount_point(build, op, directory, error))
		return FALSE;
	if (directory && strcmp(op->dest, build->plan->home) == 0)
		build->home = fd;
	return TRUE;
}

static void add_mode(struct build *build, mode_t mode)
{
	char text[8];
	g_snprintf(text, sizeof text, "%04o", (unsigned)mode & 07777);
	args_add_all(build->args, "--perms", text, NULL);
}

static gboolean add_file(struct build *build, const struct plan_op *op, GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(op->data, &size);
	int fd = fd_memfd_sealed("isolate-file", data, size);
	if (fd < 0)
		return error_set_errno(error, errno, "cannot make %s", op->dest);
	add_mode(build, op->mode ? op->mode : 0644);
	// A mount of its own costs more than the file; where the place is the container's own, a file is enough.
	args_add(build->args, op->flags & PLAN_READ_ONLY ? "--ro-bind-data" : "--file");
	args_add_fd(build->args, fd);
	args_add(build->args, op->dest);
	return TRUE;
}

static gboolean add_symlink(struct build *build, const struct plan_op *op, GError **error)
{
	gsize size;
	const char *data = g_bytes_get_data(op->data, &size);
	g_autofree char *target = g_strndup(data, size);
	if (size == 0 || strlen(target) != size)
		return error_set(error, "%s: the target of this link is no path", op->dest);
	args_add_all(build->args, "--symlink", target, op->dest, NULL);
	return TRUE;
}

/* Everything that a root of the container may do. Not more: NET_ADMIN and SYS_ADMIN reach much of the kernel. */
static const char *const root_capabilities[] = {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER",
	"CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID"};

/* Part of what the layer lies over: isolate-layer makes it, and bubblewrap is given the result. */
static gboolean add_layered(struct build *build, const struct plan_op *op, GError **error)
{
	gsize size = 0;
	const char *data = op->data ? g_bytes_get_data(op->data, &size) : NULL;
	g_autofree char *text = g_strndup(data ? data : "", size), *mode = NULL;
	mode = g_strdup_printf("%04o", (unsigned)(op->mode ? op->mode : op->type == PLAN_OP_FILE ? 0644 : 0755));
	if (strlen(text) != size)
		return error_set(error, "%s: no text", op->dest);
	switch (op->type) {
	case PLAN_OP_BIND:
		args_add_all(build->layer, "bind", op->source, op->dest, NULL);
		break;
	case PLAN_OP_DIR:
		args_add_all(build->layer, "dir", op->dest, mode, NULL);
		break;
	case PLAN_OP_TMPFS:
		args_add_all(build->layer, "cover", op->dest, NULL);
		break;
	case PLAN_OP_FILE:
		args_add_all(build->layer, "file", op->dest, mode, text, NULL);
		return TRUE;
	case PLAN_OP_SYMLINK:
		args_add_all(build->layer, "link", op->dest, text, NULL);
		return TRUE;
	case PLAN_OP_PROC:
	case PLAN_OP_DEV:
		return error_set(error, "a layer cannot lie over %s", op->dest);
	}
	if (strchr(op->dest + 1, '/'))
		return TRUE;
	g_autofree char *merged = g_build_filename(build->plan->layer_place, SPEC_MERGED, op->dest, NULL);
	args_add_all(build->args, "--bind", merged, op->dest, NULL);
	return TRUE;
}

/* bubblewrap makes what is missing above a place as private as the place; here that would be root's, and shut to the user. */
static void add_parents(struct build *build, const char *dest)
{
	size_t home = strlen(build->plan->home);
	for (const char *slash = strchr(dest + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *parent = g_strndup(dest, (size_t)(slash - dest));
		if (strncmp(parent, build->plan->home, home) == 0 && (!parent[home] || parent[home] == '/'))
			return; // in the user's own folder
		args_add_all(build->args, "--perms", "0755", "--dir", parent, NULL);
	}
}

static gboolean add_op(struct build *build, const struct plan_op *op, GError **error)
{
	if (op->flags & PLAN_LAYERED)
		return add_layered(build, op, error);
	if (build->plan->layer != PLAN_LAYER_NONE)
		add_parents(build, op->dest);
	gboolean bind = op->type == PLAN_OP_BIND;
	if (!bind && op->flags & PLAN_MOUNT_POINT && !make_mount_point(build, op, op->type != PLAN_OP_FILE, error))
		return FALSE;
	switch (op->type) {
	case PLAN_OP_BIND:
		return add_bind(build, op, error);
	case PLAN_OP_FILE:
		return add_file(build, op, error);
	case PLAN_OP_SYMLINK:
		return add_symlink(build, op, error);
	case PLAN_OP_TMPFS:
		if (op->mode)
			add_mode(build, op->mode);
		args_add_all(build->args, "--tmpfs", op->dest, NULL);
		if (op->flags & PLAN_READ_ONLY)
			args_add_all(build->args, "--remount-ro", op->dest, NULL);
		return TRUE;
	case PLAN_OP_DIR:
		if (op->mode)
			add_mode(build, op->mode);
		args_add_all(build->args, "--dir", op->dest, NULL);
		return TRUE;
	case PLAN_OP_PROC:
		args_add_all(build->args, "--proc", op->dest, NULL);
		return TRUE;
	case PLAN_OP_DEV:
		args_add_all(build->args, "--dev", op->dest, NULL);
		return TRUE;
	}
	return error_set(error, "bubblewrap cannot do what %s needs (%s)", op->dest, op->reason);
}

static gboolean add_namespaces(struct build *build, GError **error)
{
	const struct plan *plan = build->plan;
	// No --new-session: the session has made its own, and init makes one for each job.
	args_add_all(build->args, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
		"--die-with-parent", "--as-pid-1", "--hostname", plan->hostname, "--chdir", "/", NULL);
	if (plan_needs_scope(plan))
		args_add(build->args, "--clearenv");
	if (plan->network != PLAN_NETWORK_HOST)
		args_add(build->args, "--unshare-net");
	if (plan->layer == PLAN_LAYER_NONE)
		args_add(build->args, "--unshare-user");
	else // isolate-layer has, and maps more ids than bubblewrap can
		args_add_all(build->args, "--cap-drop", "ALL", NULL);
	for (size_t i = 0; plan->layer != PLAN_LAYER_NONE && i < G_N_ELEMENTS(root_capabilities); i++)
		args_add_all(build->args, "--cap-add", root_capabilities[i], NULL);
	unsigned options = (plan->debug ? SYSCALLS_DEBUG : 0) | (plan->nested_sandbox ? SYSCALLS_NESTED_SANDBOX : 0);
	int fd = syscalls_filter(options);
	if (fd < 0)
		return error_set_errno(error, errno, "cannot make the system call filter");
	args_add(build->args, "--seccomp");
	args_add_fd(build->args, fd);
	return TRUE;
}

static void add_layer(struct args *layer, const struct plan *plan)
{
	guint owner = (guint)plan->layer_owner, group = owner == getuid() ? getgid() : owner;
	g_autofree char *uid = g_strdup_printf("%u", owner), *gid = g_strdup_printf("%u", group);
	args_add_all(layer, "at", plan->layer_place, "owner", uid, gid, NULL);
	if (plan->layer_keep)
		args_add_all(layer, "keep", plan->layer_keep, NULL);
}

/* Changes of one system make no sense over another. */
static gboolean open_layer(const struct plan *plan, GError **error)
{
	g_autofree char *path = g_build_filename(plan->layer_keep, "base", NULL), *base = NULL;
	if (g_mkdir_with_parents(plan->layer_keep, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", plan->layer_keep);
	if (!g_file_get_contents(path, &base, NULL, NULL))
		return g_file_set_contents_full(
			path, plan->layer_base, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
	return strcmp(base, plan->layer_base) == 0 ||
	       error_set(error, "its layer is over Base=%s, not over Base=%s: isolate reset %s layer removes it", base,
		       plan->layer_base, plan->project);
}

/* Everything that bubblewrap reads from a descriptor, and isolate-layer from another. */
static gboolean add_inner(struct args *inner, struct args *layer, const struct plan *plan, GError **error)
{
	struct build build = {.plan = plan, .args = inner, .layer = layer, .home = -1};
	if (plan->base_missing)
		return error_set(error, "the image %s is not unpacked", plan->image);
	if (plan->layer_keep && !open_layer(plan, error))
		return FALSE;
	if (plan->layer != PLAN_LAYER_NONE)
		add_layer(layer, plan);
	if (!add_namespaces(&build, error))
		return FALSE;
	for (guint i = 0; i < plan->ops->len; i++)
		if (!add_op(&build, plan->ops->pdata[i], error))
			return FALSE;
	// The root folder itself is nobody's to write in.
	args_add_all(inner, "--remount-ro", "/", NULL);
	return TRUE;
}

/* init is run from a descriptor: it need not be a file of the container's. */
static int open_init(GError **error)
{
	g_autofree char *path = spawn_find_own("isolate-init", error);
	int fd = path ? open(path, O_PATH | O_CLOEXEC) : -1;
	if (path && fd < 0)
		error_set_errno(error, errno, "cannot open %s", path);
	return fd;
}

/* What init sets for itself, and so for everything inside. */
static void add_limits(const struct plan *plan, struct args *outer)
{
	for (int i = 0; i < PLAN_N_RESOURCES; i++) {
		if (plan->limits[i].by != PLAN_RLIMIT)
			continue;
		g_autofree char *word = g_strdup_printf(
			"%s=%" G_GINT64_FORMAT, plan_resource_name((enum plan_resource)i), plan->limits[i].value);
		args_add(outer, word);
	}
}

/* isolate-layer comes before bubblewrap, in whose file system that then runs. */
static gboolean add_layer_program(struct args *outer, const struct args *layer, GError **error)
{
	g_autofree char *path = spawn_find_own("isolate-layer", error);
	int spec = path ? args_to_memory(layer, error) : -1;
	if (spec < 0)
		return FALSE;
	args_add_all(outer, path, "--mount", NULL);
	args_add_fd(outer, spec);
	args_add(outer, "--");
	return TRUE;
}

/* Init drops root for each application but those that are to have it, and gives the user what root has made. */
static void add_identity(const struct plan *plan, struct args *outer)
{
	g_autofree char *uid = g_strdup_printf("%u", getuid()), *gid = g_strdup_printf("%u", getgid());
	args_add_all(outer, "root", uid, gid, NULL);
	for (guint i = 0; i < plan->ops->len; i++) {
		const struct plan_op *op = plan->ops->pdata[i];
		if ((op->type == PLAN_OP_DIR || op->type == PLAN_OP_TMPFS) && op->mode == 0700 &&
			!(op->flags & PLAN_LAYERED))
			args_add(outer, op->dest);
	}
}

static gboolean add_outer(const struct plan *plan, struct args *outer, struct args *inner, struct args *layer,
	const char *bwrap, int init_socket, int *info, GError **error)
{
	if ((plan_needs_scope(plan) && !scope_add(outer, plan, error)) ||
		(plan->layer != PLAN_LAYER_NONE && !add_layer_program(outer, layer, error))) {
		fd_closep(&init_socket);
		return FALSE;
	}
	int program = open_init(error);
	if (program < 0) {
		fd_closep(&init_socket);
		return FALSE;
	}
	g_autofree char *program_path = g_strdup_printf("/proc/self/fd/%d", program);
	args_own_fd(outer, program);
	args_add(outer, bwrap);
	if (*info >= 0) {
		args_add(outer, "--info-fd");
		args_add_fd(outer, fd_steal(info));
	}
	args_add(outer, "--args");
	int list = args_to_memory(inner, error);
	if (list < 0) {
		fd_closep(&init_socket);
		return FALSE;
	}
	args_add_fd(outer, list);
	for (guint i = 0; i < inner->fds->len; i++)
		args_own_fd(outer, g_array_index(inner->fds, int, i));
	g_array_set_size(inner->fds, 0);
	args_add_all(outer, "--", program_path, NULL);
	args_add_fd(outer, init_socket);
	// The network namespace keeps abstract sockets apart; where there is none, Landlock does, or nothing starts.
	if (plan->network == PLAN_NETWORK_HOST)
		args_add(outer, "landlock");
	add_limits(plan, outer);
	if (plan->layer != PLAN_LAYER_NONE)
		add_identity(plan, outer);
	return TRUE;
}

static gboolean start(const struct plan *plan, struct engine_container *container, GError **error)
{
	g_autofree char *bwrap = spawn_find_system("bwrap", "bubblewrap", error);
	if (!bwrap)
		return FALSE;
	autoargs inner, outer, layer;
	args_init(&inner);
	args_init(&layer);
	args_init(&outer);
	if (!add_inner(&inner, &layer, plan, error))
		return FALSE;
	int pair[2], errors[2], info[2] = {-1, -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set_errno(error, errno, "cannot make a socket");
	autofd ours = pair[0];
	// Before anybody can send: the kernel then says who init is, in our own PID namespace.
	const int on = 1;
	if (setsockopt(ours, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) {
		close(pair[1]);
		return error_set_errno(error, errno, "cannot set a socket up");
	}
	if (plan->network == PLAN_NETWORK_INTERNET && pipe2(info, O_CLOEXEC) < 0) {
		close(pair[1]);
		return error_set_errno(error, errno, "cannot make a pipe");
	}
	autofd info_read = info[0], info_write = info[1];
	if (!add_outer(plan, &outer, &inner, &layer, bwrap, pair[1], &info_write, error))
		return FALSE;
	if (pipe2(errors, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot make a pipe");
	autofd errors_read = errors[0], errors_write = errors[1];
	// systemd-run has to find the service manager; of what it hands on, --clearenv lets nothing get to init.
	char *no_environment[] = {NULL};
	gboolean scope = plan_needs_scope(plan);
	g_auto(GStrv) scope_environment = scope ? spawn_environment() : NULL;
	// Not die_with_us: a bwrap that is killed between its clone() and the word to its child leaves that child waiting for
	// ever. It asks for the signal itself (--die-with-parent) once little can go wrong, and when it asked too late, init
	// sees the end of its socket and ends.
	// isolate-layer does ask too late: what it starts is in a PID namespace, and waits for nobody.
	const struct spawn how = {.path = outer.words->pdata[0],
		.args = &outer,
		.env = scope ? scope_environment : no_environment,
		.error_fd = errors_write,
		.die_with_us = plan->layer != PLAN_LAYER_NONE};
	container->pid = spawn(&how, error);
	if (container->pid < 0)
		return FALSE;
	container->init = fd_steal(&ours);
	container->info = fd_steal(&info_read);
	container->errors = fd_steal(&errors_read);
	return TRUE;
}

const struct engine engine_bwrap = {.name = "bwrap", .start = start};
