#include "sandbox.h"

#include "error.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>

static void move_fds(struct args *to, struct args *from)
{
	for (guint i = 0; i < from->fds->len; i++)
		args_own_fd(to, g_array_index(from->fds, int, i));
	g_array_set_size(from->fds, 0);
}

void sandbox_add_programs(struct args *inner)
{
	static const char *const folders[] = {"/usr", "/bin", "/lib", "/lib64", "/nix/store", "/gnu/store",
		"/run/current-system", "/etc/ld.so.cache"};
	args_add_all(inner, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent",
		"--as-pid-1", "--chdir", "/", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
		args_add_all(inner, "--ro-bind-try", folders[i], folders[i], NULL);
}

gboolean sandbox_add_own(struct args *inner, const char *name, GError **error)
{
	g_autofree char *path = spawn_find_own(name, error), *dest = g_strconcat("/", name, NULL);
	int program = path ? open(path, O_PATH | O_CLOEXEC) : -1;
	if (program < 0)
		return path ? error_set_errno(error, errno, "cannot open %s", path) : FALSE;
	sandbox_add_programs(inner);
	// /proc is for sockets with long paths.
	args_add_all(inner, "--unshare-net", "--proc", "/proc", "--ro-bind-fd", NULL);
	args_add_fd(inner, program);
	args_add(inner, dest);
	return TRUE;
}

pid_t sandbox_spawn(struct args *inner, struct args *command, GError **error)
{
	g_autofree char *bwrap = spawn_find_system("bwrap", "bubblewrap", error);
	autoargs outer;
	args_init(&outer);
	int list = bwrap ? args_to_memory(inner, error) : -1;
	if (list < 0)
		return -1;
	args_add_all(&outer, bwrap, "--args", NULL);
	args_add_fd(&outer, list);
	args_add(&outer, "--");
	for (guint i = 0; i < command->words->len; i++)
		args_add(&outer, command->words->pdata[i]);
	move_fds(&outer, inner);
	move_fds(&outer, command);
	char *no_environment[] = {NULL};
	// Not die_with_us: bwrap.c says why.
	const struct spawn how = {.path = bwrap, .args = &outer, .env = no_environment, .error_fd = -1};
	return spawn(&how, error);
}
