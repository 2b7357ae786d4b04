/* isolate-init in a PID namespace of its own, with the test in the session's place: good requests, and bad ones, after which it
 * goes on. */
#include "fd.h"
#include "init-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;
static const char *search = "/usr/bin:/bin"; // PATH of what is run

struct fixture {
	int socket; // as the session's
	pid_t pid;
};

static pid_t clone_into_namespaces(void)
{
	struct clone_args args = {.flags = CLONE_NEWUSER | CLONE_NEWPID, .exit_signal = SIGCHLD};
	return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

static struct init_event next_event(struct fixture *fixture)
{
	struct init_event event = {0};
	struct pollfd wait = {.fd = fixture->socket, .events = POLLIN};
	g_assert_cmpint(poll(&wait, 1, 10000), ==, 1);
	int fds[4];
	size_t n_fds = 4;
	ssize_t n = fd_recv(fixture->socket, &event, sizeof event, fds, &n_fds, 0);
	g_assert_true(n == sizeof event || n == 0);
	g_assert_cmpuint(n_fds, ==, 0);
	return event;
}

static void assert_event(struct fixture *fixture, enum init_event_type type, uint32_t job, int32_t value)
{
	struct init_event event = next_event(fixture);
	g_assert_cmpuint(event.type, ==, type);
	g_assert_cmpuint(event.job, ==, job);
	g_assert_cmpint(event.value, ==, value);
}

/* FALSE when this machine lets nobody make the namespaces. */
static gboolean set_up(struct fixture *fixture)
{
	int pair[2];
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
	fixture->socket = pair[0];
	fixture->pid = clone_into_namespaces();
	if (fixture->pid < 0) {
		g_test_skip("no user and PID namespaces here");
		close(pair[0]);
		close(pair[1]);
		return FALSE;
	}
	if (fixture->pid == 0) {
		char number[16];
		g_snprintf(number, sizeof number, "%d", pair[1]);
		fcntl(pair[1], F_SETFD, 0);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); // as bubblewrap does; Landlock asks for it
		execl(program, program, number, NULL);
		_exit(127);
	}
	close(pair[1]);
	assert_event(fixture, INIT_HELLO, 0, INIT_VERSION);
	return TRUE;
}

