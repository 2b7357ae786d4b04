/* What a client of the sound server may ask, and what becomes of the rest of the stream. */
#include "fd.h"
#include "relay.h"

#include <glib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	PLAY = 3,
	RECORD = 5,
	AUTH = 8,
	LOAD_MODULE = 51,
	VOLUME = 37,
	RECORD_VOLUME = 98,
	REPLY = 2,
	MEMFD = 103,
	SRB = 101
};

static void word(GByteArray *to, guint32 value)
{
	value = GUINT32_TO_BE(value);
	g_byte_array_append(to, (guint8 *)&value, 4);
}

static GByteArray *packet(guint32 length, guint32 channel, guint32 flags)
{
	GByteArray *made = g_byte_array_new();
	const guint32 words[] = {length, channel, 0, 0, flags};
	for (int i = 0; i < 5; i++)
		word(made, words[i]);
	return made;
}

static GByteArray *command(guint32 number, guint32 tag, guint32 third, guint32 fourth)
{
	GByteArray *made = packet(20, 0xffffffff, 0);
	const guint32 words[] = {number, tag, third, fourth};
	for (int i = 0; i < 4; i++) {
		g_byte_array_append(made, (const guint8 *)"L", 1);
		word(made, words[i]);
	}
	return made;
}

static enum filter_verdict request(struct filter *filter, guint32 number, guint32 tag, guint32 third)
{
	g_autoptr(GByteArray) made = command(number, tag, third, 0);
	guint32 told = 0;
	g_assert_cmpuint(filter_request_need(made->data), ==, made->len);
	enum filter_verdict verdict = filter_request(filter, made->data, &told);
	if (verdict == FILTER_DENY)
		g_assert_cmpuint(told, ==, tag);
	return verdict;
}

static void answer(struct filter *filter, guint32 number, guint32 tag, guint32 index)
{
	g_autoptr(GByteArray) made = command(number, tag, 0, index);
	g_assert_cmpint(filter_answer(filter, made->data), ==, FILTER_PASS);
}

/* Every number there is, against the lists of what needs what: nothing that is new is let through. */
static void test_every_command(void)
{
	static const guint8 any[] = {8, 9, 13, 20, 21, 22, 23, 24, 35, 82, 85};
	static const guint8 play[] = {3, 4, 10, 12, 14, 41, 42, 43, 46, 60, 72, 74, 81, 84};
	static const guint8 record[] = {5, 6, 11, 47, 57, 58, 59, 73, 75, 80, 83};
	for (unsigned rights = 0; rights < 4; rights++)
		for (guint32 number = 0; number < 300; number++) {
			struct filter filter = {.rights = rights};
			gboolean good = memchr(any, (int)number, sizeof any) != NULL && number < 256;
			good |= number < 256 && rights & FILTER_PLAYBACK && memchr(play, (int)number, sizeof play);
			good |= number < 256 && rights & FILTER_RECORD && memchr(record, (int)number, sizeof record);
			g_assert_cmpint(request(&filter, number, 1, 0), ==, good ? FILTER_PASS : FILTER_DENY);
		}
	struct filter all = {.rights = FILTER_PLAYBACK | FILTER_RECORD};
	g_assert_cmpint(request(&all, 0xffffffff, 1, 0), ==, FILTER_DENY);
	g_assert_cmpint(request(&all, 1u << 31 | PLAY, 1, 0), ==, FILTER_DENY);
}

