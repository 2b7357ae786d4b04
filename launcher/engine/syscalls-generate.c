/* Writes syscalls-programs.h: the filters of syscalls.h as BPF programs, one for each set of options. Run while isolate is
 * built, so that no container's start has to wait for libseccomp.
 *
 *     syscalls-generate CPU-FAMILY */
#include "seccomp-program.h"
#include "syscalls.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define N(array) (sizeof(array) / sizeof *(array))

/* Refused to everybody: parts of the kernel with a history, or that reach over the container's edge. */
static const int refused[] = {SCMP_SYS(syslog), SCMP_SYS(uselib), SCMP_SYS(acct), SCMP_SYS(quotactl),
	SCMP_SYS(quotactl_fd), SCMP_SYS(add_key), SCMP_SYS(keyctl), SCMP_SYS(request_key), SCMP_SYS(move_pages),
	SCMP_SYS(mbind), SCMP_SYS(get_mempolicy), SCMP_SYS(set_mempolicy), SCMP_SYS(set_mempolicy_home_node),
	SCMP_SYS(migrate_pages), SCMP_SYS(userfaultfd), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(pidfd_getfd),
	SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register)};

static const int debugging[] = {SCMP_SYS(ptrace), SCMP_SYS(personality)};

/* Namespaces and mounts: a user namespace opens the parts of the kernel that only root used to reach. */
static const int sandboxing[] = {SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount),
	SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot)};

/* The same as if the kernel were older: programs then take the calls above. Their arguments are in memory, where a
 * filter cannot look. */
static const int too_new[] = {SCMP_SYS(clone3), SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen),
	SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(mount_setattr)};

static const unsigned new_namespaces[] = {
	CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET};

enum {
	ALL_DRM = 'd' << 8, // the type byte of an ioctl
	// The first call that this list was not read against; from 424 on every architecture has the same numbers.
	FIRST_UNKNOWN = 467,
	ARM_PRIVATE = 0x0f0000,
};

static int rule(scmp_filter_ctx filter, int number, int call, unsigned n, const struct scmp_arg_cmp *arguments)
{
	return program_rule(filter, SCMP_ACT_ERRNO(number), call, n, arguments);
}

static int refuse_all(scmp_filter_ctx filter, int number, const int *calls, size_t n)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = rule(filter, number, calls[i], 0, NULL);
	return r;
}

static int refuse_ioctl(scmp_filter_ctx filter, unsigned mask, unsigned command)
{
	// The kernel looks at the low 32 bits only: so does this.
	return rule(filter, EPERM, SCMP_SYS(ioctl), 1, &(struct scmp_arg_cmp){1, SCMP_CMP_MASKED_EQ, mask, command});
}

/* On i386 both calls can also be made as socketcall(2), whose arguments are in memory: libseccomp refuses that altogether
 * when it gets these rules. Else any program could have sockets of any family that way. 32-bit programs of a C library
 * that still does so, as Debian's, have no sockets. */
static int refuse_families(scmp_filter_ctx filter)
{
	static const int makers[] = {SCMP_SYS(socket), SCMP_SYS(socketpair)};
	int r = 0;
	for (size_t i = 0; r == 0 && i < N(makers); i++) {
		r = rule(filter, EAFNOSUPPORT, makers[i], 1, &(struct scmp_arg_cmp){0, SCMP_CMP_GT, AF_NETLINK, 0});
		for (int family = 0; r == 0 && family < AF_NETLINK; family++)
			if (family != AF_UNIX && family != AF_INET && family != AF_INET6)
				r = rule(filter, EAFNOSUPPORT, makers[i], 1,
					&(struct scmp_arg_cmp){0, SCMP_CMP_EQ, (scmp_datum_t)family, 0});
	}
	return r;
}

static int refuse_namespaces(scmp_filter_ctx filter)
{
	int r = refuse_all(filter, EPERM, sandboxing, N(sandboxing));
	for (size_t i = 0; r == 0 && i < N(new_namespaces); i++)
		r = rule(filter, EPERM, SCMP_SYS(clone), 1,
			&(struct scmp_arg_cmp){0, SCMP_CMP_MASKED_EQ, new_namespaces[i], new_namespaces[i]});
	return r == 0 ? refuse_all(filter, ENOSYS, too_new, N(too_new)) : r;
}

static int add_rules(scmp_filter_ctx filter, unsigned options)
{
	int r = refuse_all(filter, EPERM, refused, N(refused));
	r = r ? r : refuse_ioctl(filter, UINT32_MAX, TIOCSTI);
	r = r ? r : refuse_ioctl(filter, UINT32_MAX, TIOCLINUX);
	// Line disciplines are loaded on demand, and nobody needs one on a pty: drivers of modems, with a history.
	r = r ? r : refuse_ioctl(filter, UINT32_MAX, TIOCSETD);
	r = r ? r : refuse_ioctl(filter, 0xff00, ALL_DRM);
	r = r ? r : refuse_families(filter);
	if (r == 0 && !(options & SYSCALLS_DEBUG))
		r = refuse_all(filter, EPERM, debugging, N(debugging));
	if (r == 0 && !(options & SYSCALLS_NESTED_SANDBOX))
		r = refuse_namespaces(filter);
	return r;
}

/* What goes before libseccomp's program: calls that are newer than this list do not exist. A filter that allows what it
 * does not know would be opened by the next kernel. */
static const struct sock_filter unknown[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ARM_PRIVATE, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_UNKNOWN, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
};

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	printf("/* Written by syscalls-generate for %s. */\n\n", argv[1]);
	for (unsigned options = 0; options < SYSCALLS_PROGRAMS; options++) {
		scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
		int r = filter ? program_architectures(filter, argv[1], true) : -ENOMEM;
		r = r ? r : add_rules(filter, options);
		char name[32];
		snprintf(name, sizeof name, "program_%u", options);
		r = r ? r : program_print(filter, name, unknown, N(unknown));
		if (r) {
			fprintf(stderr, "syscalls-generate: %s: %s\n", argv[1], strerror(-r));
			return 1;
		}
		seccomp_release(filter);
	}
	return 0;
}
