#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATIENCE = 10000 /* ms */ };

static void print_log(const struct arena *arena)
{
	FILE *log = fopen(arena->log, "re");
	if (!log)
		return;
	char lines[20][256];
	unsigned n = 0;
	while (fgets(lines[n % 20], sizeof *lines, log))
		n++;
	fprintf(stderr, "---- the end of the proxy's log (%u lines)\n", n);
	for (unsigned i = n > 20 ? n - 20 : 0; i < n; i++)
		fputs(lines[i % 20], stderr);
	fclose(log);
}

static void clean(struct arena *arena)
{
	unlink(arena->listen);
	unlink(arena->policy);
	unlink(arena->log);
	if (arena->record)
		unlink(arena->upstream);
	rmdir(arena->directory);
}

_Noreturn void arena_fail(struct arena *arena, const char *format, ...)
{
	int error = errno;
	fprintf(stderr, "FAILED: %s: ", arena->what ? arena->what : "set-up");
	va_list arguments;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, " (errno: %s)\n", strerror(error));
	if (arena->record && arena->record->n_violations > 0)
		fprintf(stderr, "the compositor's last complaint: %s\n", arena->record->violation);
	if (arena->proxy.pid > 0 && !process_alive(&arena->proxy)) {
		int status = process_stop(&arena->proxy);
		fprintf(stderr, "the proxy ended: %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	print_log(arena);
	process_stop(&arena->proxy);
	process_stop(&arena->stub);
	clean(arena);
	exit(1);
}

static void start_proxy(struct arena *arena)
{
	const char *program = process_program("ISOLATE_WLPROXY", getenv("ISOLATE_BUILT_WLPROXY"));
	CHECK(arena, program && access(program, X_OK) == 0, "no isolate-wlproxy: set ISOLATE_WLPROXY");
	int log = open(arena->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	CHECK(arena, log >= 0, "%s", arena->log);
	CHECK(arena,
		process_start_proxy(&arena->proxy, program, arena->listen, arena->upstream, arena->policy, log, -1),
		"%s does not start", program);
	close(log);
}

void arena_open(struct arena *arena, const char *upstream, const char *policy)
{
	static char directory[32];
	strcpy(directory, "/tmp/isolate-hostile-XXXXXX");
	*arena = (struct arena){.directory = mkdtemp(directory)};
	CHECK(arena, arena->directory, "%s", directory);
	snprintf(arena->listen, sizeof arena->listen, "%s/proxy", directory);
	snprintf(arena->policy, sizeof arena->policy, "%s/policy.conf", directory);
	snprintf(arena->log, sizeof arena->log, "%s/log", directory);
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (upstream) {
		snprintf(arena->upstream, sizeof arena->upstream, "%s", upstream);
	} else {
		snprintf(arena->upstream, sizeof arena->upstream, "%s/stub", directory);
		arena->record = stub_record_create();
		arena->stub.pid = stub_start(arena->upstream, arena->record, -1);
		CHECK(arena, arena->stub.pid > 0, "the stub does not start");
	}
	FILE *file = fopen(arena->policy, "we");
	CHECK(arena, file && fputs(policy ? policy : "[Display]\n", file) >= 0 && fclose(file) == 0, "%s",
		arena->policy);
	start_proxy(arena);
	arena->direct = witness_start(arena->upstream);
	arena->through = witness_start(arena->listen);
	CHECK(arena, arena->direct, "the compositor serves nobody");
	CHECK(arena, arena->through, "the proxy serves nobody");
	arena->n_fds = process_count_fds(arena->proxy.pid);
	arena->n_clients = arena->record ? arena->record->n_clients : 0;
	CHECK(arena, arena->n_fds >= 0, "the descriptors of the proxy cannot be counted");
}

void arena_close(struct arena *arena)
{
	arena_check_calm(arena);
	witness_stop(arena->through);
	witness_stop(arena->direct);
	int status = process_stop(&arena->proxy);
	CHECK(arena, status == 0, "the proxy ended with wait status %d", status);
	process_stop(&arena->stub);
	clean(arena);
}

void arena_check_alive(struct arena *arena)
{
	CHECK(arena, process_alive(&arena->proxy), "the proxy is gone");
	CHECK(arena, witness_lives(arena->through, PATIENCE), "the bystander behind the proxy is not served (%s)",
		strerror(arena->through->failed));
	CHECK(arena, witness_lives(arena->direct, PATIENCE), "the compositor does not serve its own client (%s)",
		strerror(arena->direct->failed));
	CHECK(arena, !arena->record || arena->record->n_violations == 0, "it reached the compositor");
}

void arena_check_calm(struct arena *arena)
{
	arena_check_alive(arena);
	uint64_t end = wire_now() + PATIENCE * 1000000ull;
	int n_fds = 0;
	uint32_t n_clients = 0;
	do {
		n_fds = process_count_fds(arena->proxy.pid);
		n_clients = arena->record ? arena->record->n_clients : 0;
		if (n_fds == arena->n_fds && n_clients == arena->n_clients)
			return;
		usleep(2000);
	} while (wire_now() < end);
	arena_fail(arena, "the proxy has %d descriptors and the compositor %u clients; before there were %d and %u",
		n_fds, n_clients, arena->n_fds, arena->n_clients);
}

void arena_connect(struct arena *arena, struct client *client)
{
	CHECK(arena, client_open(client, arena->listen, true), "a client is not served: %s", client->error_text);
}

uint32_t arena_mark(const struct arena *arena)
{
	return arena->record ? arena->record->n_entries : 0;
}

const struct stub_entry *arena_seen(const struct arena *arena, uint32_t mark)
{
	if (!arena->record)
		return NULL;
	uint32_t end = arena->record->n_entries;
	for (uint32_t i = end < STUB_LOG_MAX ? end : STUB_LOG_MAX; i-- > mark;)
		if (arena->record->entries[i].client == arena->record->n_accepted)
			return &arena->record->entries[i];
	return NULL;
}
