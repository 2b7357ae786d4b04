#include "fixture.h"

#include "protocol-opcodes.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

enum { ROUNDS = 64, DATA_MAX = 256 * 1024 };

unsigned fixture_violations;
struct violation fixture_last_violation;

static void fail(const char *file, int line, const struct peer *peer, const char *what)
{
	fprintf(stderr, "%s:%d: %s: %s\n", file, line, peer->name, what);
	abort();
}

static size_t count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;
	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void on_violation(struct session *session, const struct violation *violation)
{
	fixture_violations++;
	fixture_last_violation = *violation;
	fixture_last_violation.cause = NULL;
}

void fixture_init_with(struct fixture *fixture, struct wl_event_loop *loop, struct engine *engine)
{
	*fixture = (struct fixture){.loop = loop, .engine = engine};
	fixture_violations = 0;
}

void fixture_init(struct fixture *fixture, const struct engine_callbacks *callbacks)
{
	struct engine_callbacks own = {0};
	if (callbacks)
		own = *callbacks;
	if (!own.violation)
		own.violation = on_violation;
	size_t fds_before = count_fds();
	struct wl_event_loop *loop = wl_event_loop_create();
	CHECK(loop);
	struct engine *engine = engine_create(loop, &own, fixture);
	CHECK(engine);
	fixture_init_with(fixture, loop, engine);
	fixture->fds_before = fds_before;
	fixture->owned = true;
}

void peer_close(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
	for (size_t i = 0; i < peer->n_fds; i++)
		close(peer->fds[i]);
	peer->n_fds = 0;
}

void fixture_finish(struct fixture *fixture)
{
	for (size_t i = 0; i < fixture->n_ends; i++) {
		struct ends *ends = fixture->ends[i];
		peer_close(&ends->client);
		peer_close(&ends->host);
		free(ends->client.in);
		free(ends->host.in);
		free(ends);
	}
	if (!fixture->owned)
		return;
	fixture_run(fixture);
	CHECK(engine_count_sessions(fixture->engine) == 0);
	engine_destroy(fixture->engine);
	wl_event_loop_destroy(fixture->loop);
	CHECK(count_fds() == fixture->fds_before);
}

struct ends *fixture_connect(struct fixture *fixture)
{
	return fixture_connect_tagged(fixture, NULL);
}

struct ends *fixture_connect_tagged(struct fixture *fixture, void *tag)
{
	int client[2], host[2];
	struct ends *ends = calloc(1, sizeof *ends);
	CHECK(ends && fixture->n_ends < FIXTURE_ENDS_MAX);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, client) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, host) == 0);
	ends->client = (struct peer){.fixture = fixture, .name = "client", .fd = client[0]};
	ends->host = (struct peer){.fixture = fixture, .name = "host", .fd = host[0]};
	fixture->ends[fixture->n_ends++] = ends;
	ends->session = engine_add_session(fixture->engine, client[1], host[1], tag);
	CHECK(ends->session);
	return ends;
}

/* Running -------------------------------------------------------------------------------------------------------- */

static size_t waiting(const struct peer *peer)
{
	return peer->in_end - peer->in_start;
}

static void receive(struct peer *peer)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(253 * sizeof(int))];
	} control;
	if (waiting(peer) > 0)
		memmove(peer->in, peer->in + peer->in_start, waiting(peer));
	peer->in_end -= peer->in_start;
	peer->in_start = 0;
	while (peer->fd >= 0 && !peer->closed) {
		if (peer->in_capacity - peer->in_end < 65536) {
			peer->in_capacity = peer->in_capacity * 2 + 65536;
			peer->in = realloc(peer->in, peer->in_capacity);
			CHECK(peer->in);
		}
		struct iovec iov = {peer->in + peer->in_end, 65536};
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
		ssize_t n = recvmsg(peer->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			peer->closed = true;
			return;
		}
		CHECK(!(msg.msg_flags & MSG_CTRUNC));
		peer->in_end += (size_t)n;
		for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
			size_t n_fds = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			CHECK(peer->n_fds + n_fds <= sizeof peer->fds / sizeof *peer->fds);
			memcpy(peer->fds + peer->n_fds, CMSG_DATA(cmsg), n_fds * sizeof(int));
			peer->n_fds += n_fds;
		}
	}
}

