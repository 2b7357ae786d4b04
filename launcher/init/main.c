/* isolate-init FD [landlock] [memory=BYTES] [tasks=N] [root UID GID FOLDER…]: PID 1 of a container. FD is a socket to isolate-session; its end is ours, and so that of everything
 * inside. Static, so that it runs in any base; it is run from a descriptor and is no file of the container's. */
#include "confine.h"
#include "fd.h"
#include "identity.h"
#include "job.h"
#include "log.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SESSION_FD = 3, REQUEST_FDS = 4 };

/* Moves the socket to SESSION_FD and closes whatever else came along: bwrap passes on what its caller left open. */
static int take_socket(const char *word)
{
	char *end;
	errno = 0;
	long fd = strtol(word, &end, 10);
	int type;
	socklen_t size = sizeof type;
	if (errno || end == word || *end || fd < SESSION_FD || fd > 1 << 20)
		return -1;
	if (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET)
		return -1;
	if (fd != SESSION_FD && dup2((int)fd, SESSION_FD) < 0)
		return -1;
	return fd_close_from(SESSION_FD + 1, 0) < 0 ? -1 : fd_set_cloexec(SESSION_FD, true);
}

/* All signals to their defaults, whatever was inherited; SIGCHLD is read from the descriptor returned. */
static int take_signals(void)
{
	for (int i = 1; i <= SIGRTMAX; i++)
		signal(i, SIG_DFL);
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (sigprocmask(SIG_SETMASK, &child, NULL) < 0)
		return -1;
	return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* One request. False at the end of the session. */
static bool serve(struct jobs *jobs)
{
	struct init_request request;
	int fds[REQUEST_FDS];
	size_t n_fds = REQUEST_FDS;
	ssize_t n = fd_recv(SESSION_FD, &request, sizeof request, fds, &n_fds, 0);
	if (n == sizeof request && request.type == INIT_RUN) {
		jobs_run(jobs, &request, fds, n_fds);
		return true;
	}
	while (n_fds > 0)
		close(fds[--n_fds]);
	if (n != sizeof request)
		return n < 0 && errno == EMSGSIZE;
	if (request.type == INIT_SIGNAL)
		jobs_signal(jobs, request.job, request.signal, request.group);
	else if (request.type == INIT_STOP)
		jobs_stop(jobs);
	return true;
}

static void loop(struct jobs *jobs, int signals)
{
	struct pollfd *polls = NULL;
	for (;;) {
		struct pollfd *more = realloc(polls, (2 + 2 * jobs->n) * sizeof *polls);
		if (!more) {
			usleep(100000);
			continue;
		}
		polls = more;
		polls[0] = (struct pollfd){.fd = SESSION_FD, .events = POLLIN};
		polls[1] = (struct pollfd){.fd = signals, .events = POLLIN};
		size_t n = jobs_poll(jobs, polls + 2);
		if (poll(polls, 2 + n, -1) < 0 && errno != EINTR)
			return;
		jobs_read(jobs, polls + 2, n);
		if (polls[1].revents) {
			struct signalfd_siginfo ignored;
			while (read(signals, &ignored, sizeof ignored) > 0)
				;
			jobs_reap(jobs);
		}
		if (polls[0].revents && !serve(jobs))
			return;
	}
}

/* What ps shows inside: not the descriptor that we were run from. */
static void set_title(char *word, char *last)
{
	static const char title[] = "isolate-init";
	size_t room = (size_t)(last + strlen(last) - word);
	memset(word, 0, room);
	if (room >= sizeof title)
		memcpy(word, title, sizeof title);
}

int main(int argc, char **argv)
{
	log_init("isolate-init");
	bool need_landlock = argc > 2 && strcmp(argv[2], "landlock") == 0;
	if (argc < 2 || getpid() != 1) {
		log_error("this is started by isolate-session, as the first process of a container");
		return 125;
	}
	char **word = argv + 2 + need_landlock;
	for (; *word && strchr(*word, '='); word++)
		if (!confine_limit(*word)) {
			log_error("cannot set the limit %s: %m", *word);
			return 125;
		}
	if (confine_self() < 0 || take_socket(argv[1]) < 0 || !identity_take(word)) {
		log_error("cannot take over: %m");
		return 125;
	}
	set_title(argv[0], argv[argc - 1]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int signals = take_signals();
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int landlock = confine_landlock();
	if (signals < 0 || null < 0 || terminal_init() < 0 || landlock < 0) {
		log_error("cannot set the container up: %m");
		return 125;
	}
	if (need_landlock && landlock == 0) {
		log_error("[Network] Mode=host needs Landlock with scopes (Linux 6.12): without it every abstract "
			  "socket of "
			  "the host could be reached, X11's among them");
		return 125;
	}
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	struct jobs jobs = {.session = SESSION_FD, .null = null, .idle = true};
	init_send(SESSION_FD, INIT_HELLO, 0, INIT_VERSION, 0, -1);
	loop(&jobs, signals);
	return 0;
}
