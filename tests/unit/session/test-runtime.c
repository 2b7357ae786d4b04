/* One session for a project: the lock, the door, what a killed one leaves behind, what an ending one removes. */
#include "fd.h"
#include "runtime.h"
#include "socket.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *folder;

static char *path_of(const char *name)
{
	return g_build_filename(folder, "isolate/first", name, NULL);
}

static void test_take(void)
{
	struct runtime runtime, other;
	g_autoptr(GError) error = NULL;
	struct stat st;
	g_autofree char *control = path_of("control"), *project = path_of("");
	g_assert_cmpint(runtime_take(&runtime, "first", &error), ==, RUNTIME_TAKEN);
	g_assert_no_error(error);
	g_assert_cmpint(stat(control, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
	g_assert_cmpint(stat(project, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0700);
	// In this process too the lock is another open file's.
	g_assert_cmpint(runtime_take(&other, "first", &error), ==, RUNTIME_JOINED);
	runtime_release(&other);
	g_assert_cmpint(access(control, F_OK), ==, 0);
	runtime_release(&runtime);
	g_assert_cmpint(access(project, F_OK), ==, -1);
}

/* What is left of one that was killed is taken over. */
static void test_left_over(void)
{
	g_autofree char *sockets = path_of("sockets"), *stale = path_of("sockets/wayland-0"),
			*control = path_of("control");
	g_autoptr(GError) error = NULL;
	struct runtime runtime;
	g_assert_cmpint(g_mkdir_with_parents(sockets, 0700), ==, 0);
	g_assert_true(g_file_set_contents(stale, "", 0, NULL));
	int listener = socket_listen(control, SOCK_SEQPACKET);
	g_assert_cmpint(listener, >=, 0);
	close(listener);
	g_assert_cmpint(socket_connect(control, SOCK_SEQPACKET), ==, -1);
	g_assert_cmpint(errno, ==, ECONNREFUSED);
	g_assert_cmpint(runtime_take(&runtime, "first", &error), ==, RUNTIME_TAKEN);
	g_assert_cmpint(access(stale, F_OK), ==, -1);
	autofd client = socket_connect(control, SOCK_SEQPACKET);
	g_assert_cmpint(client, >=, 0);
	runtime_release(&runtime);
}

/* In a child: takes, holds for a moment with its door shut as one that is ending, and releases. */
static void end_slowly(int ready)
{
	struct runtime runtime;
	if (runtime_take(&runtime, "first", NULL) != RUNTIME_TAKEN)
		_exit(1);
	runtime_close_door(&runtime);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	g_usleep(200000);
	runtime_release(&runtime);
	_exit(0);
}

static void test_waits_for_an_ending_one(void)
{
	int pair[2], status;
	char byte;
	struct runtime runtime;
	g_autoptr(GError) error = NULL;
	g_assert_cmpint(pipe(pair), ==, 0);
	pid_t pid = fork();
	if (pid == 0)
		end_slowly(pair[1]);
	close(pair[1]);
	g_assert_cmpint(read(pair[0], &byte, 1), ==, 1);
	close(pair[0]);
	g_assert_cmpint(runtime_take(&runtime, "first", &error), ==, RUNTIME_TAKEN);
	g_assert_no_error(error);
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
	// What the other removed last is not ours.
	g_autofree char *control = path_of("control"), *lock = path_of("lock");
	g_assert_cmpint(access(control, F_OK), ==, 0);
	g_assert_cmpint(access(lock, F_OK), ==, 0);
	runtime_release(&runtime);
}

/* Many at once, each for a moment: never two that hold it. */
static void compete(const char *held)
{
	for (int i = 0; i < 20; i++) {
		struct runtime runtime;
		enum runtime_outcome outcome = runtime_take(&runtime, "first", NULL);
		if (outcome == RUNTIME_FAILED)
			_exit(1);
		if (outcome == RUNTIME_TAKEN) {
			if (g_mkdir(held, 0700) < 0)
				_exit(2); // somebody else is in there
			g_usleep(500);
			g_rmdir(held);
		}
		runtime_release(&runtime);
	}
	_exit(0);
}

static void test_competition(void)
{
	enum { CHILDREN = 8 };
	pid_t pids[CHILDREN];
	g_autofree char *held = g_build_filename(folder, "held", NULL);
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			compete(held);
	}
	for (int i = 0; i < CHILDREN; i++) {
		int status;
		g_assert_cmpint(waitpid(pids[i], &status, 0), ==, pids[i]);
		g_assert_cmpint(status, ==, 0);
	}
	g_autofree char *project = path_of("");
	g_assert_cmpint(access(project, F_OK), ==, -1);
}

/* sun_path has room for 107 bytes. */
static void test_deep_folder(void)
{
	g_autofree char *part = g_strnfill(200, 'd');
	g_autofree char *deep = g_build_filename(folder, part, part, NULL);
	g_autoptr(GError) error = NULL;
	struct runtime runtime;
	g_assert_cmpint(g_mkdir_with_parents(deep, 0700), ==, 0);
	g_setenv("XDG_RUNTIME_DIR", deep, TRUE);
	g_assert_cmpint(runtime_take(&runtime, "first", &error), ==, RUNTIME_TAKEN);
	g_assert_no_error(error);
	runtime_release(&runtime);
	g_setenv("XDG_RUNTIME_DIR", folder, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("isolate-runtime-XXXXXX", NULL);
	g_assert_nonnull(folder);
	g_setenv("XDG_RUNTIME_DIR", folder, TRUE);
	g_test_add_func("/runtime/take", test_take);
	g_test_add_func("/runtime/left-over", test_left_over);
	g_test_add_func("/runtime/ending", test_waits_for_an_ending_one);
	g_test_add_func("/runtime/competition", test_competition);
	g_test_add_func("/runtime/deep-folder", test_deep_folder);
	int status = g_test_run();
	g_autofree char *remove = g_strdup_printf("rm -rf -- %s", folder);
	g_assert_cmpint(system(remove), ==, 0);
	g_free(folder);
	return status;
}
