#include "sandbox.h"

#include "landlock.h"
#include "log.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZED
#endif
#endif

#include "sandbox-programs.h"

#define N(array) (sizeof(array) / sizeof *(array))

#ifdef SANDBOX_SANITIZED
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

static int fail(struct sandbox *sandbox, const char *what)
{
	sandbox->failed = what;
	return -1;
}

/* An empty root -------------------------------------------------------------------------------------------------- */

/* In our memory and with our root folder, but a process of its own: its folder in /proc is gone when it has ended, and a
 * folder that is gone is empty and stays so. A mount namespace with nothing in it would do the same, but to take apart the
 * copy of all mounts costs many times what the proxy needs to start. */
static int move_to_own_folder(void *data)
{
	int *result = data;
	*result = chroot("/proc/self/fdinfo/") < 0 || chdir("/") < 0 ? errno : 0;
	return 0;
}

static int empty_root(void)
{
	enum { STACK = 16 * 1024 };
	_Alignas(16) char stack[STACK];
	int result = 0, status;
	pid_t pid = clone(move_to_own_folder, stack + STACK, CLONE_FS | CLONE_VM | CLONE_VFORK | SIGCHLD, &result);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	if (result == 0 && (status != 0 || access("/proc", F_OK) == 0 || access("/status", F_OK) == 0))
		result = ENOTEMPTY;
	return result;
}

/* No user is mapped in: who we are there is nobody. There is no process namespace, since the pids of clients that go into
 * records are those of the host. */
static int enter_namespaces(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return errno;
	return empty_root();
}

/* ---------------------------------------------------------------------------------------------------------------- */

static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
	// Without a namespace of our own we may not, and need not: nothing is executed, and never with more than it has.
	for (int capability = 0; prctl(PR_CAPBSET_DROP, capability) == 0; capability++)
		;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return (int)syscall(SYS_capset, &header, none);
}

/* Not RLIMIT_FSIZE: stderr is a file where somebody wants to keep it, and it would cost us the log. */
static int limit_resources(void)
{
	static const int none[] = {RLIMIT_NPROC, RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE};
	struct rlimit limit;
	for (size_t i = 0; i < N(none); i++)
		if (setrlimit(none[i], &(struct rlimit){0}) < 0)
			return -1;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -1;
	limit.rlim_max = limit.rlim_cur;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int install_filter(const struct sock_filter *program, size_t n)
{
	const struct sock_fprog filter = {.len = (unsigned short)n, .filter = (struct sock_filter *)program};
	// Older kernels slow down what has a filter, against programs that run code which they compile: this one does not.
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter);
}

static int confine(struct sandbox *sandbox, const struct landlock_rules *rules)
{
	// So that nobody looks into it, or keeps a picture of what passed through.
	if (!log_topic("attach") && prctl(PR_SET_DUMPABLE, 0) < 0)
		return fail(sandbox, "PR_SET_DUMPABLE");
	if (drop_capabilities() < 0)
		return fail(sandbox, "capabilities");
	if (limit_resources() < 0)
		return fail(sandbox, "limits");
	sandbox->landlock = landlock_restrict(rules);
	return sandbox->landlock < 0 ? fail(sandbox, "Landlock") : 0;
}

int sandbox_enter(struct sandbox *sandbox)
{
	static const struct landlock_rules nothing = {
		.fs = LANDLOCK_FS_ALL,
		.net = LANDLOCK_NET_ALL,
		.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL,
	};
	*sandbox = (struct sandbox){.sanitized = sanitized};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(sandbox, "no_new_privs");
	if (!sanitized) {
		sandbox->namespaces = enter_namespaces();
		if (confine(sandbox, &nothing) < 0)
			return -1;
	}
	return install_filter(program_proxy, N(program_proxy)) < 0 ? fail(sandbox, "seccomp") : 0;
}

int sandbox_enter_connector(struct sandbox *sandbox)
{
	static const struct landlock_rules only_sockets = {
		.fs = LANDLOCK_FS_ALL & ~(LANDLOCK_FS_MAKE_SOCK | LANDLOCK_FS_MAKE_DIR | LANDLOCK_FS_REMOVE_FILE |
						LANDLOCK_FS_REMOVE_DIR),
		.net = LANDLOCK_NET_ALL,
		.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL,
	};
	*sandbox = (struct sandbox){.sanitized = sanitized};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(sandbox, "no_new_privs");
	if (!sanitized && confine(sandbox, &only_sockets) < 0)
		return -1;
	return install_filter(program_connector, N(program_connector)) < 0 ? fail(sandbox, "seccomp") : 0;
}

bool sandbox_is_whole(const struct sandbox *sandbox)
{
	return sandbox->namespaces == 0 && sandbox->landlock >= LANDLOCK_ABI_SCOPES && !sandbox->sanitized;
}

void sandbox_describe(const struct sandbox *sandbox, char *text, unsigned size)
{
	char namespaces[128] = "namespaces", landlock[64] = "no Landlock";
	if (sandbox->sanitized) {
		snprintf(text, size, "a wide filter of system calls alone, for AddressSanitizer");
		return;
	}
	if (sandbox->namespaces != 0)
		snprintf(namespaces, sizeof namespaces, "no namespaces (%s)", strerror(sandbox->namespaces));
	if (sandbox->landlock > 0)
		snprintf(landlock, sizeof landlock, "Landlock ABI %d", sandbox->landlock);
	snprintf(text, size, "a filter of system calls, %s, %s", namespaces, landlock);
}
