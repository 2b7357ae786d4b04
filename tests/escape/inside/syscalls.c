/* syscalls GROUP: tries the system calls that sandbox.md keeps from containers; attempt.h says what is printed. First it
 * makes itself root of a user namespace, as an attacker would: where that works, the rest is allowed by the kernel. */
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* Newer than Debian 12's headers. */
enum { NUMBER_QUOTACTL_FD = 443, NUMBER_SET_MEMPOLICY_HOME_NODE = 450, NUMBER_OPEN_TREE_ATTR = 467 };

enum { BAD_FD = -1, BAD_FLAGS = 0x40000000, E2BIG_SIZE = 0x10000 };

#ifdef __x86_64__
#define ONLY_X86(number) (number)
#else
#define ONLY_X86(number) NO_NUMBER
#endif

/* A row: the numbers of both ABIs, the refusal, the arguments. */
#define TRY(text, native, i386, error, ...)                                                                            \
	{                                                                                                              \
		.name = text, .number = native, .number_i386 = i386, .expected = {error}, .args = { __VA_ARGS__ }      \
	}
#define UNSHARE(flag) TRY("unshare " #flag, SYS_unshare, 310, EPERM, CLONE_##flag)
/* CLONE_NEWTIME shares a bit with the signal of clone(), so it is none of its flags. */
#define CLONE(text, i386, flags)                                                                                       \
	{                                                                                                              \
		.name = "clone " text, .number = SYS_clone, .number_i386 = i386, .expected = {EPERM},                  \
		.args = {(long)(flags) | SIGCHLD}, .own_memory = true                                                  \
	}
#define IOCTL(text, i386, command)                                                                                     \
	{                                                                                                              \
		.name = "ioctl " text, .number = SYS_ioctl, .number_i386 = i386, .number_x32 = 514,                    \
		.expected = {EPERM}, .args = {                                                                         \
			0,                                                                                             \
			(long)(command),                                                                               \
			SCRATCH_TEXT                                                                                   \
		}                                                                                                      \
	}

// clang-format off
static const struct attempt namespaces[] = {
	UNSHARE(NEWNS),
	UNSHARE(NEWCGROUP),
	UNSHARE(NEWUTS),
	UNSHARE(NEWIPC),
	UNSHARE(NEWUSER),
	UNSHARE(NEWPID),
	UNSHARE(NEWNET),
	UNSHARE(NEWTIME),
	TRY("unshare NEWUSER|FS", SYS_unshare, 310, EPERM, CLONE_NEWUSER | CLONE_FS),
	CLONE("NEWNS", 120, CLONE_NEWNS),
	CLONE("NEWCGROUP", 120, CLONE_NEWCGROUP),
	CLONE("NEWUTS", 120, CLONE_NEWUTS),
	CLONE("NEWIPC", 120, CLONE_NEWIPC),
	CLONE("NEWUSER", 120, CLONE_NEWUSER),
	CLONE("NEWPID", 120, CLONE_NEWPID),
	CLONE("NEWNET", 120, CLONE_NEWNET),
	// The upper half of the word is no part of the flags for the kernel.
	CLONE("NEWUSER|1<<32", NO_NUMBER, 1UL << 32 | CLONE_NEWUSER),
	TRY("clone3", SYS_clone3, 435, ENOSYS, SCRATCH, 88),
	TRY("clone3 without arguments", SYS_clone3, 435, ENOSYS, 0, 0),
	TRY("setns", SYS_setns, 346, EPERM, BAD_FD, 0),
	TRY("setns NEWUSER", SYS_setns, 346, EPERM, BAD_FD, CLONE_NEWUSER),
};

