/* Descriptors: each arrives with or before the first byte of its message, in order, and none is left open. */
#include "fixture.h"
#include "private.h"

#include "protocol-opcodes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHM = 3, SEAT = 4, KEYBOARD = 5, FREE = 6 };

static const struct fixture_global globals[] = {
	{"wl_shm",  1},
	{"wl_seat", 5},
};

static struct ends *begin(struct fixture *fixture)
{
	fixture_init(fixture, NULL);
	struct ends *ends = fixture_connect(fixture);
	struct peer *client = &ends->client;
	fixture_announce(ends, globals, 2);
	CHECK(peer_drain(client) > 0);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 1, "wl_shm", 1, SHM);
	SEND(client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 2, "wl_seat", 5, SEAT);
	SEND(client, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", KEYBOARD);
	CHECK(peer_drain(&ends->host) > 0);
	return ends;
}

/* A file that says which it is. */
static int make_fd(uint32_t number)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	CHECK(fd >= 0 && ftruncate(fd, (off_t)number) == 0);
	return fd;
}

static void check_fd(int fd, uint32_t number)
{
	struct stat status;
	CHECK(fstat(fd, &status) == 0 && status.st_size == (off_t)number);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void send_pool(struct ends *ends, uint32_t id, uint32_t number)
{
	int fd = make_fd(number);
	SEND(&ends->client, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", id, fd, number);
	close(fd);
}

static void expect_pool(struct ends *ends, uint32_t id, uint32_t number)
{
	int fd;
	EXPECT(&ends->host, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", id, &fd, number);
	check_fd(fd, number);
}

static void test_both_ways(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	send_pool(ends, FREE, 1);
	expect_pool(ends, FREE, 1);
	for (uint32_t i = 0; i < 100; i++)
		send_pool(ends, FREE + 1 + i, i);
	for (uint32_t i = 0; i < 100; i++)
		expect_pool(ends, FREE + 1 + i, i);
	int fd = make_fd(77);
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_KEYMAP, "uhu", 1, fd, 77);
	close(fd);
	EXPECT(&ends->client, KEYBOARD, WL_KEYBOARD_EVENT_KEYMAP, "uhu", 1, &fd, 77);
	check_fd(fd, 77);
	fixture_finish(&fixture);
}

/* All descriptors first and the bytes one by one: a partial read keeps them. */
static void test_pieces(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	uint32_t buffer[16];
	uint8_t *bytes = (uint8_t *)buffer;
	int fds[3];
	size_t size = 0;
	for (uint32_t i = 0; i < 3; i++) {
		fds[i] = make_fd(i);
		size += peer_encode(bytes + size, SHM, WL_SHM_REQUEST_CREATE_POOL, "ni", FREE + i, i);
	}
	peer_send_raw(&ends->client, bytes, 1, fds, 3);
	for (size_t at = 1; at < size; at++) {
		fixture_run(&fixture);
		peer_send_raw(&ends->client, bytes + at, 1, NULL, 0);
	}
	for (uint32_t i = 0; i < 3; i++) {
		expect_pool(ends, FREE + i, i);
		close(fds[i]);
	}
	EXPECT_NOTHING(&ends->host);
	fixture_finish(&fixture);
}

/* More in one batch than one send carries, mixed with messages that have none. */
static void test_many(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	uint32_t buffer[2048];
	uint8_t *bytes = (uint8_t *)buffer;
	int fds[200];
	size_t size = 0;
	for (uint32_t i = 0; i < 200; i++) {
		fds[i] = make_fd(i);
		size += peer_encode(bytes + size, SHM, WL_SHM_REQUEST_CREATE_POOL, "ni", FREE + i, i);
		size += peer_encode(bytes + size, FREE + i, WL_SHM_POOL_REQUEST_RESIZE, "i", i);
	}
	peer_send_raw(&ends->client, bytes, size, fds, 200);
	for (uint32_t i = 0; i < 200; i++) {
		expect_pool(ends, FREE + i, i);
		EXPECT(&ends->host, FREE + i, WL_SHM_POOL_REQUEST_RESIZE, "i", i);
		close(fds[i]);
	}
	fixture_finish(&fixture);
}

/* More than the messages take: kept up to libwayland's bound, then the client's fault. */
static void test_too_many(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	uint32_t sync[3];
	int fds[100];
	for (int i = 0; i < 100; i++)
		fds[i] = make_fd(0);
	for (uint32_t i = 0; i < 20 && engine_count_sessions(fixture.engine) > 0; i++) {
		peer_encode(sync, 1, WL_DISPLAY_REQUEST_SYNC, "n", FREE + i);
		peer_send_raw(&ends->client, sync, sizeof sync, fds, 100);
		fixture_run(&fixture);
	}
	for (int i = 0; i < 100; i++)
		close(fds[i]);
	EXPECT_ERROR(&ends->client, 1, 1, NULL);
	CHECK(fixture_violations == 1);
	fixture_finish(&fixture);
}

/* Of an event for an object that the client destroyed: consumed with it, so that the next gets its own. */
static void test_zombie(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	SEND(&ends->client, SEAT, WL_SEAT_REQUEST_GET_KEYBOARD, "n", FREE);
	SEND(&ends->client, KEYBOARD, WL_KEYBOARD_REQUEST_RELEASE, "");
	CHECK(peer_drain(&ends->host) > 0);
	int fds[2] = {make_fd(1), make_fd(2)};
	SEND(&ends->host, KEYBOARD, WL_KEYBOARD_EVENT_KEYMAP, "uhu", 1, fds[0], 1);
	SEND(&ends->host, FREE, WL_KEYBOARD_EVENT_KEYMAP, "uhu", 1, fds[1], 2);
	close(fds[0]);
	close(fds[1]);
	int fd;
	EXPECT(&ends->client, FREE, WL_KEYBOARD_EVENT_KEYMAP, "uhu", 1, &fd, 2);
	check_fd(fd, 2);
	EXPECT_NOTHING(&ends->client);
	fixture_finish(&fixture);
}

/* Returns whether the socket took it. */
static bool try_pool(struct ends *ends, uint32_t id, uint32_t number)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {
		.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}
	 };
	uint32_t message[4];
	int fd = make_fd(number);
	struct iovec iov = {message, peer_encode(message, SHM, WL_SHM_REQUEST_CREATE_POOL, "ni", id, number)};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	ssize_t n = sendmsg(ends->client.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
	CHECK(n == (ssize_t)iov.iov_len || (n < 0 && (errno == EAGAIN || errno == ETOOMANYREFS)));
	return n > 0;
}

/* The compositor does not read: descriptors wait with their messages, and reading stops before they are too many. */
static void test_waiting(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	for (int round = 0; round < 3; round++) {
		uint32_t sent = 0, stuck = 0;
		while (stuck < 3) {
			if (try_pool(ends, FREE + sent, sent & 0xff)) {
				sent++;
				stuck = 0;
			} else {
				fixture_run(&fixture);
				stuck++;
			}
		}
		CHECK(sent > 300);
		for (uint32_t i = 0; i < sent; i++)
			expect_pool(ends, FREE + i, i & 0xff);
		// From the last to the first: the id freed last is given first, so the next round has the same ids.
		for (uint32_t i = sent; i-- > 0;) {
			SEND(&ends->client, FREE + i, WL_SHM_POOL_REQUEST_DESTROY, "");
			EXPECT(&ends->host, FREE + i, WL_SHM_POOL_REQUEST_DESTROY, "");
			SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE + i);
			EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", FREE + i);
		}
	}
	EXPECT_NOTHING(&ends->host);
	fixture_finish(&fixture);
}

