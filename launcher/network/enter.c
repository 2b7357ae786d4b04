#include "enter.h"

#include "error.h"
#include "fd.h"
#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { INFO_MAX = 4096, INFO_TIMEOUT_MS = 30 * 1000, MAP_STEP_US = 200, MAP_TRIES = 25000, WORDS_MAX = 400 };

/* The number after "child-pid", 0 when there is none: bubblewrap has failed, and says so itself. */
static pid_t read_child(int info)
{
	char text[INFO_MAX + 1];
	size_t used = 0;
	while (used < INFO_MAX) {
		struct pollfd poll_ = {.fd = info, .events = POLLIN};
		if (poll(&poll_, 1, INFO_TIMEOUT_MS) <= 0)
			break;
		ssize_t n = read(info, text + used, INFO_MAX - used);
		if (n <= 0)
			break;
		used += (size_t)n;
		if (memchr(text, '}', used))
			break;
	}
	text[used] = '\0';
	const char *found = strstr(text, "\"child-pid\":");
	return found ? (pid_t)atoi(found + strlen("\"child-pid\":")) : 0;
}

static int open_in(pid_t pid, const char *name, int flags)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, name);
	return open(path, flags | O_CLOEXEC);
}

/* While parent has not reaped it, nobody else can have this pid. */
static gboolean is_child_of(pid_t pid, pid_t parent)
{
	char text[INFO_MAX + 1];
	autofd fd = open_in(pid, "stat", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, INFO_MAX);
	text[n > 0 ? n : 0] = '\0';
	const char *rest = strrchr(text, ')');
	int found = 0;
	return rest && sscanf(rest, ") %*c %d", &found) == 1 && found == parent;
}

/* A descendant of parent, that many generations down, which has this pid in a PID namespace of its own line. */
static pid_t find_descendant(pid_t parent, int generations, pid_t inside)
{
	g_autofree char *children = g_strdup_printf("/proc/%d/task/%d/children", parent, parent), *list = NULL;
	if (generations == 0) {
		g_autofree char *status = g_strdup_printf("/proc/%d/status", parent), *text = NULL;
		int outer = 0, inner = 0;
		const char *line = g_file_get_contents(status, &text, NULL, NULL) ? strstr(text, "\nNSpid:") : NULL;
		return line && sscanf(line, "\nNSpid: %d %d", &outer, &inner) == 2 && inner == inside ? parent : 0;
	}
	if (!g_file_get_contents(children, &list, NULL, NULL))
		return 0;
	g_auto(GStrv) pids = g_strsplit(list, " ", -1);
	for (char **pid = pids; *pid; pid++) {
		pid_t found = **pid ? find_descendant(atoi(*pid), generations - 1, inside) : 0;
		if (found)
			return found;
	}
	return 0;
}

/* With a layer, bubblewrap says what its child is called in the namespace that isolate-layer has made: below that are its
 * first process, bubblewrap, and the child, of which none is a program of the container's. */
static pid_t find_child(pid_t said, pid_t parent, gboolean layered)
{
	enum { GENERATIONS = 3 };
	return layered ? find_descendant(parent, GENERATIONS, said) : said;
}

/* The container writes its maps of users and groups itself, some time after it was made, that of groups last: until both are
 * there nobody can make a file in it. */
static gboolean wait_for_map(pid_t pid)
{
	for (int i = 0; i < MAP_TRIES; i++) {
		char byte;
		autofd fd = open_in(pid, "gid_map", O_RDONLY);
		if (fd < 0)
			return FALSE;
		if (read(fd, &byte, 1) == 1)
			return TRUE;
		g_usleep(MAP_STEP_US);
	}
	return FALSE;
}

static gboolean is_still(pid_t pid, pid_t said, pid_t parent, gboolean layered)
{
	return layered ? find_child(said, parent, TRUE) == pid : is_child_of(pid, parent);
}

int enter_container(int info, pid_t parent, gboolean layered, GError **error)
{
	pid_t said = read_child(info), pid = said > 0 ? find_child(said, parent, layered) : 0;
	if (said > 0 && layered && access("/proc/thread-self/children", R_OK) < 0)
		error_set(error, "a layer with [Network] Mode=internet needs a kernel with CONFIG_PROC_CHILDREN");
	if (pid <= 0)
		return -1;
	autofd network = open_in(pid, "ns/net", O_RDONLY);
	autofd own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct stat theirs, ours;
	if (network < 0 || own < 0 || !is_still(pid, said, parent, layered) || !wait_for_map(pid) ||
		fstat(network, &theirs) < 0 || fstat(own, &ours) < 0)
		return -1;
	if (theirs.st_ino == ours.st_ino) {
		error_set(error, "the container has no network namespace of its own");
		return -1;
	}
	autofd user = ioctl(network, NS_GET_USERNS);
	if (user < 0 || setns(user, CLONE_NEWUSER) < 0) {
		error_set_errno(error, errno, "cannot enter the container's user namespace");
		return -1;
	}
	return fd_steal(&network);
}