static const struct attempt mounts[] = {
	TRY("mount", SYS_mount, 21, EPERM, BAD_POINTER, BAD_POINTER, BAD_POINTER),
	TRY("mount remount", SYS_mount, 21, EPERM, 0, BAD_POINTER, 0, 32),
	TRY("umount2", SYS_umount2, 52, EPERM, BAD_POINTER, BAD_FLAGS),
	TRY("umount", NO_NUMBER, 22, EPERM, BAD_POINTER),
	TRY("pivot_root", SYS_pivot_root, 217, EPERM, BAD_POINTER, BAD_POINTER),
	TRY("chroot", SYS_chroot, 61, EPERM, BAD_POINTER),
	TRY("open_tree", SYS_open_tree, 428, ENOSYS, BAD_FD, BAD_POINTER, BAD_FLAGS),
	TRY("open_tree_attr", NUMBER_OPEN_TREE_ATTR, 467, ENOSYS, BAD_FD, BAD_POINTER, BAD_FLAGS),
	TRY("move_mount", SYS_move_mount, 429, ENOSYS, BAD_FD, BAD_POINTER, BAD_FD, BAD_POINTER, BAD_FLAGS),
	TRY("fsopen", SYS_fsopen, 430, ENOSYS, BAD_POINTER, 0),
	TRY("fsconfig", SYS_fsconfig, 431, ENOSYS, BAD_FD, 0, 0, 0, 0),
	TRY("fsmount", SYS_fsmount, 432, ENOSYS, BAD_FD, 0, 0),
	TRY("fspick", SYS_fspick, 433, ENOSYS, BAD_FD, BAD_POINTER, 0),
	TRY("mount_setattr", SYS_mount_setattr, 442, ENOSYS, BAD_FD, BAD_POINTER, BAD_FLAGS),
};

static const struct attempt kernel[] = {
	TRY("io_uring_setup", SYS_io_uring_setup, 425, EPERM, 1, BAD_POINTER),
	TRY("io_uring_enter", SYS_io_uring_enter, 426, EPERM, BAD_FD),
	TRY("io_uring_register", SYS_io_uring_register, 427, EPERM, BAD_FD),
	// User mode only: allowed to anybody.
	TRY("userfaultfd", SYS_userfaultfd, 374, EPERM, 1),
	TRY("bpf", SYS_bpf, 357, EPERM, 0, SCRATCH, E2BIG_SIZE),
	TRY("perf_event_open", SYS_perf_event_open, 336, EPERM, 0, 0, 0, BAD_FD, -1),
	TRY("add_key", SYS_add_key, 286, EPERM, BAD_POINTER),
	TRY("request_key", SYS_request_key, 287, EPERM, BAD_POINTER),
	TRY("keyctl", SYS_keyctl, 288, EPERM, 0, -3, 0),
	TRY("syslog", SYS_syslog, 103, EPERM, 10),
	TRY("uselib", ONLY_X86(134), 86, EPERM, BAD_POINTER),
	TRY("acct", SYS_acct, 51, EPERM, BAD_POINTER),
	TRY("quotactl", SYS_quotactl, 131, EPERM, 0xff, 0),
	TRY("quotactl_fd", NUMBER_QUOTACTL_FD, 443, EPERM, BAD_FD, 0xff),
	TRY("move_pages", SYS_move_pages, 317, EPERM, 0, 0, 0, 0, 0),
	TRY("migrate_pages", SYS_migrate_pages, 294, EPERM, 0, 0, 0, 0),
	TRY("mbind", SYS_mbind, 274, EPERM, 1, 1, 99),
	TRY("get_mempolicy", SYS_get_mempolicy, 275, EPERM, 0),
	TRY("set_mempolicy", SYS_set_mempolicy, 276, EPERM, 99),
	TRY("set_mempolicy_home_node", NUMBER_SET_MEMPOLICY_HOME_NODE, 450, EPERM, 0, 0, 0, 1),
	TRY("pidfd_getfd", SYS_pidfd_getfd, 438, EPERM, BAD_FD, 0, 0),
	// Of DRM devices, whatever the size in the command says: any other device says ENOTTY.
	IOCTL("DRM_IOCTL_VERSION", 54, 0xc0406400),
	IOCTL("DRM_IOCTL_SET_MASTER", 54, 0x641e),
	IOCTL("DRM_IOCTL_MODE_GETFB, other size", 54, 0xc00064ad),
	IOCTL("DRM_IOCTL_MODE_GETFB|1<<32", NO_NUMBER, 0x1c01c64ad),
};

