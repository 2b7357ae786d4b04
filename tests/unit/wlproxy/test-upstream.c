/* How the proxy reaches compositors: with a security context and without, after a restart, and when there is none. */
#include "program.h"

#include "message.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(const char *policy)
{
	const char *arguments[] = {"--listen", "p", "--upstream", "c", policy ? "--policy" : NULL, policy, NULL};
	bool ready;
	pid_t pid = program_start_proxy(&ready, arguments, -1);
	CHECK(ready);
	return pid;
}

static void expect_start(const char *got, const char *expected)
{
	if (strncmp(got, expected, strlen(expected)) != 0) {
		char *log = program_log();
		fprintf(stderr, "got '%s', not '%s'; the proxy says: %s\n", got, expected, log);
		abort();
	}
}

static void ask(const char *expected)
{
	char *answer = program_ask("p");
	expect_start(answer, expected);
	free(answer);
}

static void test_context(void)
{
	pid_t stub = program_start_stub("c", &(struct stub_options){.context = true});
	pid_t proxy = start(NULL);
	char instance[64];
	snprintf(instance, sizeof instance, "org.isolate isolate.default %ld", (long)proxy);
	ask(instance);
	ask(instance);
	// Another compositor in its place.
	program_end(stub, SIGKILL);
	ask("error: ");
	stub = program_start_stub("c", &(struct stub_options){.context = true});
	ask(instance);
	program_end(stub, SIGKILL);
	stub = program_start_stub("c", &(struct stub_options){0});
	ask("raw");
	CHECK(program_end(proxy, SIGTERM) == 0);
	program_end(stub, SIGKILL);
}

/* A context takes away what the policy would hide anyway, or what it grants. */
static void test_withheld(void)
{
	pid_t stub = program_start_stub("c", &(struct stub_options){.context = true, .withheld = "wp_viewporter"});
	pid_t proxy = start(NULL);
	ask("raw");
	ask("raw");
	char *log = program_log();
	CHECK(strstr(log, "withholds wp_viewporter") && !strstr(strstr(log, "withholds") + 1, "withholds"));
	free(log);
	CHECK(program_end(proxy, SIGTERM) == 0);
	program_write("policy", "[Project]\nName=first\n[Display]\nDenyGlobals=wp_viewporter\n");
	char *path = program_path("policy");
	proxy = start(path);
	free(path);
	ask("org.isolate isolate.first ");
	CHECK(program_end(proxy, SIGTERM) == 0);
	program_end(stub, SIGKILL);
}

/* What is no compositor costs its client an error, not the proxy. */
static void test_mute(void)
{
	pid_t stub = program_start_stub("c", &(struct stub_options){.mute = true});
	pid_t proxy = start(NULL);
	ask("error: ");
	char *log = program_log();
	CHECK(strstr(log, "does not answer as a Wayland compositor"));
	free(log);
	program_end(stub, SIGKILL);
	stub = program_start_stub("c", &(struct stub_options){0});
	ask("raw");
	CHECK(program_end(proxy, SIGTERM) == 0);
	program_end(stub, SIGKILL);
}

static void request(int control, const char *name, GVariantDict *body, int fd)
{
	GError *error = NULL;
	automessage reply = {0};
	CHECK(message_send(control, 7, name, g_variant_dict_end(body), &fd, fd >= 0 ? 1 : 0, &error));
	do {
		message_clear(&reply);
		CHECK(message_recv(control, &reply, &error) == 1);
	} while (reply.serial == 0);
	if (strcmp(reply.name, "Done") != 0) {
		fprintf(stderr, "%s: %s\n", name, g_variant_print(reply.body, TRUE));
		abort();
	}
}

static void send_policy(int control, const char *project, const char *directory)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "project", "s", project);
	g_variant_dict_insert_value(&body, "policy", g_variant_new("a{sv}", NULL));
	g_variant_dict_insert_value(&body, "directory", g_variant_new_bytestring(directory));
	request(control, "Policy", &body, -1);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 16) == 0);
	return fd;
}

