#include "spawn.h"

#include "error.h"
#include "fd.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct rlimit usual_descriptors; // what children get; rlim_max is 0 while nothing was raised

void spawn_raise_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
		return;
	usual_descriptors = limit;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Between vfork and exec, in the parent's memory: system calls only. */
static void __attribute__((noreturn)) become(const struct spawn *spawn, int null, volatile int *failure)
{
	sigset_t none;
	sigemptyset(&none);
	for (int i = 1; i <= SIGRTMAX; i++)
		signal(i, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (spawn->die_with_us)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = STDIN_FILENO; !spawn->keep_stdio && fd <= STDOUT_FILENO; fd++)
		dup2(spawn->stdio && spawn->stdio[fd] >= 0 ? spawn->stdio[fd] : null, fd);
	if (spawn->error_fd >= 0)
		dup2(spawn->error_fd, STDERR_FILENO);
	if (usual_descriptors.rlim_max > 0)
		setrlimit(RLIMIT_NOFILE, &usual_descriptors);
	// Whatever the caller of isolate had open stays here.
	if (fd_close_from(STDERR_FILENO + 1, CLOSE_RANGE_CLOEXEC) < 0) {
		*failure = errno;
		_exit(127);
	}
	for (guint i = 0; i < spawn->args->fds->len; i++)
		fcntl(g_array_index(spawn->args->fds, int, i), F_SETFD, 0);
	execve(spawn->path, (char **)spawn->args->words->pdata, spawn->env);
	*failure = errno;
	_exit(127);
}

/* A fork would copy the page tables of a process that is about to be replaced. */
static pid_t start(const struct spawn *spawn, int null, volatile int *failure)
{
	sigset_t all, before;
	sigfillset(&all);
	// A handler of ours must not run in the child, which is in our memory.
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = vfork();
	if (pid == 0)
		become(spawn, null, failure);
	if (pid < 0)
		*failure = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

pid_t spawn(const struct spawn *spawn, GError **error)
{
	volatile int failure = 0;
	autofd null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0) {
		error_set_errno(error, errno, "cannot open /dev/null");
		return -1;
	}
	g_ptr_array_add(spawn->args->words, NULL);
	pid_t pid = start(spawn, null, &failure);
	g_ptr_array_set_size(spawn->args->words, (gint)spawn->args->words->len - 1);
	if (failure == 0)
		return pid;
	if (pid > 0)
		waitpid(pid, NULL, 0);
	error_set_errno(error, failure, "cannot start %s", spawn->path);
	return -1;
}

char *spawn_find_system(const char *name, const char *package, GError **error)
{
	static const char *const folders[] = {
		"/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/run/current-system/sw/bin", NULL};
	for (const char *const *folder = folders; *folder; folder++) {
		g_autofree char *path = g_build_filename(*folder, name, NULL);
		if (access(path, X_OK) == 0)
			return g_steal_pointer(&path);
	}
	error_set(error, "%s is missing on this machine: install the package %s", name, package);
	return NULL;
}

char *spawn_find_own(const char *name, GError **error)
{
	const char *list = g_getenv("ISOLATE_LIBEXECDIR");
	g_auto(GStrv) folders = g_strsplit(list ? list : ISOLATE_LIBEXEC, ":", -1);
	for (char **folder = folders; *folder; folder++) {
		g_autofree char *path = g_build_filename(*folder, name, NULL);
		if (g_path_is_absolute(path) && access(path, X_OK) == 0)
			return g_steal_pointer(&path);
	}
	error_set(error, "%s is not in %s: isolate is not installed completely", name, list ? list : ISOLATE_LIBEXEC);
	return NULL;
}

/* A list of what may pass, not of what may not: loaders, shells and toolkits invent new variables. */
static gboolean may_pass(const char *variable)
{
	static const char *const names[] = {"HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TERM", "NO_COLOR",
		"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS",
		"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME",
		"XDG_SESSION_ID", "XDG_CURRENT_DESKTOP", "ISOLATE_DEBUG", LOG_STAMPED, "ISOLATE_LIBEXECDIR",
		"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
	size_t length = strcspn(variable, "=");
	if (g_str_has_prefix(variable, "LC_"))
		return TRUE;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strlen(names[i]) == length && strncmp(names[i], variable, length) == 0)
			return TRUE;
	return FALSE;
}

char **spawn_environment(void)
{
	extern char **environ;
	g_autoptr(GPtrArray) kept = g_ptr_array_new();
	for (char **variable = environ; variable && *variable; variable++)
		if (may_pass(*variable))
			g_ptr_array_add(kept, g_strdup(*variable));
	// Helpers find programs in the system's folders only.
	g_ptr_array_add(kept, g_strdup("PATH=/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin"));
	g_ptr_array_add(kept, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&kept), FALSE);
}