static void test_own_streams(void)
{
	struct filter filter = {.rights = FILTER_PLAYBACK | FILTER_RECORD};
	g_assert_cmpint(request(&filter, VOLUME, 1, 40), ==, FILTER_DENY);
	g_assert_cmpint(request(&filter, PLAY, 2, 0), ==, FILTER_PASS);
	g_assert_cmpint(request(&filter, VOLUME, 3, 40), ==, FILTER_DENY);
	answer(&filter, REPLY, 9, 40); // of something else
	g_assert_cmpint(request(&filter, VOLUME, 4, 40), ==, FILTER_DENY);
	answer(&filter, REPLY, 2, 40);
	g_assert_cmpint(request(&filter, VOLUME, 5, 40), ==, FILTER_PASS);
	g_assert_cmpint(request(&filter, VOLUME, 6, 41), ==, FILTER_DENY);
	g_assert_cmpint(request(&filter, RECORD_VOLUME, 7, 40), ==, FILTER_DENY);
	answer(&filter, REPLY, 2, 41); // a tag is answered once
	g_assert_cmpint(request(&filter, VOLUME, 8, 41), ==, FILTER_DENY);
	// A stream that the server refused is nobody's.
	g_assert_cmpint(request(&filter, PLAY, 10, 0), ==, FILTER_PASS);
	answer(&filter, 0, 10, 42);
	g_assert_cmpint(request(&filter, VOLUME, 11, 42), ==, FILTER_DENY);
	// More than a client has reason to ask for at once.
	for (guint32 i = 0; i < FILTER_PENDING_MAX; i++)
		g_assert_cmpint(request(&filter, PLAY, 100 + i, 0), ==, FILTER_PASS);
	g_assert_cmpint(request(&filter, PLAY, 99, 0), ==, FILTER_DENY);
	for (guint32 i = 0; i < FILTER_PENDING_MAX; i++)
		answer(&filter, REPLY, 100 + i, 100 + i);
	for (guint32 i = 0; i < 2 * FILTER_OWN_MAX; i++) {
		g_assert_cmpint(request(&filter, PLAY, i, 0), ==, FILTER_PASS);
		answer(&filter, REPLY, i, 1000 + i);
	}
	g_assert_cmpint(request(&filter, VOLUME, 1, 1000 + 2 * FILTER_OWN_MAX - 1), ==, FILTER_PASS);
	g_assert_cmpint(request(&filter, VOLUME, 1, 1000), ==, FILTER_DENY);
}

static void test_no_shared_memory(void)
{
	struct filter filter = {.rights = FILTER_PLAYBACK};
	guint32 tag;
	g_autoptr(GByteArray) made = command(AUTH, 0, 0xc0000023, 0);
	g_assert_cmpint(filter_request(&filter, made->data, &tag), ==, FILTER_PASS);
	g_autoptr(GByteArray) plain = command(AUTH, 0, 0x23, 0);
	g_assert_cmpmem(made->data, made->len, plain->data, plain->len);
	static const guint32 flags[] = {0x80000000, 0x40000000, 0xc0000000, 0x20000000, 0x100};
	for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
		g_autoptr(GByteArray) samples = packet(20, 0, flags[i]), control = packet(20, 0xffffffff, flags[i]);
		g_assert_cmpuint(filter_request_need(samples->data), ==, 0);
		g_assert_cmpuint(filter_answer_need(samples->data), ==, 0);
		g_assert_cmpuint(filter_request_need(control->data), ==, 0);
		g_assert_cmpuint(filter_answer_need(control->data), ==, 0);
	}
	g_autoptr(GByteArray) memfd = command(MEMFD, 0xffffffff, 1, 0), channel = command(SRB, 0xffffffff, 1, 0);
	g_assert_cmpint(filter_answer(&filter, memfd->data), ==, FILTER_BREAK);
	g_assert_cmpint(filter_answer(&filter, channel->data), ==, FILTER_BREAK);
	g_autoptr(GByteArray) empty = packet(0, 0, 0), vast = packet(FILTER_LENGTH_MAX + 1, 0, 0);
	g_assert_cmpuint(filter_request_need(empty->data), ==, 0);
	g_assert_cmpuint(filter_answer_need(empty->data), ==, 0);
	g_assert_cmpuint(filter_request_need(vast->data), ==, 0);
	g_assert_cmpuint(filter_answer_need(vast->data), ==, 0);
}

static void text(GByteArray *to, const char *words)
{
	g_byte_array_append(to, (const guint8 *)"t", 1);
	g_byte_array_append(to, (const guint8 *)words, (guint)strlen(words) + 1);
}

