/* Descriptors: more and fewer than the signature says, very many, and of the wrong kind. */
#include "offence.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { POOL = 16384 };

static int make_memory(void)
{
	int fd = memfd_create("pool", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, POOL) < 0)
		abort();
	return fd;
}

/* wl_shm.create_pool without its descriptor. */
static void put_pool(struct offender *offender)
{
	uint32_t *args = wire_put(&offender->client.wire, offender->shm, 0, 2);
	args[0] = client_id(&offender->client);
	args[1] = POOL;
}

static void fewer(struct offender *offender)
{
	put_pool(offender);
}

static void fewer_by_one(struct offender *offender)
{
	int memory = make_memory();
	wire_put_fd(&offender->client.wire, memory);
	put_pool(offender);
	offender_settle(offender);
	put_pool(offender);
	close(memory);
}

/* Descriptors are a stream of their own: two may come with the first of the two messages that carry them. */
static void early(struct offender *offender)
{
	int memory[2] = {make_memory(), make_memory()};
	struct client *client = &offender->client;
	wire_put_fd(&client->wire, memory[0]);
	wire_put_fd(&client->wire, memory[1]);
	put_pool(offender);
	client_flush(client, 1000);
	put_pool(offender);
	client_flush(client, 1000);
	close(memory[0]);
	close(memory[1]);
}

static void send_sync_with(struct offender *offender, size_t n)
{
	int memory = make_memory();
	int fds[WIRE_FDS_RECEIVE];
	for (size_t i = 0; i < n; i++)
		fds[i] = memory;
	uint32_t words[] = {WIRE_DISPLAY, 12 << 16, client_id(&offender->client)};
	wire_sendmsg(offender->client.wire.fd, words, sizeof words, fds, n);
	close(memory);
}

static void one_more(struct offender *offender)
{
	send_sync_with(offender, 1);
}

static void more_by_28(struct offender *offender)
{
	send_sync_with(offender, 28);
}

static void more_by_253(struct offender *offender)
{
	send_sync_with(offender, 253);
}

static void pool_and_253(struct offender *offender)
{
	more_by_253(offender);
	put_pool(offender);
}

/* A client may leave with descriptors half way. */
static void half_a_message(struct offender *offender)
{
	int memory = make_memory();
	uint32_t words[] = {offender->shm, 16 << 16, client_id(&offender->client), POOL};
	wire_sendmsg(offender->client.wire.fd, words, 10, &memory, 1);
	close(memory);
	arena_check_alive(offender->arena);
	client_close(&offender->client);
	client_open(&offender->client, offender->arena->listen, true);
}

void case_fds(struct arena *arena)
{
	static const struct offence offences[] = {
		{"create_pool without a descriptor",		     fewer,	    OUTCOME_ERROR	 },
		{"a second create_pool without a descriptor",	      fewer_by_one,   OUTCOME_ERROR	 },
		{"two descriptors with the first of two create_pool",    early,	     OUTCOME_GOES_ON},
		{"sync with a descriptor",				   one_more,	     OUTCOME_ANY	},
		{"sync with 28 descriptors",			     more_by_28,	 OUTCOME_ANY    },
		{"sync with 253 descriptors",			      more_by_253,	   OUTCOME_ANY    },
		{"253 descriptors, then create_pool",		      pool_and_253,   OUTCOME_ANY    },
		{"half a create_pool with its descriptor, then the end", half_a_message, OUTCOME_GOES_ON},
	};
	OFFENCE_RUN(arena, offences);
}

static void pool_of(struct offender *offender, int fd)
{
	wire_put_fd(&offender->client.wire, fd);
	put_pool(offender);
	client_flush(&offender->client, 1000);
	close(fd);
}

static void pool_of_pipe(struct offender *offender)
{
	int ends[2];
	if (pipe(ends) < 0)
		abort();
	close(ends[1]);
	pool_of(offender, ends[0]);
}

