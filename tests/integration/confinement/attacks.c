#include "hook.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* System calls by their numbers, since a C library has several ways. Those that succeed in a process that is not confined
 * leave it as it was. */

static long keep(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd;
}

static long open_file(void)
{
	return keep(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static long open_how(void)
{
	const uint64_t how[3] = {O_RDONLY};
	return keep(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how));
}

static long open_for_writing(void)
{
	return keep(syscall(SYS_openat, AT_FDCWD, "/tmp", O_RDWR | O_TMPFILE, 0600));
}

static long open_memory(void)
{
	return keep(syscall(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR));
}

static long look_at_file(void)
{
	struct stat status;
	return syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &status, 0);
}

static long look_at_more(void)
{
	struct statx status;
	return syscall(SYS_statx, AT_FDCWD, "/etc/passwd", 0, STATX_BASIC_STATS, &status);
}

static long read_link(void)
{
	char text[64];
	return syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", text, sizeof text);
}

static long execute(void)
{
	const char *const argv[] = {"/nowhere/program", NULL};
	long result = syscall(SYS_execve, argv[0], argv, NULL);
	return result < 0 && errno == ENOENT ? 0 : result; // it would have been
}

static long execute_fd(void)
{
	const char *const argv[] = {"/nowhere/program", NULL};
	long result = syscall(SYS_execveat, AT_FDCWD, argv[0], argv, NULL, 0);
	return result < 0 && errno == ENOENT ? 0 : result;
}

static long fork_one(void)
{
	long pid = syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(0);
	return pid;
}

static long fork_new(void)
{
	const struct clone_args args = {0};
	long pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		_exit(0);
	return pid;
}

static long make_socket(int family, int type)
{
	return syscall(SYS_socket, family, type | SOCK_CLOEXEC, 0);
}

static long connect_tcp(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	long fd = make_socket(AF_INET, SOCK_STREAM);
	long result = fd < 0 ? -1 : syscall(SYS_connect, fd, &address, sizeof address);
	keep(fd);
	return result < 0 && errno == ECONNREFUSED ? 0 : result; // the machine was asked
}

static long connect_unix(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	long fd = make_socket(AF_UNIX, SOCK_STREAM);
	strcpy(address.sun_path, getenv("ISOLATE_TEST_SOCKET"));
	long result = fd < 0 ? -1 : syscall(SYS_connect, fd, &address, sizeof address);
	keep(fd);
	return result;
}

static long make_pair(void)
{
	int pair[2];
	long result = syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
	if (result == 0)
		result = keep(pair[0]), keep(pair[1]);
	return result;
}

static long send_somewhere(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX};
	long result = syscall(SYS_sendto, STDERR_FILENO, "", 0, 0, &address, sizeof address);
	return result < 0 && errno == ENOTSOCK ? 0 : result;
}

static long map_to_execute(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? -1 : munmap(memory, 4096);
}

static long make_executable(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 0; // this is allowed: to be noticed
	int result = mprotect(memory, 4096, PROT_READ | PROT_EXEC), saved = errno;
	munmap(memory, 4096);
	errno = saved;
	return result;
}

static long trace_self(void)
{
	return syscall(SYS_ptrace, PTRACE_PEEKDATA, getpid(), NULL, NULL) < 0 && errno == ESRCH ? 0 : -1;
}

static long read_other(void)
{
	char byte;
	const struct iovec local = {&byte, 1}, remote = {&byte, 1};
	return syscall(SYS_process_vm_readv, getpid(), &local, 1, &remote, 1, 0);
}

static long signal_other(void)
{
	return syscall(SYS_kill, getpid(), 0);
}

static long become_dumpable(void)
{
	return syscall(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0) < 0 ? -1 : 0;
}

static long raise_limit(void)
{
	struct rlimit limit;
	return syscall(SYS_prlimit64, 0, RLIMIT_NPROC, NULL, &limit);
}

static long make_namespace(void)
{
	return syscall(SYS_unshare, 0);
}

static long change_root(void)
{
	return syscall(SYS_chdir, "/");
}

static long control_terminal(void)
{
	long result = syscall(SYS_ioctl, STDERR_FILENO, TIOCSTI, "x");
	return result < 0 && (errno == ENOTTY || errno == EIO) ? 0 : result;
}

static long own_signals(void)
{
	return syscall(SYS_fcntl, STDERR_FILENO, F_GETOWN);
}

static long make_events(void)
{
	return keep(syscall(SYS_eventfd2, 0, 0));
}

static long make_ring(void)
{
	char parameters[120] = {0};
	return keep(syscall(SYS_io_uring_setup, 1, parameters));
}

static long make_executable_memory(void)
{
	return keep(syscall(SYS_memfd_create, "x", 0x10 /* MFD_EXEC */));
}

static const struct {
	const char *name;
	long (*run)(void);
} attacks[] = {
	{"change-root",	change_root	   },
	{"clone",		  fork_one		  },
	{"clone3",	   fork_new		   },
	{"connect-tcp",	connect_tcp	   },
	{"connect-unix",	 connect_unix	     },
	{"dumpable",	     become_dumpable	    },
	{"eventfd",	    make_events	       },
	{"execve",	   execute		  },
	{"execveat",	     execute_fd	       },
	{"io-uring",	     make_ring	      },
	{"kill",		 signal_other	     },
	{"map-executable",   map_to_execute	 },
	{"memfd-executable", make_executable_memory},
	{"mprotect",	     make_executable	    },
	{"open",		 open_file		  },
	{"open-memory",	open_memory	   },
	{"open-writing",	 open_for_writing	 },
	{"openat2",	    open_how		    },
	{"owner-of-signals", own_signals		},
	{"ptrace",	   trace_self	     },
	{"raise-limit",	raise_limit	   },
	{"read-memory",	read_other		  },
	{"readlink",	     read_link	      },
	{"sendto",	   send_somewhere	 },
	{"socketpair",       make_pair		},
	{"stat",		 look_at_file	     },
	{"statx",		  look_at_more	      },
	{"terminal",	     control_terminal	     },
	{"unshare",	    make_namespace	  },
};

static void report(const char *name, long result)
{
	int number = errno;
	dprintf(STDERR_FILENO, "attack %s: %s\n", name, result >= 0 ? "success" : strerrorname_np(number));
}

void attack_run(const char *name)
{
	for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
		if (strcmp(name, "all") == 0 || strcmp(name, attacks[i].name) == 0)
			report(attacks[i].name, attacks[i].run());
}

void attack_map(int fd)
{
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	report("map-client", memory == MAP_FAILED ? -1 : munmap(memory, 4096));
}
