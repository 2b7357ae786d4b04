#include "pasta.h"

#include "enter.h"
#include "error.h"
#include "fd.h"
#include "subnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { WORDS_MAX = 40, NETWORK_FD = 3, PATH_SIZE = 64 };

/* Nothing of the host is reached by an address of its own (--no-map-gw), and nothing is forwarded that was not asked for. */
static const char *const always[] = {
	"-q", "-f", "-u", "none", "-T", "none", "-U", "none", "--no-map-gw", "--netns-only", NULL};

static void compose(const char **argv, const char *program, const char *path, const char *name, const char *ports)
{
	const char *const where[] = {"--netns", path, NULL};
	const char *const own[] = {"--config-net", "--dns-forward", NETWORK_DNS, NULL};
	const char *const other[] = {"-I", name, NULL};
	const char *const forwards[] = {"-t", ports ? ports : "none", NULL};
	const char *const *const parts[] = {always, where, name ? other : own, forwards};
	*argv++ = program;
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		for (const char *const *word = parts[i]; *word; word++)
			*argv++ = *word;
	*argv = NULL;
}

/* A path for the network namespace, in a mount namespace that only pasta shares: newer ones close descriptors that they did not
 * open, and may not look into other processes. The first is where AppArmor's profile of Debian and others expects it. */
static int name_network(const char *below, const char *path)
{
	for (const char *end = strchr(below + 1, '/'); end; end = strchr(end + 1, '/')) {
		char folder[PATH_SIZE];
		g_strlcpy(folder, path, (size_t)(end - path) + 1);
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return -1;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	close(fd);
	return mount("/proc/self/fd/3", path, NULL, MS_BIND, NULL);
}

static const char *find_place(void)
{
	static const char *const places[] = {"/run/user", "/mnt", "/media", "/srv"};
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		if (access(places[i], F_OK) == 0)
			return places[i];
	return "/tmp";
}

/* pasta outlives its parent, and forgets PDEATHSIG when it gives up its rights. This process does not, and is the first of a
 * PID namespace, which ends with it. */
static void __attribute__((noreturn))
supervise(const char *const *argv, const char *place, const char *path, int network, int errors)
{
	char *const no_environment[] = {NULL};
	struct pollfd parent = {.fd = STDERR_FILENO};
	sigset_t none;
	int status = 0;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL); // pasta takes what it finds for an error
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || dup2(errors, STDERR_FILENO) < 0 || dup2(network, NETWORK_FD) < 0 ||
		fd_close_from(NETWORK_FD + 1, 0) < 0)
		_exit(126);
	// The other end is the parent's: it was gone before the kernel could have told.
	if (poll(&parent, 1, 0) > 0)
		_exit(126);
	// What names its own processes in pasta is wrong in the /proc of before; where that may not be replaced, it is little.
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(126);
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700,size=16k") < 0 ||
		name_network(path + strlen(place), path) < 0) {
		dprintf(STDERR_FILENO, "cannot name the container's network: %s\n", strerror(errno));
		_exit(126);
	}
	pid_t pid = fork();
	if (pid == 0) {
		if (enter_keep_capabilities() == 0)
			execve(argv[0], (char *const *)argv, no_environment);
		dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 126);
}

gboolean pasta_start(struct pasta *pasta, const char *program, int network, const char *ports, GError **error)
{
	const char *argv[WORDS_MAX];
	g_autofree char *name = pasta->port ? g_strdup_printf("fwd%u", pasta->port) : NULL;
	g_autofree char *port =
		pasta->port ? g_strdup_printf("127.0.0.1/%u:%u", pasta->port, pasta->inside) : g_strdup(ports);
	const char *place = find_place();
	char path[PATH_SIZE];
	g_snprintf(path, sizeof path, "%s/%u/netns/container", place, getuid());
	compose(argv, program, path, name, port);
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot make a pipe");
	autofd reading = ends[0], writing = ends[1];
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		supervise(argv, place, path, network, writing);
	if (pid < 0 || fd_set_nonblocking(reading, true) < 0)
		return error_set_errno(error, errno, "cannot start %s", program);
	pasta->pid = pid;
	pasta->errors = fd_steal(&reading);
	pasta->last[0] = '\0';
	return TRUE;
}

/* What it says of a syslog that is not there, and of an address family that the host lacks, is no reason for anything. */
static gboolean matters(const char *line)
{
	return *line && !g_str_has_prefix(line, "Failed to send ") && !g_str_has_prefix(line, "No external routable") &&
	       !g_str_has_suffix(line, "to syslog");
}

void pasta_listen(struct pasta *pasta)
{
	char text[2048];
	ssize_t n;
	while ((n = read(pasta->errors, text, sizeof text - 1)) > 0) {
		text[n] = '\0';
		g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
		for (char **line = lines; *line; line++)
			if (matters(*line))
				g_strlcpy(pasta->last, *line, sizeof pasta->last);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		fd_closep(&pasta->errors);
}

void pasta_stop(struct pasta *pasta)
{
	if (pasta->pid > 0) {
		kill(pasta->pid, SIGKILL);
		while (waitpid(pasta->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	pasta->pid = 0;
	fd_closep(&pasta->errors);
}

gboolean pasta_port_is_free(unsigned port, GError **error)
{
	const int on = 1;
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((guint16)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	autofd fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0)
		return TRUE;
	return error_set_errno(error, errno, "port %u of this machine cannot be forwarded", port);
}