void fixture_run(struct fixture *fixture)
{
	for (int i = 0; i < ROUNDS; i++)
		engine_dispatch(fixture->engine, 0);
}

void fixture_wait(struct fixture *fixture, int ms)
{
	engine_dispatch(fixture->engine, ms);
	fixture_run(fixture);
}

static void run_and_receive(struct peer *peer)
{
	fixture_run(peer->fixture);
	receive(peer);
	fixture_run(peer->fixture);
	receive(peer);
}

/* Sending -------------------------------------------------------------------------------------------------------- */

static uint8_t *encode_bytes(uint8_t *p, const void *data, size_t size)
{
	*(uint32_t *)(void *)p = (uint32_t)size;
	memset(p + 4, 0, (size + 3) & ~(size_t)3);
	if (size)
		memcpy(p + 4, data, size);
	return p + 4 + ((size + 3) & ~(size_t)3);
}

static size_t encode(
	uint8_t *buffer, uint32_t id, uint16_t opcode, const char *signature, va_list args, int *fds, size_t *n_fds)
{
	uint8_t *p = buffer + 8;
	for (; *signature; signature++) {
		if (*signature == 's') {
			const char *string = va_arg(args, const char *);
			p = encode_bytes(p, string, string ? strlen(string) + 1 : 0);
		} else if (*signature == 'a') {
			size_t size = va_arg(args, size_t);
			p = encode_bytes(p, va_arg(args, const void *), size);
		} else if (*signature == 'h') {
			int fd = va_arg(args, int);
			CHECK(fds);
			fds[(*n_fds)++] = fd;
		} else {
			*(uint32_t *)(void *)p = va_arg(args, uint32_t);
			p += 4;
		}
	}
	((uint32_t *)(void *)buffer)[0] = id;
	((uint32_t *)(void *)buffer)[1] = (uint32_t)(p - buffer) << 16 | opcode;
	return (size_t)(p - buffer);
}

size_t peer_encode(void *buffer, uint32_t id, uint16_t opcode, const char *signature, ...)
{
	va_list args;
	va_start(args, signature);
	size_t size = encode(buffer, id, opcode, signature, args, NULL, NULL);
	va_end(args);
	return size;
}

void peer_send_raw(struct peer *peer, const void *data, size_t size, const int *fds, size_t n_fds)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(253 * sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)data, size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	if (n_fds > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, n_fds * sizeof(int));
	}
	CHECK(sendmsg(peer->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size);
}

void peer_send(const char *file, int line, struct peer *peer, uint32_t id, uint16_t opcode, const char *signature, ...)
{
	static uint32_t buffer[DATA_MAX / 4];
	int fds[32];
	size_t n_fds = 0;
	va_list args;
	va_start(args, signature);
	size_t size = encode((uint8_t *)buffer, id, opcode, signature, args, fds, &n_fds);
	va_end(args);
	if (peer->fd < 0)
		fail(file, line, peer, "is closed");
	peer_send_raw(peer, buffer, size, fds, n_fds);
}

/* Expecting ------------------------------------------------------------------------------------------------------ */

static const uint32_t *first_words(const struct peer *peer)
{
	return (const uint32_t *)(const void *)(peer->in + peer->in_start);
}

static int take_fd(struct peer *peer)
{
	int fd = peer->fds[0];
	peer->n_fds--;
	memmove(peer->fds, peer->fds + 1, peer->n_fds * sizeof *peer->fds);
	return fd;
}

static const uint32_t *next_message(const char *file, int line, struct peer *peer, uint32_t *size)
{
	if (waiting(peer) < 8 || waiting(peer) < first_words(peer)[1] >> 16)
		run_and_receive(peer);
	if (waiting(peer) < 8)
		fail(file, line, peer, peer->closed ? "is closed" : "gets nothing");
	const uint32_t *words = first_words(peer);
	*size = words[1] >> 16;
	if (*size < 8 || *size > waiting(peer))
		fail(file, line, peer, "gets half a message");
	return words;
}

