/* Writes sandbox-programs.h: what isolate-wlproxy and its connector child may ask the kernel for, as BPF programs. Run
 * while isolate is built.
 *
 *     sandbox-generate CPU-FAMILY
 *
 * Lists of what is allowed. Everything else fails with EPERM and is not a death: a C library that tries something new at
 * its next version falls back or reports an error, where a signal would close every window of a project; and who has taken
 * the process over gets no further by a call that fails. A call of another architecture's kills, since nothing but an
 * attack makes it. */
#include "seccomp-program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define N(array) (sizeof(array) / sizeof *(array))
#define INT(argument, value) SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, value) // as the kernel reads it

/* What runs a program, waits, and reads and writes what is open. */
static const int both[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(brk),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall), SCMP_SYS(clock_gettime), SCMP_SYS(getpid), SCMP_SYS(getrandom), SCMP_SYS(exit),
	SCMP_SYS(exit_group)};

/* fstat() by its own number: as newfstatat() it could be given a path, which a filter cannot see. */
static const int proxy[] = {SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(splice), SCMP_SYS(pipe2), SCMP_SYS(fstat),
	SCMP_SYS(epoll_create1), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(lseek),
	SCMP_SYS(pread64)};

/* Paths of sockets to connect to, sockets of its own and the folder for them. */
static const int connector[] = {SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(pipe2), SCMP_SYS(getppid), SCMP_SYS(umask), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat), SCMP_SYS(rmdir)};

/* AddressSanitizer reads /proc and files with symbols, and looks for leaks from a process that traces the first. */
static const int sanitizer[] = {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	SCMP_SYS(newfstatat), SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lseek), SCMP_SYS(getdents),
	SCMP_SYS(getdents64), SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(sigaltstack),
	SCMP_SYS(clone), SCMP_SYS(ptrace), SCMP_SYS(wait4), SCMP_SYS(prctl), SCMP_SYS(gettid), SCMP_SYS(getppid),
	SCMP_SYS(getuid), SCMP_SYS(tgkill), SCMP_SYS(kill), SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(prlimit64),
	SCMP_SYS(getrlimit), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(arch_prctl),
	SCMP_SYS(process_vm_readv), SCMP_SYS(access)};

struct allowed {
	int call;
	unsigned n;
	struct scmp_arg_cmp arguments[2];
};

/* Memory of no file, and never to be executed: there is no mprotect(). */
#define NEW_MEMORY                                                                                                     \
	{                                                                                                              \
		SCMP_SYS(mmap), 2,                                                                                     \
		{                                                                                                      \
			SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, ~(uint64_t)(PROT_READ | PROT_WRITE), 0),                     \
				SCMP_CMP64(3, SCMP_CMP_EQ, MAP_PRIVATE | MAP_ANONYMOUS)                                \
		}                                                                                                      \
	}
#define FCNTL(command)                                                                                                 \
	{                                                                                                              \
		SCMP_SYS(fcntl), 1,                                                                                    \
		{                                                                                                      \
			INT(1, command)                                                                                \
		}                                                                                                      \
	}

static const struct allowed both_if[] = {
	NEW_MEMORY,
	FCNTL(F_GETFD),
	FCNTL(F_SETFD),
	FCNTL(F_GETFL),
	FCNTL(F_SETFL),
	FCNTL(F_DUPFD_CLOEXEC),
	{SCMP_SYS(futex), 1, {INT(1, FUTEX_WAIT_PRIVATE)}},
	{SCMP_SYS(futex), 1, {INT(1, FUTEX_WAKE_PRIVATE)}},
};

static const struct allowed proxy_if[] = {
	FCNTL(F_GET_SEALS),
	FCNTL(F_ADD_SEALS), // of long messages to isolate-session
	{SCMP_SYS(memfd_create), 1, {INT(1, MFD_CLOEXEC | MFD_ALLOW_SEALING)}},
	{SCMP_SYS(ioctl),	  1, {INT(1, FIONREAD)}		       },
	  {SCMP_SYS(getsockopt),	 2, {INT(1, SOL_SOCKET), INT(2, SO_PEERCRED)}},
	{SCMP_SYS(recvfrom),     1, {SCMP_CMP64(4, SCMP_CMP_EQ, 0)}	       }, // recv()
	{SCMP_SYS(sendto),	   1, {SCMP_CMP64(4, SCMP_CMP_EQ, 0)}	     }, // send()
};

static const struct allowed connector_if[] = {
	{SCMP_SYS(socket),	   2, {INT(0, AF_UNIX), INT(1, SOCK_STREAM | SOCK_CLOEXEC)}		   },
	{SCMP_SYS(socket),	   2, {INT(0, AF_UNIX), INT(1, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)}},
	{SCMP_SYS(setsockopt), 2, {INT(1, SOL_SOCKET), INT(2, SO_SNDTIMEO)}				   },
};

struct list {
	const int *calls;
	size_t n_calls;
	const struct allowed *conditions;
	size_t n_conditions;
};
#define LIST(calls, conditions)                                                                                        \
	&(const struct list)                                                                                           \
	{                                                                                                              \
		calls, N(calls), conditions, N(conditions)                                                             \
	}

static int allow(scmp_filter_ctx filter, const struct list *list)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < list->n_calls; i++)
		r = program_rule(filter, SCMP_ACT_ALLOW, list->calls[i], 0, NULL);
	for (size_t i = 0; r == 0 && i < list->n_conditions; i++) {
		const struct allowed *one = &list->conditions[i];
		r = program_rule(filter, SCMP_ACT_ALLOW, one->call, one->n, one->arguments);
	}
	return r;
}

static int write_program(const char *family, const char *name, const struct list *own, bool sanitized)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = filter ? program_architectures(filter, family, false) : -ENOMEM;
	if (r == 0 && sanitized) // first, since what has no condition makes those of the others void
		r = allow(filter, &(const struct list){sanitizer, N(sanitizer), NULL, 0});
	r = r ? r : allow(filter, LIST(both, both_if));
	r = r ? r : allow(filter, own);
	r = r ? r : program_print(filter, name, NULL, 0);
	if (r)
		fprintf(stderr, "sandbox-generate: %s for %s: %s\n", name, family, strerror(-r));
	seccomp_release(filter);
	return r;
}

int main(int argc, char **argv)
{
	const struct list *ours = LIST(proxy, proxy_if), *child = LIST(connector, connector_if);
	if (argc != 2)
		return 2;
	printf("/* Written by sandbox-generate for %s. */\n\n#ifndef SANDBOX_SANITIZED\n", argv[1]);
	int r = write_program(argv[1], "program_proxy", ours, false);
	r = r ? r : write_program(argv[1], "program_connector", child, false);
	printf("#else\n");
	r = r ? r : write_program(argv[1], "program_proxy", ours, true);
	r = r ? r : write_program(argv[1], "program_connector", child, true);
	printf("#endif\n");
	return r ? 1 : 0;
}