int enter_keep_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		data[i].inheritable = data[i].permitted;
	if (syscall(SYS_capset, &header, data) < 0)
		return -1;
	for (int i = 0; i < 64; i++)
		if (data[i / 32].permitted & 1u << i % 32 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return -1;
	return 0;
}

static void __attribute__((noreturn)) become(int network, const char *const *argv, int input, int errors)
{
	char *const no_environment[] = {NULL};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setns(network, CLONE_NEWNET) == 0 && enter_keep_capabilities() == 0 && dup2(input, STDIN_FILENO) == 0 &&
		dup2(errors, STDOUT_FILENO) > 0 && dup2(errors, STDERR_FILENO) > 0)
		execve(argv[0], (char *const *)argv, no_environment);
	dprintf(errors, "%s\n", strerror(errno));
	_exit(127);
}

gboolean enter_and_run(int network, const char *const *argv, const char *input, GError **error)
{
	char words[WORDS_MAX + 1] = "";
	int ends[2], status = 0;
	autofd script = fd_memfd_sealed("isolate-rules", input, strlen(input));
	if (script < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot start %s", argv[0]);
	autofd reading = ends[0], writing = ends[1];
	pid_t pid = fork();
	if (pid == 0)
		become(network, argv, script, writing);
	fd_closep(&writing);
	if (pid < 0)
		return error_set_errno(error, errno, "cannot start %s", argv[0]);
	ssize_t n = read(reading, words, WORDS_MAX);
	words[n > 0 ? n : 0] = '\0';
	fd_closep(&reading); // whoever says more than that gets SIGPIPE
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return TRUE;
	g_autofree char *shown = g_strndup(words, strcspn(words, "\n"));
	return error_set(error, "%s failed: %s", argv[0], *shown ? shown : "it said nothing");
}

static int open_socket(int family)
{
	return socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* A socket belongs to the namespace of the process that made it, whoever has it. */
static void __attribute__((noreturn)) make_probe(int network, int out)
{
	int fds[2], n = 0;
	if (setns(network, CLONE_NEWNET) < 0)
		_exit(1);
	const int families[] = {AF_INET, AF_INET6};
	for (int i = 0; i < 2; i++)
		if ((fds[n] = open_socket(families[i])) >= 0)
			n++;
	_exit(n == 0 || fd_send(out, "p", 1, fds, (size_t)n, 0) < 0);
}

static gboolean sort_probe(const int *fds, size_t n, struct enter_probe *probe)
{
	for (size_t i = 0; i < n; i++) {
		int family = 0;
		socklen_t size = sizeof family;
		getsockopt(fds[i], SOL_SOCKET, SO_DOMAIN, &family, &size);
		*(family == AF_INET6 ? &probe->v6 : &probe->v4) = fds[i];
	}
	return n > 0;
}

gboolean enter_open_probe(int network, struct enter_probe *probe)
{
	int pair[2], fds[2];
	size_t n = 2;
	char byte;
	*probe = (struct enter_probe){-1, -1};
	if (network < 0) {
		*probe = (struct enter_probe){open_socket(AF_INET), open_socket(AF_INET6)};
		return probe->v4 >= 0 || probe->v6 >= 0;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return FALSE;
	autofd ours = pair[0], theirs = pair[1];
	pid_t pid = fork();
	if (pid == 0)
		make_probe(network, theirs);
	fd_closep(&theirs);
	ssize_t got = pid < 0 ? -1 : fd_recv(ours, &byte, 1, fds, &n, 0);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return got == 1 && sort_probe(fds, n, probe);
}

gboolean enter_leads_out(const struct enter_probe *probe)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x08000001)};
	const struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr.s6_addr = {0x20, 0x01, 0x06}
	       };
	return (probe->v4 >= 0 && connect(probe->v4, (const struct sockaddr *)&v4, sizeof v4) == 0) ||
	       (probe->v6 >= 0 && connect(probe->v6, (const struct sockaddr *)&v6, sizeof v6) == 0);
}
