#include "helper.h"

#include "args.h"
#include "error.h"
#include "fd.h"
#include "spawn.h"

#include <errno.h>
#include <sys/socket.h>

pid_t helper_start(const char *name, int flags, int *control, GError **error)
{
	g_autofree char *path = spawn_find_own(name, error);
	int pair[2];
	if (!path)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0, pair) < 0) {
		error_set_errno(error, errno, "cannot make a socket");
		return -1;
	}
	autofd ours = pair[0];
	autoargs args;
	args_init(&args);
	args_add_all(&args, path, "--control-fd", NULL);
	args_add_fd(&args, pair[1]);
	if (fd_set_nonblocking(ours, true) < 0) {
		error_set_errno(error, errno, "cannot set a socket up");
		return -1;
	}
	g_auto(GStrv) env = spawn_environment();
	const struct spawn how = {.path = path, .args = &args, .env = env, .error_fd = -1, .die_with_us = TRUE};
	pid_t pid = spawn(&how, error);
	if (pid > 0)
		*control = fd_steal(&ours);
	return pid;
}