/* Policy and two listening sockets, each with a compositor of its own, over the control socket. */
static void test_control(void)
{
	pid_t stubs[] = {program_start_stub("c", &(struct stub_options){.context = true}),
		program_start_stub("other", &(struct stub_options){0})};
	int pair[2];
	char number[16];
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	snprintf(number, sizeof number, "%d", pair[1]);
	pid_t proxy = program_start_proxy(NULL, (const char *const[]){"--control-fd", number, NULL}, pair[1]);
	close(pair[1]);
	const char *folder = getenv("XDG_RUNTIME_DIR");
	char *directory = program_path("private"), *context = program_path("private/up-1");
	CHECK(mkdir(directory, 0700) == 0);
	GVariantDict body;
	send_policy(pair[0], "first", directory);
	for (int i = 0; i < 2; i++) {
		char *upstream = program_path(i ? "other" : "c"), *path = program_path(i ? "q" : "p");
		int fd = listen_at(path);
		g_variant_dict_init(&body, NULL);
		g_variant_dict_insert(&body, "name", "s", i ? "q" : "p");
		g_variant_dict_insert_value(&body, "upstream", g_variant_new_bytestring(upstream));
		request(pair[0], "Listen", &body, fd);
		close(fd);
		free(upstream);
		free(path);
	}
	ask("org.isolate isolate.first ");
	struct stat status;
	CHECK(lstat(context, &status) == 0 && S_ISSOCK(status.st_mode) && (status.st_mode & 077) == 0);
	char *answer = program_ask("q");
	expect_start(answer, "raw");
	free(answer);
	// A proxy that was taken over: its child stays with the project and the folder that came first.
	send_policy(pair[0], "second", directory);
	ask("error: ");
	send_policy(pair[0], "first", folder);
	ask("error: ");
	send_policy(pair[0], "first", directory);
	ask("org.isolate isolate.first ");
	// Its end is the proxy's.
	close(pair[0]);
	CHECK(program_end(proxy, 0) == 0);
	for (int i = 0; i < 2; i++)
		program_end(stubs[i], SIGKILL);
	for (int i = 0; i < 2; i++) {
		char *path = program_path(i ? "q" : "p");
		unlink(path);
		free(path);
	}
	usleep(200 * 1000);
	CHECK(rmdir(directory) == 0);
	free(directory);
	free(context);
}

/* ISOLATE_DEBUG=wire: what passes and what became of it. */
static void test_trace(void)
{
	pid_t stub = program_start_stub("c", &(struct stub_options){0});
	setenv("ISOLATE_DEBUG", "wire", 1);
	pid_t proxy = start(NULL);
	unsetenv("ISOLATE_DEBUG");
	ask("raw");
	CHECK(program_end(proxy, SIGTERM) == 0);
	char *log = program_log();
	CHECK(strstr(log, "-> wl_display@1.get_registry(new id wl_registry@2) forward"));
	CHECK(strstr(log, ", \"wl_seat\", 2, new id wl_seat@3) forward"));
	CHECK(strstr(log, "<- wl_seat@3.name(\"raw\") forward"));
	free(log);
	program_end(stub, SIGKILL);
}

/* Nothing stays behind: no socket of ours, no folder, no lock. */
static void test_clean(void)
{
	pid_t stub = program_start_stub("c", &(struct stub_options){.context = true});
	pid_t proxy = start(NULL);
	ask("org.isolate ");
	CHECK(program_end(proxy, SIGTERM) == 0);
	char command[128];
	usleep(200 * 1000); // the child that connects ends after it
	snprintf(command, sizeof command, "test \"$(ls %s | tr '\\n' ' ')\" = 'c log other policy '",
		getenv("XDG_RUNTIME_DIR"));
	CHECK(system(command) == 0);
	program_end(stub, SIGKILL);
}

int main(void)
{
	program_start_folder();
	test_context();
	test_withheld();
	test_mute();
	test_control();
	test_trace();
	test_clean();
	return 0;
}