static const struct attempt debugging[] = {
	{.name = "ptrace", .number = SYS_ptrace, .number_i386 = 26, .number_x32 = 521, .expected = {EPERM},
		.args = {0x4206 /* PTRACE_SEIZE */, 0x7fffffff}},
	TRY("personality", SYS_personality, 136, EPERM, 0x0040000 /* ADDR_NO_RANDOMIZE */),
};

/* On fd 0, which is the terminal. */
static const struct attempt terminal[] = {
	IOCTL("TIOCSTI", 54, 0x5412),
	IOCTL("TIOCSTI|1<<32", NO_NUMBER, 0x100005412),
	IOCTL("TIOCSTI|1<<63", NO_NUMBER, 0x8000000000005412),
	IOCTL("TIOCLINUX", 54, 0x541c),
	IOCTL("TIOCSETD", 54, 0x5423),
	IOCTL("TIOCSETD|1<<32", NO_NUMBER, 0x100005423),
	IOCTL("TIOCLINUX|1<<32", NO_NUMBER, 0x10000541c),
};
// clang-format on

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return good;
}

static void become_root_of_a_namespace(void)
{
	char users[32], groups[32];
	snprintf(users, sizeof users, "0 %u 1", getuid());
	snprintf(groups, sizeof groups, "0 %u 1", getgid());
	bool done = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_text("/proc/self/uid_map", users) &&
		    write_text("/proc/self/setgroups", "deny") && write_text("/proc/self/gid_map", groups);
	printf("privilege\t%s\n", done ? "success" : strerrorname_np(errno));
	fflush(stdout);
}

/* Of a type that no family has: a family that is let through says EINVAL, or EAFNOSUPPORT when it is not built. */
static void try_sockets(void)
{
	enum { FAMILIES = 48, NO_TYPE = 15, SOCKETCALL = 102, CALL_SOCKET = 1, CALL_SOCKETPAIR = 8 };
	static char names[FAMILIES][4][40];
	static struct attempt attempts[FAMILIES * 4];
	static const int allowed[] = {1 /* UNIX */, 2 /* INET */, 10 /* INET6 */, 16 /* NETLINK */};
	int n = 0;
	for (int family = 0; family < FAMILIES; family++) {
		int skip = 0;
		for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
			skip |= family == allowed[i];
		if (skip)
			continue;
		const char *const forms[] = {"socket", "socketpair", "socketcall socket", "socketcall socketpair"};
		const int numbers[] = {SYS_socket, SYS_socketpair, NO_NUMBER, NO_NUMBER};
		const int numbers_i386[] = {359, 360, SOCKETCALL, SOCKETCALL};
		for (int form = 0; form < 4; form++) {
			struct attempt *a = &attempts[n++];
			snprintf(names[family][form], sizeof names[family][form], "%s %d", forms[form], family);
			*a = (struct attempt){
				.name = names[family][form],
				.number = numbers[form],
				.number_i386 = numbers_i386[form],
				.expected = {EPERM, EAFNOSUPPORT},
				.words = form >= 2
			  };
			const long plain[] = {family, NO_TYPE, 0, SCRATCH};
			const long words[] = {form == 2 ? CALL_SOCKET : CALL_SOCKETPAIR, family, NO_TYPE, 0, SCRATCH};
			memcpy(a->args, a->words ? words : plain, a->words ? sizeof words : sizeof plain);
		}
	}
	attempt_all(attempts, n);
}

int main(int argc, char **argv)
{
#define GROUP(table) #table, table, (int)(sizeof table / sizeof *table)
	static const struct {
		const char *name;
		const struct attempt *attempts;
		int n;
	} groups[] = {{GROUP(namespaces)}, {GROUP(mounts)}, {GROUP(kernel)}, {GROUP(debugging)}, {GROUP(terminal)}};
	if (argc != 2)
		return 2;
	if (strcmp(argv[1], "terminal") != 0)
		become_root_of_a_namespace();
	if (strcmp(argv[1], "sockets") == 0) {
		try_sockets();
		return 0;
	}
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		if (strcmp(groups[i].name, argv[1]) == 0) {
			attempt_all(groups[i].attempts, groups[i].n);
			return 0;
		}
	}
	return 2;
}
