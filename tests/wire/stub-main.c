/* wire-stub PATH: the stub compositor as a program, for a run by hand. With --log it prints each request. */
#include "stub-private.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_entry(const struct stub_entry *entry)
{
	printf("client %u: %s#%u.%s size %u fds %u", entry->client, entry->interface ? entry->interface : "?",
		entry->object, entry->request ? entry->request : "?", entry->size, entry->n_fds);
	for (unsigned i = 0; i < STUB_WORDS && WIRE_HEADER + 4 * i < entry->size; i++)
		printf(" %u", entry->words[i]);
	printf("%s%s\n", entry->text[0] ? " " : "", entry->text);
}

int main(int argc, char *argv[])
{
	bool log = argc > 2 && strcmp(argv[1], "--log") == 0;
	if (argc != (log ? 3 : 2)) {
		fprintf(stderr, "usage: %s [--log] PATH\n", argc > 0 ? argv[0] : "wire-stub");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	const char *path = argv[argc - 1];
	if (!log) {
		int listen_fd = wire_listen(path);
		if (listen_fd < 0) {
			perror(path);
			return 1;
		}
		return stub_run(listen_fd, NULL) < 0;
	}
	struct stub_record *record = stub_record_create();
	if (stub_start(path, record, -1) < 0) {
		perror(path);
		return 1;
	}
	for (uint32_t i = 0;; usleep(10000)) {
		for (; i < record->n_entries && i < STUB_LOG_MAX; i++)
			print_entry(&record->entries[i]);
		if (record->n_violations > 0 && record->violation[0]) {
			printf("violation: %s\n", record->violation);
			record->violation[0] = '\0';
		}
		fflush(stdout);
	}
}