static void property(GByteArray *to, const char *name, const char *value)
{
	guint32 size = (guint32)strlen(value) + 1;
	text(to, name);
	g_byte_array_append(to, (const guint8 *)"L", 1);
	word(to, size);
	g_byte_array_append(to, (const guint8 *)"x", 1);
	word(to, size);
	g_byte_array_append(to, (const guint8 *)value, size);
}

static GByteArray *with_properties(const char *const *names)
{
	GByteArray *made = command(PLAY, 1, 2, 3);
	text(made, "media.class"); // a text, and no property
	g_byte_array_append(made, (const guint8 *)"P", 1);
	for (; *names; names++)
		property(made, *names, "media.class");
	g_byte_array_append(made, (const guint8 *)"N", 1);
	text(made, "media.class");
	guint32 length = GUINT32_TO_BE(made->len - FILTER_DESCRIPTOR);
	memcpy(made->data, &length, 4);
	return made;
}

static void test_properties(void)
{
	static const char *const sent[] = {"application.name", "media.class", "media.role", "node.name",
		"target.object", "stream.capture.sink", "media.classy", "remote.name", "applications", "format.rate",
		"", NULL};
	static const char *const kept[] = {"application.name", "#edia.class", "media.role", "#ode.name",
		"#arget.object", "#tream.capture.sink", "#edia.classy", "#emote.name", "#pplications", "format.rate",
		"", NULL};
	struct filter filter = {.rights = FILTER_PLAYBACK};
	guint32 tag;
	g_autoptr(GByteArray) made = with_properties(sent), right = with_properties(kept);
	g_assert_cmpuint(filter_request_need(made->data), ==, made->len);
	g_assert_cmpint(filter_request(&filter, made->data, &tag), ==, FILTER_PASS);
	g_assert_cmpmem(made->data, made->len, right->data, right->len);
	// Cut anywhere, or too long to be looked at: not let through with a part that nobody saw.
	for (guint32 length = 31; length < made->len - FILTER_DESCRIPTOR; length++) {
		g_autoptr(GByteArray) cut = with_properties(sent);
		guint32 big = GUINT32_TO_BE(length);
		memcpy(cut->data, &big, 4);
		gboolean passed = filter_request(&filter, cut->data, &tag) == FILTER_PASS;
		filter.n_pending = 0;
		g_assert_false(passed && memmem(cut->data, length + FILTER_DESCRIPTOR, "tmedia.class\0L", 14));
	}
	g_autoptr(GByteArray) longer = with_properties(sent);
	guint32 big = GUINT32_TO_BE(FILTER_WHOLE + 1);
	memcpy(longer->data, &big, 4);
	g_byte_array_set_size(longer, FILTER_DESCRIPTOR + FILTER_WHOLE);
	g_assert_cmpuint(filter_request_need(longer->data), ==, longer->len);
	g_assert_cmpint(filter_request(&filter, longer->data, &tag), ==, FILTER_DENY);
}

struct pair {
	int client, server;
	void *relay;
};

static void pair_init(struct pair *pair, unsigned rights)
{
	int client[2], server[2];
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, client), ==, 0);
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, server), ==, 0);
	*pair = (struct pair){client[0], server[0], relay_open(client[1], server[1], &rights)};
}

static void pair_clear(struct pair *pair)
{
	relay_close(pair->relay);
	close(pair->client);
	close(pair->server);
}

static void assert_read(int fd, const GByteArray *expected)
{
	guint8 got[4096];
	gssize n = read(fd, got, sizeof got);
	if (!expected)
		g_assert_cmpint(n, ==, -1);
	else
		g_assert_cmpmem(got, (gsize)MAX(n, 0), expected->data, expected->len);
}

