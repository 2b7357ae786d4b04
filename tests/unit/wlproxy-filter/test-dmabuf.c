/* zwp_linux_buffer_params_v1: what is charged for planes, and given back. */
#include "filter-test.h"

#include "client.h"

#include <unistd.h>

enum { DMABUF = 3, PARAMS, BUFFER, SERVER_BUFFER = 0xff000000 };

#define ADD(plane) PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_REQUEST_ADD, "huuuuu", fd, plane, 0, 256, 0, 0
#define ADDED(plane) PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_REQUEST_ADD, "huuuuu", &got, plane, 0, 256, 0, 0
#define CREATE PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_REQUEST_CREATE, "iiuu", 64, 64, 1, 0
#define CREATE_IMMED PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_REQUEST_CREATE_IMMED, "niiuu", BUFFER, 64, 64, 1, 0
#define DESTROY PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_REQUEST_DESTROY, ""
#define CREATED PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_EVENT_CREATED, "n", SERVER_BUFFER
#define FAILED PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_EVENT_FAILED, ""

static struct filter_test t;
static int fd;

static void begin(uint64_t limit)
{
	filter_test_init(&t);
	t.policy->gpu = POLICY_GPU_RENDER;
	t.policy->limits[POLICY_MAX_DMABUFS] = limit;
	filter_test_start(&t);
	fd = filter_test_memfd(4096);
}

static void finish(unsigned denied)
{
	close(fd);
	filter_test_finish(&t, denied);
}

static struct ends *with_dmabuf(void)
{
	struct ends *ends = filter_test_connect(&t);
	filter_test_bind(ends, "zwp_linux_dmabuf_v1", 4, DMABUF);
	return ends;
}

/* Sends, and expects the same at the other end. */
#define PASS(from, to, ...)                                                                                            \
	do {                                                                                                           \
		SEND(from, __VA_ARGS__);                                                                               \
		EXPECT(to, __VA_ARGS__);                                                                               \
	} while (0)
#define REQUEST(...) PASS(&ends->client, &ends->host, __VA_ARGS__)
#define EVENT(...) PASS(&ends->host, &ends->client, __VA_ARGS__)

static void delete_id(struct ends *ends, uint32_t id)
{
	EVENT(1, WL_DISPLAY_EVENT_DELETE_ID, "u", id);
}

static void make_params(struct ends *ends, uint32_t planes)
{
	REQUEST(DMABUF, ZWP_LINUX_DMABUF_V1_REQUEST_CREATE_PARAMS, "n", PARAMS);
	for (uint32_t i = 0; i < planes; i++) {
		int got = -1;
		SEND(&ends->client, ADD(i));
		EXPECT(&ends->host, ADDED(i));
		close(got);
	}
}

static void end_params(struct ends *ends)
{
	REQUEST(DESTROY);
	delete_id(ends, PARAMS);
}

static void test_given_back(void)
{
	begin(4);
	struct ends *ends = with_dmabuf();
	for (unsigned i = 0; i < 100; i++) {
		// never used
		make_params(ends, 4);
		CHECK(t.filter->dmabufs == 4);
		end_params(ends);
		CHECK(t.filter->dmabufs == 0);
		// of which a buffer is made. The last id to be deleted is the first to be given again.
		make_params(ends, 3);
		REQUEST(CREATE_IMMED);
		REQUEST(DESTROY);
		CHECK(t.filter->dmabufs == 3);
		REQUEST(BUFFER, WL_BUFFER_REQUEST_DESTROY, "");
		CHECK(t.filter->dmabufs == 0);
		delete_id(ends, BUFFER);
		delete_id(ends, PARAMS);
		// for which the compositor makes a buffer
		make_params(ends, 2);
		REQUEST(CREATE);
		EVENT(CREATED);
		end_params(ends);
		CHECK(t.filter->dmabufs == 2);
		REQUEST(SERVER_BUFFER, WL_BUFFER_REQUEST_DESTROY, "");
		CHECK(t.filter->dmabufs == 0);
		// or none
		make_params(ends, 4);
		REQUEST(CREATE);
		EVENT(FAILED);
		CHECK(t.filter->dmabufs == 0);
		end_params(ends);
	}
	finish(0);
}

/* The answer is on its way when the client destroys what it is for: nobody is left to destroy that buffer. */
static void test_late(void)
{
	begin(4);
	struct ends *ends = with_dmabuf();
	make_params(ends, 4);
	REQUEST(CREATE);
	REQUEST(DESTROY);
	SEND(&ends->host, CREATED);
	EXPECT(&ends->host, SERVER_BUFFER, WL_BUFFER_REQUEST_DESTROY, "");
	EXPECT_NOTHING(&ends->client);
	CHECK(t.filter->dmabufs == 0);
	finish(0);
}

static void test_limit(void)
{
	begin(3);
	struct ends *ends[5];
	for (unsigned i = 0; i < 4; i++) {
		ends[i] = with_dmabuf();
		make_params(ends[i], 3);
	}
	SEND(&ends[0]->client, ADD(3));
	EXPECT_ERROR(&ends[0]->client, 1, ERROR_NO_MEMORY, NULL);
	EXPECT_CLOSED(&ends[0]->host);
	CHECK(t.filter->dmabufs == 9);
	// The project's limit is four times that of a client; the one that is gone has left its share.
	ends[0] = with_dmabuf();
	make_params(ends[0], 3);
	ends[4] = with_dmabuf();
	make_params(ends[4], 0);
	SEND(&ends[4]->client, ADD(0));
	EXPECT_ERROR(&ends[4]->client, 1, ERROR_NO_MEMORY, NULL);
	EXPECT_NOTHING(&ends[1]->host);
	finish(2);
}

/* After its buffer is made the rest is the compositor's to refuse. */
static void test_used(void)
{
	begin(3);
	struct ends *ends = with_dmabuf();
	make_params(ends, 2);
	REQUEST(CREATE_IMMED);
	int got = -1;
	SEND(&ends->client, ADD(2));
	EXPECT(&ends->host, ADDED(2));
	close(got);
	SEND(&ends->client, PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_REQUEST_CREATE_IMMED, "niiuu", BUFFER + 1, 64, 64, 1, 0);
	EXPECT(&ends->host, PARAMS, ZWP_LINUX_BUFFER_PARAMS_V1_REQUEST_CREATE_IMMED, "niiuu", BUFFER + 1, 64, 64, 1, 0);
	EVENT(FAILED);
	CHECK(t.filter->dmabufs == 2);
	finish(0);
}

int main(void)
{
	test_given_back();
	test_late();
	test_limit();
	test_used();
	return 0;
}
