/* How the proxy reaches compositors: with a security context and without, after a restart, and when there is none. */
#include "program.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
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

/* Nothing stays behind: no socket of ours, no folder, no lock. */
static void test_clean(void)
{
	pid_t stub = program_start_stub("c", &(struct stub_options){.context = true});
	pid_t proxy = start(NULL);
	ask("org.isolate ");
	CHECK(program_end(proxy, SIGTERM) == 0);
	char command[128];
	usleep(200 * 1000); // the child that connects ends after it
	snprintf(command, sizeof command, "test \"$(ls %s | tr '\\n' ' ')\" = 'c log policy '",
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
	test_clean();
	return 0;
}
