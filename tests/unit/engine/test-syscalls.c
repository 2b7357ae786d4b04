/* The filter's answer to calls of each architecture, without making them: what the kernel would be told. The escape tests make
 * them. */
#include "bpf.h"
#include "fd.h"
#include "syscalls.h"

#include <errno.h>
#include <glib.h>
#include <linux/audit.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROGRAM_MAX = 4096 };

struct program {
	struct sock_filter code[PROGRAM_MAX];
	size_t length;
};

static void load(struct program *program, unsigned options)
{
	autofd fd = syscalls_filter(options);
	g_assert_cmpint(fd, >=, 0);
	ssize_t n = read(fd, program->code, sizeof program->code);
	g_assert_cmpint(n, >, 0);
	g_assert_cmpint(n, <, (ssize_t)sizeof program->code);
	g_assert_cmpint(n % (ssize_t)sizeof *program->code, ==, 0);
	program->length = (size_t)n / sizeof *program->code;
}

/* 0 for allowed, an errno, or -1 for killed. */
static int answer(const struct program *program, uint32_t arch, int call, uint64_t a0, uint64_t a1)
{
	const struct seccomp_data data = {
		.nr = call, .arch = arch, .args = {a0, a1}
	  };
	uint32_t action = bpf_run(program->code, program->length, &data);
	if (action == SECCOMP_RET_ALLOW)
		return 0;
	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		return (int)(action & SECCOMP_RET_DATA);
	g_assert_cmphex(action & SECCOMP_RET_ACTION_FULL, ==, SECCOMP_RET_KILL_PROCESS);
	return -1;
}

#ifdef __x86_64__
/* Numbers of both tables, with the first two arguments where they matter. */
static const struct row {
	const char *name;
	int native, i386; // -1: not there
	uint64_t a0, a1;
	int expected;
	unsigned unless; // these options make it 0
} rows[] = {
	{"read",		   0,   3,   0,			    0,			     0,		0},
	{"clone for a thread",     56,  120, 0x3d0f00,			  0,			     0,		0},
	{"clone for a process",	56,  120, CLONE_CHILD_SETTID | SIGCHLD, 0,				  0,	     0},
	{"clone CLONE_NEWUSER",	56,  120, CLONE_NEWUSER | SIGCHLD,	  0,			     EPERM,	    2},
	{"clone CLONE_NEWNS",      56,  120, CLONE_NEWNS,		    0,			       EPERM,	      2},
	{"clone CLONE_NEWNET",     56,  120, CLONE_NEWNET,		      0,				 EPERM,	2},
	{"clone CLONE_NEWPID",     56,  120, CLONE_NEWPID,		      0,				 EPERM,	2},
	{"clone CLONE_NEWIPC",     56,  120, CLONE_NEWIPC,		      0,				 EPERM,	2},
	{"clone CLONE_NEWUTS",     56,  120, CLONE_NEWUTS,		      0,				 EPERM,	2},
	{"clone CLONE_NEWCGROUP",  56,  120, CLONE_NEWCGROUP,		    0,			       EPERM,	      2},
	{"unshare",		    272, 310, 0,				 0,				    EPERM,	   2},
	{"setns",		  308, 346, 0,			       0,				  EPERM,	 2},
	{"mount",		  165, 21,  0,			      0,				 EPERM,	2},
	{"umount2",		    166, 52,  0,				0,				   EPERM,	  2},
	{"umount",		   -1,  22,  0,			      0,				 EPERM,	2},
	{"pivot_root",	       155, 217, 0,			    0,			       EPERM,	      2},
	{"chroot",		   161, 61,  0,			       0,				  EPERM,	 2},
	{"clone3",		   435, 435, 0,				0,				   ENOSYS,	   2},
	{"open_tree",	      428, 428, 0,				   0,			      ENOSYS,	      2},
	{"move_mount",	       429, 429, 0,			    0,			       ENOSYS,       2},
	{"fsopen",		   430, 430, 0,				0,				   ENOSYS,	   2},
	{"mount_setattr",	  442, 442, 0,			       0,				  ENOSYS,	  2},
	{"open_tree_attr",	   467, 467, 0,				0,				   ENOSYS,	   0},
	{"what is to come",	    500, 500, 0,				 0,				    ENOSYS,	    0},
	{"ptrace",		   101, 26,  0,			       0,				  EPERM,	 1},
	{"personality",		135, 136, 0,			     0,				EPERM,	       1},
	{"io_uring_setup",	   425, 425, 0,				0,				   EPERM,	  0},
	{"userfaultfd",		323, 374, 0,			     0,				EPERM,	       0},
	{"bpf",		    321, 357, 0,			     0,				EPERM,	       0},
	{"keyctl",		   250, 288, 0,				0,				   EPERM,	  0},
	{"perf_event_open",	    298, 336, 0,				 0,				    EPERM,	   0},
	{"TIOCSTI",		    16,	54,  0,			       TIOCSTI,			EPERM,	       0},
	{"TIOCSTI, high bits",     16,  54,  0,				  TIOCSTI | 1ULL << 32,		EPERM,	       0},
	{"TIOCSTI, all high bits", 16,  54,  0,			      TIOCSTI | 0xffffffffULL << 32, EPERM,	    0},
	{"TIOCLINUX",	      16,  54,  0,				 TIOCLINUX,			    EPERM,	   0},
	{"TIOCGWINSZ",	       16,  54,  0,				  TIOCGWINSZ,		      0,		 0},
	{"DRM_IOCTL_VERSION",      16,  54,  0,				 0xc0406400,		     EPERM,	    0},
	{"DRM, another size",      16,  54,  0,				 0x00006409,		     EPERM,	    0},
	{"socket AF_UNIX",	   41,  359, AF_UNIX,			     0,				0,		   0},
	{"socket AF_INET",	   41,  359, AF_INET,			     0,				0,		   0},
	{"socket AF_INET6",	    41,	359, AF_INET6,		       0,				  0,	     0},
	{"socket AF_NETLINK",      41,  359, AF_NETLINK,		   0,			      0,		 0},
	{"socket AF_PACKET",	     41,	 359, AF_PACKET,			 0,				    EAFNOSUPPORT, 0},
	{"socket AF_VSOCK",	    41,	359, AF_VSOCK,		       0,				  EAFNOSUPPORT, 0},
	{"socket AF_ALG",	  41,  359, AF_ALG,			   0,			      EAFNOSUPPORT, 0},
	{"socket AF_AX25",	   41,  359, AF_AX25,			     0,				EAFNOSUPPORT, 0},
	{"socket -1",	      41,  359, UINT32_MAX,		   0,			      EAFNOSUPPORT, 0},
	{"socketpair AF_UNIX",     53,  360, AF_UNIX,			 0,				    0,	       0},
	{"socketpair AF_TIPC",     53,  360, AF_TIPC,			 0,				    EAFNOSUPPORT, 0},
	{"socketcall SOCKET",      -1,  102, 1,				  0,			     EAFNOSUPPORT, 0},
	{"socketcall SOCKETPAIR",  -1,  102, 8,			      0,				 EAFNOSUPPORT, 0},
	{"socketcall CONNECT",     -1,  102, 3,				   0,			      0,		 0},
};