static void tear_down(struct fixture *fixture)
{
	int status;
	close(fixture->socket);
	g_assert_cmpint(waitpid(fixture->pid, &status, 0), ==, fixture->pid);
	g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A request to run words, with the blob as it should be. */
struct run {
	struct init_request request;
	GString *blob;
};

static void run_init(struct run *run, uint32_t job, const char *const *words)
{
	*run = (struct run){
		.request = {.type = INIT_RUN, .job = job, .umask = 022},
			 .blob = g_string_new(NULL)
	   };
	const char *const before[] = {"/", "/", words[0]};
	for (size_t i = 0; i < G_N_ELEMENTS(before); i++)
		g_string_append_len(run->blob, before[i], (gssize)strlen(before[i]) + 1);
	for (; *words; words++, run->request.argc++)
		g_string_append_len(run->blob, *words, (gssize)strlen(*words) + 1);
	g_autofree char *path = g_strconcat("PATH=", search, NULL);
	g_string_append_len(run->blob, path, (gssize)strlen(path) + 1);
	run->request.envc = 1;
	run->request.blob_size = (uint32_t)run->blob->len;
}

static void run_send(struct fixture *fixture, struct run *run, const int *streams, size_t n)
{
	int fds[4] = {fd_memfd_sealed("blob", run->blob->str, run->blob->len)};
	g_assert_cmpint(fds[0], >=, 0);
	for (size_t i = 0; i < n; i++)
		fds[i + 1] = streams[i];
	g_assert_cmpint(
		fd_send(fixture->socket, &run->request, sizeof run->request, fds, n + 1, 0), ==, sizeof run->request);
	close(fds[0]);
	g_string_free(run->blob, TRUE);
}

static void run_words(struct fixture *fixture, uint32_t job, const char *const *words)
{
	struct run run;
	run_init(&run, job, words);
	run_send(fixture, &run, NULL, 0);
}

static void assert_works(struct fixture *fixture, uint32_t job)
{
	run_words(fixture, job, (const char *const[]){"sh", "-c", "exit 7", NULL});
	struct init_event event = next_event(fixture);
	g_assert_cmpuint(event.type, ==, INIT_STARTED);
	g_assert_cmpuint(event.job, ==, job);
	g_assert_cmpint(event.value, >, 1);
	assert_event(fixture, INIT_EXITED, job, 7 << 8);
	assert_event(fixture, INIT_IDLE, 0, 0);
}

static void test_run(void)
{
	struct fixture fixture;
	if (!set_up(&fixture))
		return;
	assert_works(&fixture, 1);
	run_words(&fixture, 2, (const char *const[]){"/nonexistent", NULL});
	assert_event(&fixture, INIT_FAILED, 2, ENOENT);
	assert_event(&fixture, INIT_IDLE, 0, 0);
	run_words(&fixture, 3, (const char *const[]){"sh", "-c", "kill -9 $$", NULL});
	g_assert_cmpuint(next_event(&fixture).type, ==, INIT_STARTED);
	assert_event(&fixture, INIT_EXITED, 3, SIGKILL);
	assert_event(&fixture, INIT_IDLE, 0, 0);
	tear_down(&fixture);
}

/* What has no #! is the shell's, with its arguments, whether it is named by a path or looked for. */
static void test_script(void)
{
	struct fixture fixture;
	g_autofree char *folder = g_dir_make_tmp("isolate-test-XXXXXX", NULL);
	g_autofree char *script = g_build_filename(folder, "a script", NULL);
	g_assert_true(
		g_file_set_contents_full(script, "exit $(($1 + $#))\n", -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
	if (set_up(&fixture)) {
		search = folder;
		const char *const names[] = {script, "a script"};
		for (uint32_t i = 0; i < G_N_ELEMENTS(names); i++) {
			run_words(&fixture, i + 1, (const char *const[]){names[i], "5", "other", NULL});
			g_assert_cmpuint(next_event(&fixture).type, ==, INIT_STARTED);
			assert_event(&fixture, INIT_EXITED, i + 1, 7 << 8);
			assert_event(&fixture, INIT_IDLE, 0, 0);
		}
		search = "/usr/bin:/bin";
		tear_down(&fixture);
	}
	g_remove(script);
	g_rmdir(folder);
}

static void test_streams(void)
{
	struct fixture fixture;
	struct run run;
	char text[64];
	int out[2];
	if (!set_up(&fixture))
		return;
	g_assert_cmpint(pipe2(out, O_CLOEXEC), ==, 0);
	run_init(&run, 1,
		(const char *const[]){"sh", "-c", "echo $0 $1; umask; ls /proc/self/fd | wc -l", "zero", "one", NULL});
	run.request.stdio = 2;
	run_send(&fixture, &run, &out[1], 1);
	close(out[1]);
	g_assert_cmpuint(next_event(&fixture).type, ==, INIT_STARTED);
	assert_event(&fixture, INIT_EXITED, 1, 0);
	assert_event(&fixture, INIT_IDLE, 0, 0);
	ssize_t n = read(out[0], text, sizeof text - 1);
	g_assert_cmpint(n, >, 0);
	text[n] = '\0';
	g_assert_cmpstr(text, ==, "zero one\n0022\n4\n"); // and ls's own
	close(out[0]);
	tear_down(&fixture);
}

/* Orphans are reaped, and what is left keeps the container from being idle. */
static void test_orphans(void)
{
	struct fixture fixture;
	if (!set_up(&fixture))
		return;
	run_words(&fixture, 1, (const char *const[]){"sh", "-c", "for i in 1 2 3; do (sleep 0.2 &) ; done", NULL});
	g_assert_cmpuint(next_event(&fixture).type, ==, INIT_STARTED);
	assert_event(&fixture, INIT_EXITED, 1, 0);
	gint64 before = g_get_monotonic_time();
	assert_event(&fixture, INIT_IDLE, 0, 0);
	g_assert_cmpint(g_get_monotonic_time() - before, >, 50 * 1000);
	const struct init_request stop = {.type = INIT_STOP};
	run_words(&fixture, 2, (const char *const[]){"sleep", "1000", NULL});
	g_assert_cmpuint(next_event(&fixture).type, ==, INIT_STARTED);
	fd_send(fixture.socket, &stop, sizeof stop, NULL, 0, 0);
	assert_event(&fixture, INIT_EXITED, 2, SIGTERM);
	assert_event(&fixture, INIT_IDLE, 0, 0);
	tear_down(&fixture);
}

/* Each spoils one thing of a good request. */
static void no_job(struct run *run)
{
	run->request.job = 0;
}

static void blob_cut(struct run *run)
{
	run->blob->len--;
	run->request.blob_size--;
}

static void size_too_large(struct run *run)
{
	run->request.blob_size++;
}

static void size_huge(struct run *run)
{
	run->request.blob_size = UINT32_MAX;
}

static void size_zero(struct run *run)
{
	run->request.blob_size = 0;
}

static void argc_zero(struct run *run)
{
	run->request.argc = 0;
}

static void argc_too_large(struct run *run)
{
	run->request.argc += 2;
}

static void argc_huge(struct run *run)
{
	run->request.argc = UINT32_MAX;
}

static void envc_huge(struct run *run)
{
	run->request.envc = UINT32_MAX;
}

static void stream_missing(struct run *run)
{
	run->request.stdio = 1;
}

static void test_bad_requests(void)
{
	static void (*const spoilers[])(struct run * run) = {no_job, blob_cut, size_too_large, size_huge, size_zero,
		argc_zero, argc_too_large, argc_huge, envc_huge, stream_missing};
	struct fixture fixture;
	if (!set_up(&fixture))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(spoilers); i++) {
		struct run run;
		run_init(&run, 5, (const char *const[]){"true", NULL});
		spoilers[i](&run);
		uint32_t job = run.request.job;
		g_test_message("spoiler %zu", i);
		run_send(&fixture, &run, NULL, 0);
		struct init_event event = next_event(&fixture);
		g_assert_cmpuint(event.type, ==, INIT_FAILED);
		g_assert_cmpuint(event.job, ==, job);
		assert_event(&fixture, INIT_IDLE, 0, 0);
	}
	assert_works(&fixture, 6);
	tear_down(&fixture);
}

/* A file, a folder or a named pipe as a standard stream would be a way out. */
/* Where there is no root, nobody becomes it, and nothing runs instead. */
static void test_no_root(void)
{
	struct fixture fixture;
	struct run run;
	if (!set_up(&fixture))
		return;
	run_init(&run, 1, (const char *const[]){"true", NULL});
	run.request.flags = INIT_RUN_ROOT;
	run_send(&fixture, &run, NULL, 0);
	assert_event(&fixture, INIT_FAILED, 1, EPERM);
	assert_event(&fixture, INIT_IDLE, 0, 0);
	assert_works(&fixture, 2);
	tear_down(&fixture);
}

static void test_bad_streams(void)
{
	struct fixture fixture;
	if (!set_up(&fixture))
		return;
	g_autofree char *folder = g_dir_make_tmp("isolate-init-XXXXXX", NULL),
			*fifo = g_build_filename(folder, "fifo", NULL);
	g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
	int pair[2];
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
	const int streams[] = {open("/etc/passwd", O_RDONLY), open("/", O_RDONLY), open("/", O_PATH),
		open(fifo, O_RDWR), open("/dev/null", O_RDWR), pair[0]};
	for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
		struct run run;
		g_assert_cmpint(streams[i], >=, 0);
		run_init(&run, 5, (const char *const[]){"true", NULL});
		run.request.stdio = 1;
		run_send(&fixture, &run, &streams[i], 1);
		g_assert_cmpuint(next_event(&fixture).type, ==, INIT_FAILED);
		assert_event(&fixture, INIT_IDLE, 0, 0);
		close(streams[i]);
	}
	close(pair[1]);
	unlink(fifo);
	rmdir(folder);
	assert_works(&fixture, 6);
	tear_down(&fixture);
}

/* A blob that could change while it is read is none; neither is a datagram of another size. */
static void test_bad_transport(void)
{
	struct fixture fixture;
	struct run run;
	if (!set_up(&fixture))
		return;
	run_init(&run, 5, (const char *const[]){"true", NULL});
	autofd open_to_change = memfd_create("blob", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	g_assert_cmpint(fd_write_all(open_to_change, run.blob->str, run.blob->len), ==, 0);
	fd_send(fixture.socket, &run.request, sizeof run.request, &open_to_change, 1, 0);
	g_assert_cmpuint(next_event(&fixture).type, ==, INIT_FAILED);
	assert_event(&fixture, INIT_IDLE, 0, 0);
	fd_send(fixture.socket, &run.request, sizeof run.request, NULL, 0, 0);
	g_assert_cmpuint(next_event(&fixture).type, ==, INIT_FAILED);
	assert_event(&fixture, INIT_IDLE, 0, 0);
	g_string_free(run.blob, TRUE);
	const struct init_request unknown = {.type = 99}, nobody = {.type = INIT_SIGNAL, .job = 77, .signal = SIGKILL};
	fd_send(fixture.socket, &unknown, sizeof unknown, NULL, 0, 0);
	fd_send(fixture.socket, &nobody, sizeof nobody, NULL, 0, 0);
	assert_works(&fixture, 6);
	tear_down(&fixture);
}

/* The end of the session is the end of everything. */
static void test_end(void)
{
	struct fixture fixture;
	char byte;
	int pair[2];
	struct run run;
	if (!set_up(&fixture))
		return;
	g_assert_cmpint(pipe2(pair, O_CLOEXEC), ==, 0);
	run_init(&run, 1,
		(const char *const[]){"sh", "-c", "trap '' TERM HUP; (setsid sleep 1000 &); sleep 1000", NULL});
	run.request.stdio = 2;
	run_send(&fixture, &run, &pair[1], 1);
	close(pair[1]);
	g_assert_cmpuint(next_event(&fixture).type, ==, INIT_STARTED);
	tear_down(&fixture);
	// Nobody holds the other end any more.
	g_assert_cmpint(read(pair[0], &byte, 1), ==, 0);
	close(pair[0]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(argc, ==, 2);
	program = argv[1];
	g_test_add_func("/init/run", test_run);
	g_test_add_func("/init/script", test_script);
	g_test_add_func("/init/streams", test_streams);
	g_test_add_func("/init/orphans", test_orphans);
	g_test_add_func("/init/bad-requests", test_bad_requests);
	g_test_add_func("/init/bad-streams", test_bad_streams);
	g_test_add_func("/init/no-root", test_no_root);
	g_test_add_func("/init/bad-transport", test_bad_transport);
	g_test_add_func("/init/end", test_end);
	return g_test_run();
}