static void limit_fds(rlim_t number)
{
	struct rlimit limit;
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = number < limit.rlim_max ? number : limit.rlim_max;
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* The kernel counts what is in flight per user, and refuses more (ETOOMANYREFS): that is waited for. */
static void flood_in_flight(void)
{
	enum { TAKEN = 150, MORE = 20 }; // the socket has room for about 250
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	uint32_t sent = 0;
	for (; sent < TAKEN; sent++) {
		CHECK(try_pool(ends, FREE + sent, sent & 0xff));
		fixture_run(&fixture);
	}
	for (; sent < TAKEN + MORE; sent++)
		CHECK(try_pool(ends, FREE + sent, sent & 0xff));
	limit_fds(TAKEN / 2);
	fixture_run(&fixture);
	limit_fds(RLIM_INFINITY);
	for (uint32_t i = 0; i < sent; i++) {
		if (i == TAKEN)
			fixture_wait(&fixture, 1000); // until it is tried again
		expect_pool(ends, FREE + i, i & 0xff);
	}
	EXPECT_NOTHING(&ends->host);
	CHECK(fixture_violations == 0);
	fixture_finish(&fixture);
}

static void send_ahead(struct ends *ends, uint32_t id, const int *fds, size_t n_fds)
{
	uint32_t sync[3];
	peer_encode(sync, 1, WL_DISPLAY_REQUEST_SYNC, "n", id);
	peer_send_raw(&ends->client, sync, sizeof sync, fds, n_fds);
	fixture_run(ends->client.fixture);
}

static void limit_waiting(struct fixture *fixture, uint32_t fds)
{
	struct engine_limits limits = ENGINE_LIMITS_DEFAULT;
	limits.fds = fds;
	engine_set_limits(fixture->engine, &limits);
}

/* Clients that keep descriptors to themselves do not use up what others need. */
static void test_short(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture), *hoarder = fixture_connect(&fixture), *late = fixture_connect(&fixture);
	int fds[100];
	for (int i = 0; i < 100; i++)
		fds[i] = make_fd(0);
	limit_waiting(&fixture, 100);
	send_ahead(hoarder, 2, fds, 100);
	EXPECT(&hoarder->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", 2);
	// As many as are ahead of their messages without malice.
	send_ahead(ends, FREE, fds, WRITE_FDS);
	send_pool(ends, FREE + 1, 1);
	CHECK(fixture_violations == 0);
	send_ahead(late, 2, fds, WRITE_FDS + 1);
	CHECK(fixture_violations == 1);
	EXPECT_ERROR(&late->client, 1, ERROR_NO_MEMORY, NULL);
	send_ahead(hoarder, 3, fds, 1);
	CHECK(fixture_violations == 2);
	for (int i = 0; i < 100; i++)
		close(fds[i]);
	fixture_finish(&fixture);
}

/* While the compositor does not read, those who send much to it wait before all of them together have too much. */
static void test_short_behind_a_host(void)
{
	enum { CLIENTS = 10, LIMIT = 300, READ_AT_ONCE = 40 };
	struct fixture fixture;
	struct ends *ends[CLIENTS];
	uint32_t sent[CLIENTS] = {0};
	ends[0] = begin(&fixture);
	limit_waiting(&fixture, LIMIT);
	for (int i = 1; i < CLIENTS; i++) {
		ends[i] = fixture_connect(&fixture);
		fixture_announce(ends[i], globals, 1);
		CHECK(peer_drain(&ends[i]->client) > 0);
		SEND(&ends[i]->client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 1, "wl_shm", 1, SHM);
		for (uint32_t id = SHM + 1; id < FREE; id++)
			SEND(&ends[i]->client, 1, WL_DISPLAY_REQUEST_SYNC, "n", id);
		CHECK(peer_drain(&ends[i]->host) > 0);
	}
	for (uint32_t stuck = 0; stuck < 5 * CLIENTS;) {
		for (int i = 0; i < CLIENTS; i++) {
			bool took = try_pool(ends[i], FREE + sent[i], sent[i] & 0xff);
			sent[i] += took;
			stuck = took ? 0 : stuck + 1;
			fixture_run(&fixture);
			uint32_t waiting = 0;
			for (int k = 0; k < CLIENTS; k++)
				waiting += connection_waiting_fds(&ends[k]->session->upstream);
			CHECK(waiting <= LIMIT + READ_AT_ONCE);
		}
	}
	for (int i = 0; i < CLIENTS; i++)
		for (uint32_t n = 0; n < sent[i]; n++)
			expect_pool(ends[i], FREE + n, n & 0xff);
	CHECK(fixture_violations == 0);
	fixture_finish(&fixture);
}

/* What the stack held before, to be found by who reads a variable that was never set. */
static __attribute__((noinline)) void leave_on_stack(int value)
{
	volatile int words[16384];
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		words[i] = value;
}

/* A message with a descriptor whose layout is wrong is refused before its descriptor is looked at: none is closed. */
static void test_wrong_layout(void)
{
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	int bystander = make_fd(1), fd = make_fd(2);
	uint32_t words[] = {SHM, 12 << 16 | WL_SHM_REQUEST_CREATE_POOL, FREE};
	peer_send_raw(&ends->client, words, sizeof words, &fd, 1);
	close(fd);
	leave_on_stack(bystander);
	engine_dispatch(fixture.engine, 0);
	check_fd(bystander, 1);
	EXPECT_ERROR(&ends->client, SHM, ERROR_INVALID_METHOD, NULL);
	fixture_finish(&fixture);
}

/* One descriptor too many is always there, so that the array of those that wait is never empty. */
static void test_always_one_ahead(void)
{
	enum { ROUNDS = 200, EACH = 200 };
	struct fixture fixture;
	struct ends *ends = begin(&fixture);
	static uint32_t buffer[EACH * 4];
	int fds[EACH];
	for (unsigned i = 0; i < EACH; i++)
		fds[i] = make_fd(0);
	peer_send_raw(&ends->client, (uint32_t[]){1, 12 << 16, FREE}, 12, fds, 1);
	uint32_t id = FREE + 1;
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t size = 0;
		for (unsigned i = 0; i < EACH; i++)
			size += peer_encode((uint8_t *)buffer + size, SHM, WL_SHM_REQUEST_CREATE_POOL, "ni", id++, 0);
		peer_send_raw(&ends->client, buffer, size, fds, EACH);
		peer_drain(&ends->host);
	}
	CHECK(ends->session->client.fds_capacity <= 2 * WAITING_FDS_MAX);
	for (unsigned i = 0; i < EACH; i++)
		close(fds[i]);
	fixture_finish(&fixture);
}

/* As a user to whom the limit applies. */
static void test_in_flight(void)
{
	enum { NOBODY = 65534 };
	int status;
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		CHECK(getuid() != 0 ||
			(setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0));
		flood_in_flight();
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	test_both_ways();
	test_pieces();
	test_many();
	test_too_many();
	test_zombie();
	test_waiting();
	test_short();
	test_short_behind_a_host();
	test_wrong_layout();
	test_always_one_ahead();
	test_in_flight();
	return 0;
}