static void mismatch(const char *file, int line, struct peer *peer, const uint32_t *words, const char *what)
{
	fprintf(stderr, "%s:%d: %s: %s differs: got object %#x opcode %u size %u:", file, line, peer->name, what,
		words[0], words[1] & 0xffff, words[1] >> 16);
	for (uint32_t i = 2; i < words[1] >> 18 && i < 40; i++)
		fprintf(stderr, " %#x", words[i]);
	fprintf(stderr, "\n");
	abort();
}

static bool bytes_match(const uint32_t *word, const void *data, size_t size)
{
	return *word == size && (size == 0 || memcmp(word + 1, data, size) == 0);
}

static bool arg_matches(struct peer *peer, char type, const uint32_t **word, va_list *args)
{
	size_t size;
	uint32_t expected;
	const char *string;
	const uint32_t *at = *word;
	switch (type) {
	case 'h':
		if (peer->n_fds == 0)
			return false;
		*va_arg(*args, int *) = take_fd(peer);
		return true;
	case 's':
		string = va_arg(*args, const char *);
		*word += 1 + (*at + 3) / 4;
		return bytes_match(at, string, string ? strlen(string) + 1 : 0);
	case 'a':
		size = va_arg(*args, size_t);
		*word += 1 + (*at + 3) / 4;
		return bytes_match(at, va_arg(*args, const void *), size);
	default:
		expected = va_arg(*args, uint32_t);
		*word += 1;
		return expected == ANY || expected == *at;
	}
}

void peer_expect(
	const char *file, int line, struct peer *peer, uint32_t id, uint16_t opcode, const char *signature, ...)
{
	uint32_t size;
	const uint32_t *words = next_message(file, line, peer, &size), *word = words + 2;
	va_list args;
	if (words[0] != id || (words[1] & 0xffff) != opcode)
		mismatch(file, line, peer, words, "the message");
	va_start(args, signature);
	for (; *signature; signature++)
		if (!arg_matches(peer, *signature, &word, &args))
			mismatch(file, line, peer, words, "an argument");
	va_end(args);
	if ((size_t)(word - words) * 4 != size)
		mismatch(file, line, peer, words, "the size");
	peer->in_start += size;
}

void peer_expect_nothing(const char *file, int line, struct peer *peer)
{
	run_and_receive(peer);
	if (waiting(peer) >= 8)
		mismatch(file, line, peer, first_words(peer), "nothing");
	if (waiting(peer) > 0 || peer->n_fds > 0)
		fail(file, line, peer, "gets something");
	if (peer->closed)
		fail(file, line, peer, "is closed");
}

void peer_expect_closed(const char *file, int line, struct peer *peer)
{
	run_and_receive(peer);
	if (waiting(peer) >= 8)
		mismatch(file, line, peer, first_words(peer), "the end");
	if (!peer->closed)
		fail(file, line, peer, "is not closed");
}

void peer_expect_error(const char *file, int line, struct peer *peer, uint32_t object, uint32_t code, char *text)
{
	uint32_t size;
	const uint32_t *words = next_message(file, line, peer, &size);
	if (words[0] != 1 || (words[1] & 0xffff) != WL_DISPLAY_EVENT_ERROR || words[2] != object || words[3] != code)
		mismatch(file, line, peer, words, "the error");
	if (text)
		snprintf(text, 512, "%s", (const char *)(words + 5));
	peer->in_start += size;
	peer_expect_closed(file, line, peer);
}

size_t peer_drain(struct peer *peer)
{
	run_and_receive(peer);
	size_t size = waiting(peer);
	peer->in_start = peer->in_end;
	while (peer->n_fds > 0) {
		int fd = take_fd(peer);
		if (peer->fixture->seen_fd)
			peer->fixture->seen_fd(fd);
		close(fd);
	}
	return size;
}

void fixture_announce(struct ends *ends, const struct fixture_global *globals, size_t n_globals)
{
	SEND(&ends->client, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", 2);
	EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_GET_REGISTRY, "n", 2);
	for (size_t i = 0; i < n_globals; i++)
		SEND(&ends->host, 2, WL_REGISTRY_EVENT_GLOBAL, "usu", (uint32_t)i + 1, globals[i].interface,
			globals[i].version);
}
