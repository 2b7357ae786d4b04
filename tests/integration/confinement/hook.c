/* Linked into the objects of the installed proxy by --wrap: an app_id "attack NAME" makes it try that, and a pool of
 * memory is mapped. ISOLATE_TEST_WITHOUT takes away what confines it, so that each layer can be seen alone:
 * words of "filter", "namespaces", "landlock", "no-new-privs" (which then fails), "all". */
#include "hook.h"

#include "landlock.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

struct client;
void __real_client_set_app(struct client *client, const char *claimed);
void __wrap_client_set_app(struct client *client, const char *claimed);
int __real_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...);
int __real_unshare(int flags);
int __wrap_unshare(int flags);
int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
int __real_landlock_restrict(const struct landlock_rules *rules);
int __wrap_landlock_restrict(const struct landlock_rules *rules);
int __real_sandbox_enter(struct sandbox *sandbox);
int __wrap_sandbox_enter(struct sandbox *sandbox);

static bool entering; // the proxy, not its child

static bool without(const char *layer)
{
	const char *list = getenv("ISOLATE_TEST_WITHOUT");
	return list && strstr(list, layer);
}

void __wrap_client_set_app(struct client *client, const char *claimed)
{
	if (strncmp(claimed, "attack ", 7) == 0)
		attack_run(claimed + 7);
	__real_client_set_app(client, claimed);
}

int __wrap_fcntl64(int fd, int command, ...)
{
	va_list list;
	va_start(list, command);
	long argument = va_arg(list, long);
	va_end(list);
	if (command == F_GET_SEALS)
		attack_map(fd);
	return __real_fcntl64(fd, command, argument);
}

int __wrap_unshare(int flags)
{
	if (!without("namespaces"))
		return __real_unshare(flags);
	errno = EPERM;
	return -1;
}

int __wrap_prctl(int option, ...)
{
	va_list list;
	va_start(list, option);
	long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long), d = va_arg(list, long);
	va_end(list);
	if (option != PR_SET_NO_NEW_PRIVS || !entering || !without("no-new-privs"))
		return __real_prctl(option, a, b, c, d);
	errno = EINVAL;
	return -1;
}

long __wrap_syscall(long number, ...)
{
	long a[6];
	va_list list;
	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_seccomp && without("filter"))
		return 0;
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int __wrap_landlock_restrict(const struct landlock_rules *rules)
{
	return without("landlock") ? 0 : __real_landlock_restrict(rules);
}

int __wrap_sandbox_enter(struct sandbox *sandbox)
{
	entering = true;
	if (!without("all"))
		return __real_sandbox_enter(sandbox);
	*sandbox = (struct sandbox){0};
	return 0;
}