/* What is denied disappears from the stream, wherever it is cut, and its answer comes between two packets of the server's. */
static void test_stream(void)
{
	g_autoptr(GByteArray) stream = g_byte_array_new(), expected = g_byte_array_new();
	const guint32 numbers[] = {AUTH, LOAD_MODULE, PLAY, RECORD, 20};
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autoptr(GByteArray) made = command(numbers[i], (guint32)i, 1, 2);
		g_byte_array_append(stream, made->data, made->len);
		if (numbers[i] != LOAD_MODULE && numbers[i] != RECORD)
			g_byte_array_append(expected, made->data, made->len);
		g_autoptr(GByteArray) samples = packet(100, 0, 0);
		g_byte_array_set_size(samples, 120);
		g_byte_array_append(stream, samples->data, samples->len);
		g_byte_array_append(expected, samples->data, samples->len);
	}
	for (guint cut = 1; cut < stream->len; cut++) {
		struct pair pair;
		pair_init(&pair, FILTER_PLAYBACK);
		g_autoptr(GByteArray) reply = command(REPLY, 0, 1, 2), errors = g_byte_array_new();
		g_assert_cmpint(write(pair.server, reply->data, 30), ==, 30); // half of it
		g_assert_true(relay_work(pair.relay));
		g_assert_cmpint(write(pair.client, stream->data, cut), ==, cut);
		g_assert_true(relay_work(pair.relay));
		g_assert_cmpint(write(pair.client, stream->data + cut, stream->len - cut), ==, stream->len - cut);
		g_assert_true(relay_work(pair.relay));
		assert_read(pair.server, expected);
		assert_read(pair.client, NULL);
		g_assert_cmpint(write(pair.server, reply->data + 30, reply->len - 30), ==, reply->len - 30);
		g_assert_true(relay_work(pair.relay));
		g_byte_array_append(errors, reply->data, reply->len);
		for (guint32 tag = 1; tag < 4; tag += 2) {
			unsigned char error[FILTER_ERROR_SIZE];
			filter_error(error, tag);
			g_byte_array_append(errors, error, sizeof error);
		}
		assert_read(pair.client, errors);
		pair_clear(&pair);
	}
}

/* A client that floods with what is denied and reads nothing costs its own buffers only, and the relay does not spin. */
static void test_flood(void)
{
	struct pair pair;
	pair_init(&pair, FILTER_PLAYBACK);
	g_autoptr(GByteArray) made = command(LOAD_MODULE, 1, 1, 2);
	gsize written = 0;
	for (int turn = 0; turn < 100000; turn++) {
		gssize n = write(pair.client, made->data, made->len);
		if (n > 0)
			written += (gsize)n;
		g_assert_true(n < 0 || n == (gssize)made->len);
		g_assert_true(relay_work(pair.relay));
		struct pollfd fds[2];
		relay_poll(pair.relay, fds);
		if (n < 0 && !(fds[0].events & POLLIN))
			break; // it waits for the client to read
		g_assert_cmpint(turn, <, 99999);
	}
	g_assert_cmpuint(written, >, 0);
	assert_read(pair.server, NULL);
	pair_clear(&pair);
}

static void test_nonsense(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20261125);
	for (int round = 0; round < 20000; round++) {
		struct pair pair;
		pair_init(&pair, FILTER_PLAYBACK | FILTER_RECORD);
		g_autoptr(GByteArray) made = command((guint32)g_rand_int_range(rand, 0, 110), 1, 2, 3);
		for (int flips = g_rand_int_range(rand, 0, 4); flips > 0; flips--)
			made->data[g_rand_int_range(rand, 0, (gint)made->len)] = (guint8)g_rand_int(rand);
		g_assert_cmpint(write(round & 1 ? pair.client : pair.server, made->data, made->len), >, 0);
		relay_work(pair.relay);
		pair_clear(&pair);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/audio/commands", test_every_command);
	g_test_add_func("/audio/own", test_own_streams);
	g_test_add_func("/audio/memory", test_no_shared_memory);
	g_test_add_func("/audio/properties", test_properties);
	g_test_add_func("/audio/stream", test_stream);
	g_test_add_func("/audio/flood", test_flood);
	g_test_add_func("/audio/nonsense", test_nonsense);
	return g_test_run();
}