static void test_rows(void)
{
	static struct program program;
	for (unsigned options = 0; options < SYSCALLS_PROGRAMS; options++) {
		load(&program, options);
		for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
			const struct row *row = &rows[i];
			int expected = options & row->unless ? 0 : row->expected;
			g_test_message("options %u: %s", options, row->name);
			if (row->native >= 0)
				g_assert_cmpint(answer(&program, AUDIT_ARCH_X86_64, row->native, row->a0, row->a1), ==,
					expected);
			if (row->i386 >= 0)
				g_assert_cmpint(answer(&program, AUDIT_ARCH_I386, row->i386, (uint32_t)row->a0,
							(uint32_t)row->a1),
					==, expected);
		}
	}
}

static void test_other_doors(void)
{
	static struct program program;
	for (unsigned options = 0; options < SYSCALLS_PROGRAMS; options++) {
		load(&program, options);
		// x32: every number, those that only it has too.
		for (int call = 0; call < 600; call++)
			g_assert_cmpint(answer(&program, AUDIT_ARCH_X86_64, call | 0x40000000, 0, 0), ==, -1);
		g_assert_cmpint(answer(&program, AUDIT_ARCH_ARM, 0, 0, 0), ==, -1);
		g_assert_cmpint(answer(&program, 0, 0, 0, 0), ==, -1);
	}
}
#else
static void test_rows(void)
{
	g_test_skip("the numbers are those of x86-64 and i386");
}

static void test_other_doors(void)
{
	g_test_skip("the numbers are those of x86-64 and i386");
}
#endif

static void test_kernel_takes_it(void)
{
	static struct program program;
	load(&program, 0);
	g_assert_cmpuint(program.length, <=, BPF_MAXINSNS);
	// Jumps of libseccomp's program stay inside it: the last instruction returns.
	g_assert_cmpuint(BPF_CLASS(program.code[program.length - 1].code), ==, BPF_RET);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/syscalls/rows", test_rows);
	g_test_add_func("/syscalls/other-doors", test_other_doors);
	g_test_add_func("/syscalls/kernel", test_kernel_takes_it);
	return g_test_run();
}