static void pool_of_directory(struct offender *offender)
{
	pool_of(offender, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static void pool_of_device(struct offender *offender)
{
	pool_of(offender, open("/dev/zero", O_RDWR | O_CLOEXEC));
}

static void pool_of_socket(struct offender *offender)
{
	pool_of(offender, wire_connect(offender->arena->listen));
}

static void pool_of_itself(struct offender *offender)
{
	pool_of(offender, fcntl(offender->client.wire.fd, F_DUPFD_CLOEXEC, 0));
}

void case_pools(struct arena *arena)
{
	static const struct offence offences[] = {
		{"a pool that is a pipe",		  pool_of_pipe,	OUTCOME_ERROR},
		{"a pool that is a directory",	       pool_of_directory, OUTCOME_ERROR},
		{"a pool that is /dev/zero",		     pool_of_device,    OUTCOME_ERROR},
		{"a pool that is a socket",		    pool_of_socket,    OUTCOME_ERROR},
		{"a pool that is the client's own socket", pool_of_itself,	   OUTCOME_ERROR},
	};
	OFFENCE_RUN(arena, offences);
}

/* 10,000 that no message asks for, 250 with each sync. */
static void unasked(struct arena *arena)
{
	arena->what = "10,000 descriptors that nobody asked for";
	struct offender offender = {.arena = arena};
	arena_connect(arena, &offender.client);
	for (unsigned i = 0; i < 40; i++) {
		send_sync_with(&offender, 250);
		int n = process_count_fds(arena->proxy.pid);
		CHECK(arena, n < arena->n_fds + 4096, "the proxy holds %d descriptors", n);
	}
	arena_check_alive(arena);
	client_close(&offender.client);
	arena_check_calm(arena);
}

static unsigned count_pools(const struct arena *arena, uint32_t mark)
{
	unsigned n = 0;
	uint32_t end = arena->record->n_entries;
	for (uint32_t i = mark; i < end && i < STUB_LOG_MAX; i++)
		n += arena->record->entries[i].request && strcmp(arena->record->entries[i].request, "create_pool") == 0;
	return n;
}

/* 10,000 legitimate ones while the compositor does not read: they wait, none is lost, and they do not pile up. */
static void behind_a_stopped_compositor(struct arena *arena)
{
	enum { N = 10000 };
	arena->what = "10,000 pools while the compositor is stopped";
	struct offender offender = {.arena = arena};
	struct client *client = &offender.client;
	arena_connect(arena, client);
	offender.shm = client_bind(client, "wl_shm", 1);
	offender_settle(&offender);
	int memory = make_memory();
	kill(arena->stub.pid, SIGSTOP);
	unsigned sent = 0;
	int most = 0;
	while (sent < N && wire_wait(&client->wire, POLLOUT, 500)) {
		wire_put_fd(&client->wire, memory);
		put_pool(&offender);
		sent++;
		if (wire_flush(&client->wire) != 0)
			break;
		int n = sent % 64 ? 0 : process_count_fds(arena->proxy.pid);
		most = n > most ? n : most;
	}
	printf("%u pools taken while the compositor was stopped, the proxy held up to %d descriptors\n", sent, most);
	CHECK(arena, most < 4096, "the proxy held %d descriptors", most);
	kill(arena->stub.pid, SIGCONT);
	for (; sent < N; sent++) {
		wire_put_fd(&client->wire, memory);
		put_pool(&offender);
	}
	CHECK(arena, client_roundtrip(client), "the client is not served: %s", client->error_text);
	unsigned seen = count_pools(arena, offender.mark);
	CHECK(arena, seen == N, "the compositor saw %u of %d pools", seen, N);
	close(memory);
	client_close(client);
	arena_check_calm(arena);
}

void case_many_fds(struct arena *arena)
{
	unasked(arena);
	if (arena->record)
		behind_a_stopped_compositor(arena);
}
