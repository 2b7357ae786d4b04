/* isolate-wlproxy's own confinement, in front of the stub compositor: what the kernel says of the installed program, and
 * what becomes of one that does, at a client's request, what one that was taken over would try. */
#include "facts.h"

#include "landlock.h"
#include "process.h"
#include "stub.h"
#include "window.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOG_MAX = 64 * 1024 };

struct scene {
	char directory[32], listen[64], upstream[64], log[64], lock[80];
	struct process stub, proxy;
};

static struct scene scene;

static void remove_all(void)
{
	unlink(scene.listen);
	unlink(scene.lock);
	unlink(scene.upstream);
	unlink(scene.log);
	rmdir(scene.directory);
}

static bool start(const char *program)
{
	int log = open(scene.log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	CHECK(log >= 0 && program, "%s, %s", scene.log, program);
	bool ready = process_start_proxy(&scene.proxy, program, scene.listen, scene.upstream, NULL, log, -1);
	close(log);
	return ready;
}

static void set_scene(void)
{
	strcpy(scene.directory, "/tmp/isolate-confined-XXXXXX");
	CHECK(mkdtemp(scene.directory), "%s", strerror(errno));
	snprintf(scene.listen, sizeof scene.listen, "%s/proxy", scene.directory);
	snprintf(scene.lock, sizeof scene.lock, "%s.lock", scene.listen);
	snprintf(scene.upstream, sizeof scene.upstream, "%s/stub", scene.directory);
	snprintf(scene.log, sizeof scene.log, "%s/log", scene.directory);
	CHECK(setenv("ISOLATE_TEST_SOCKET", scene.upstream, 1) == 0, "no memory");
	scene.stub.pid = stub_start(scene.upstream, NULL, -1);
	CHECK(scene.stub.pid > 0, "the stub does not start");
}

static const char *read_log(void)
{
	static char text[LOG_MAX];
	FILE *file = fopen(scene.log, "re");
	CHECK(file, "%s", scene.log);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

/* "success", an errno's name, or "" when it was not tried. */
static const char *outcome(const char *log, const char *attack)
{
	static char value[32];
	char name[64];
	snprintf(name, sizeof name, "attack %s: ", attack);
	const char *found = strstr(log, name);
	snprintf(value, sizeof value, "%.*s", found ? (int)strcspn(found + strlen(name), "\n") : 0,
		found ? found + strlen(name) : "");
	return value;
}

static void open_window(struct window *window, struct client *client, const char *app_id)
{
	CHECK(client_open(client, scene.listen, true), "no connection: %s", read_log());
	CHECK(window_open(window, client, "title", app_id) && client_roundtrip(client), "no window: %s", read_log());
}

static void end_well(void)
{
	int status = process_stop(&scene.proxy);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the proxy ends with %x: %s", status, read_log());
	CHECK(access(scene.listen, F_OK) < 0 && access(scene.lock, F_OK) < 0, "the socket stays: %s", read_log());
}

/* Whether this host lets the user of the test have them: what it refuses cannot be seen here. */
static bool may_have_namespaces(void)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Of the installed program -------------------------------------------------------------------------------------------- */

static void test_kernel(const char *program)
{
	const char *const files[] = {scene.log, scene.lock, NULL}, *const none[] = {scene.log, NULL};
	struct client client;
	struct window window;
	// What a caller forgot to close: it must not be in a process that a container talks to.
	int inherited = open("/etc/passwd", O_RDONLY);
	CHECK(inherited >= 0 && start(program), "%s does not start: %s", program, read_log());
	close(inherited);
	open_window(&window, &client, "app");
	pid_t proxy = scene.proxy.pid, child = facts_child(proxy);
	CHECK(child > 0, "the proxy has no child");
	bool namespaces = may_have_namespaces();
	facts_status(proxy, namespaces || getuid() == 0);
	facts_status(child, getuid() == 0);
	if (namespaces)
		facts_namespaces(proxy);
	else
		fprintf(stderr, "this host has no namespaces for an ordinary user: NOT tested\n");
	facts_limits(proxy);
	facts_limits(child);
	facts_descriptors(proxy, files);
	facts_descriptors(child, none);
	facts_memory(proxy);
	facts_memory(child);
	CHECK(facts_child(child) == 0, "the child has a child");
	window_close(&window);
	client_close(&client);
	end_well();
}

/* Of one that was taken over -------------------------------------------------------------------------------------- */

static const char *const attacks[] = {"change-root", "clone", "clone3", "connect-tcp", "connect-unix", "dumpable",
	"eventfd", "execve", "execveat", "io-uring", "kill", "map-client", "map-executable", "memfd-executable",
	"mprotect", "open", "open-memory", "open-writing", "openat2", "owner-of-signals", "ptrace", "raise-limit",
	"read-memory", "readlink", "sendto", "socketpair", "stat", "statx", "terminal", "unshare"};

/* Runs all of them in a proxy without these layers, while another client has a window. Returns its log. */
static const char *attack(const char *program, const char *without)
{
	struct client bystander, attacker;
	struct window window, other;
	CHECK(setenv("ISOLATE_TEST_WITHOUT", without, 1) == 0 && start(program), "%s does not start: %s", program,
		read_log());
	open_window(&window, &bystander, "bystander");
	open_window(&other, &attacker, "attack all");
	CHECK(client_roundtrip(&attacker) && client_roundtrip(&bystander), "a client was lost: %s", read_log());
	CHECK(process_alive(&scene.proxy), "the proxy died: %s", read_log());
	window_close(&window);
	window_close(&other);
	client_close(&bystander);
	client_close(&attacker);
	end_well();
	return read_log();
}

/* Without anything they get through: so the refusals that follow mean something. */
static void test_unconfined(const char *program)
{
	static const char *const must[] = {"change-root", "clone", "connect-tcp", "connect-unix", "dumpable", "eventfd",
		"execve", "execveat", "kill", "map-client", "map-executable", "mprotect", "open", "open-memory",
		"open-writing", "owner-of-signals", "ptrace", "raise-limit", "readlink", "sendto", "socketpair", "stat",
		"statx", "terminal", "unshare"};
	const char *log = attack(program, "all");
	for (size_t i = 0; i < sizeof must / sizeof *must; i++)
		CHECK(strcmp(outcome(log, must[i]), "success") == 0, "%s without confinement: %s", must[i],
			outcome(log, must[i]));
}

static void test_confined(const char *program, const char *without)
{
	const char *log = attack(program, without);
	for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
		CHECK(strcmp(outcome(log, attacks[i]), "EPERM") == 0, "%s without %s: '%s'", attacks[i], without,
			outcome(log, attacks[i]));
	bool warned = strstr(log, "warning: is confined by") && strstr(log, "no namespaces");
	CHECK(warned == (strstr(without, "namespaces") || !may_have_namespaces()), "without %s: %s", without, log);
}

/* What is under the filter, should that ever be too wide. */
static void test_beneath(const char *program, const char *without, const char *const *refused)
{
	const char *log = attack(program, without);
	for (; *refused; refused++)
		CHECK(*outcome(log, *refused) && strcmp(outcome(log, *refused), "success") != 0, "%s without %s: '%s'",
			*refused, without, outcome(log, *refused));
}

/* Nothing runs that is not confined. */
static void test_fails_closed(const char *program)
{
	CHECK(setenv("ISOLATE_TEST_WITHOUT", "no-new-privs", 1) == 0 && !start(program), "it runs: %s", read_log());
	int status;
	CHECK(waitpid(scene.proxy.pid, &status, 0) == scene.proxy.pid, "it stays");
	scene.proxy.pid = 0;
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 125, "it ends with %x", status);
	CHECK(strstr(read_log(), "cannot confine itself (no_new_privs)"), "%s", read_log());
	CHECK(access(scene.listen, F_OK) < 0, "it left its socket");
}

int main(void)
{
	static const char *const without_path[] = {"open", "open-memory", "open-writing", "openat2", "stat", "statx",
		"readlink", "connect-tcp", "connect-unix", NULL};
	static const char *const without_right[] = {"open", "open-memory", "open-writing", "openat2", NULL};
	const char *hooked = getenv("ISOLATE_BUILT_HOOKED");
	set_scene();
	atexit(remove_all);
	test_kernel(process_program("ISOLATE_WLPROXY", getenv("ISOLATE_BUILT_WLPROXY")));
	test_unconfined(hooked);
	test_confined(hooked, "nothing");
	test_confined(hooked, "namespaces");
	test_confined(hooked, "namespaces landlock");
	if (may_have_namespaces())
		test_beneath(hooked, "filter landlock", without_path);
	if (landlock_abi() >= LANDLOCK_ABI_FS)
		test_beneath(hooked, "filter namespaces", without_right);
	else
		fprintf(stderr, "this kernel has no Landlock: NOT tested alone\n");
	test_fails_closed(hooked);
	process_stop(&scene.stub);
	return 0;
}
