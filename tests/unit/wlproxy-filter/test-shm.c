/* wl_shm and wl_compositor: files, sizes, overflow, and what is charged and given back. */
#include "filter-test.h"

#include "client.h"

#include <fcntl.h>
#include <unistd.h>

enum { SHM = 3, POOL, BUFFER };
enum { PAGE = 4096 };

static struct ends *with_shm(struct filter_test *t)
{
	struct ends *ends = filter_test_connect(t);
	filter_test_bind(ends, "wl_shm", 1, SHM);
	return ends;
}

static void create_pool(struct ends *ends, uint32_t id, size_t size)
{
	int got = -1, fd = filter_test_memfd(size);
	SEND(&ends->client, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", id, fd, (uint32_t)size);
	EXPECT(&ends->host, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", id, &got, (uint32_t)size);
	close(fd);
	close(got);
}

#define CREATE_BUFFER POOL, WL_SHM_POOL_REQUEST_CREATE_BUFFER, "niiiiu"

static void test_pass(void)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = with_shm(&t);
	create_pool(ends, POOL, 2 * PAGE);
	CHECK(t.filter->pool_bytes == 2 * PAGE);
	SEND(&ends->client, CREATE_BUFFER, BUFFER, PAGE, 32, 32, 128, 0);
	EXPECT(&ends->host, CREATE_BUFFER, BUFFER, PAGE, 32, 32, 128, 0);
	CHECK(t.filter->shm_bytes == 32 * 128);
	SEND(&ends->client, POOL, WL_SHM_POOL_REQUEST_RESIZE, "i", 3 * PAGE);
	EXPECT(&ends->host, POOL, WL_SHM_POOL_REQUEST_RESIZE, "i", 3 * PAGE);
	CHECK(t.filter->pool_bytes == 3 * PAGE);
	// The pool stays mapped for its buffer.
	SEND(&ends->client, POOL, WL_SHM_POOL_REQUEST_DESTROY, "");
	EXPECT(&ends->host, POOL, WL_SHM_POOL_REQUEST_DESTROY, "");
	CHECK(t.filter->pool_bytes == 3 * PAGE);
	SEND(&ends->client, BUFFER, WL_BUFFER_REQUEST_DESTROY, "");
	EXPECT(&ends->host, BUFFER, WL_BUFFER_REQUEST_DESTROY, "");
	CHECK(t.filter->pool_bytes == 0 && t.filter->shm_bytes == 0);
	filter_test_finish(&t, 0);
}

static void refuse_file(int fd)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = with_shm(&t);
	CHECK(fd >= 0);
	SEND(&ends->client, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", POOL, fd, PAGE);
	EXPECT_ERROR(&ends->client, SHM, WL_SHM_ERROR_INVALID_FD, NULL);
	EXPECT_CLOSED(&ends->host);
	filter_test_finish(&t, 1);
	close(fd);
}

static void test_files(void)
{
	int pipes[2];
	CHECK(pipe2(pipes, O_CLOEXEC) == 0);
	refuse_file(pipes[0]);
	close(pipes[1]);
	refuse_file(open("/dev/null", O_RDWR | O_CLOEXEC));
	refuse_file(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	refuse_file(open("/dev", O_RDONLY | O_CLOEXEC));
}

static void refuse_buffer(uint32_t offset, uint32_t width, uint32_t height, uint32_t stride)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = with_shm(&t);
	create_pool(ends, POOL, PAGE);
	SEND(&ends->client, CREATE_BUFFER, BUFFER, offset, width, height, stride, 0);
	EXPECT_ERROR(&ends->client, POOL, WL_SHM_ERROR_INVALID_STRIDE, NULL);
	EXPECT_CLOSED(&ends->host);
	filter_test_finish(&t, 1);
}

static void test_overflow(void)
{
	refuse_buffer(1, 32, 32, 128);
	refuse_buffer(0, 32, 33, 128);
	refuse_buffer((uint32_t)-128, 32, 32, 128);
	refuse_buffer(0, 0, 32, 128);
	refuse_buffer(0, 32, 0, 128);
	refuse_buffer(0, 32, (uint32_t)-1, 128);
	refuse_buffer(0, 32, 32, 31);
	refuse_buffer(0, 1, 1, (uint32_t)-1);
	refuse_buffer(0, 0x7fffffff, 0x7fffffff, 0x7fffffff);
	refuse_buffer(0x7fffffff, 32, 1, 128);
	refuse_buffer(0, 0x10000, 0x10000, 0x10000); // 2³²
	refuse_buffer(4096, 1, 1, 4);
}

static void test_sizes(void)
{
	static const uint32_t wrong[] = {0, (uint32_t)-1, 0x80000000};
	for (size_t i = 0; i < 3; i++) {
		struct filter_test t;
		filter_test_init(&t);
		filter_test_start(&t);
		struct ends *ends = with_shm(&t);
		int fd = filter_test_memfd(PAGE);
		SEND(&ends->client, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", POOL, fd, wrong[i]);
		EXPECT_ERROR(&ends->client, SHM, WL_SHM_ERROR_INVALID_STRIDE, NULL);
		close(fd);
		filter_test_finish(&t, 1);
	}
	for (size_t i = 0; i < 3; i++) {
		struct filter_test t;
		filter_test_init(&t);
		filter_test_start(&t);
		struct ends *ends = with_shm(&t);
		create_pool(ends, POOL, PAGE);
		SEND(&ends->client, POOL, WL_SHM_POOL_REQUEST_RESIZE, "i", wrong[i]);
		EXPECT_ERROR(&ends->client, POOL, WL_SHM_ERROR_INVALID_FD, NULL);
		filter_test_finish(&t, 1);
	}
}

/* The limit of live buffers, and that what is destroyed can be used again. */
static void test_buffer_limit(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->limits[POLICY_MAX_SHM_BYTES] = 2 * PAGE;
	filter_test_start(&t);
	struct ends *ends = with_shm(&t);
	create_pool(ends, POOL, 16 * PAGE);
	for (uint32_t i = 0; i < 1000; i++) {
		SEND(&ends->client, CREATE_BUFFER, BUFFER, 0, 32, 64, 128, 0);
		EXPECT(&ends->host, CREATE_BUFFER, BUFFER, 0, 32, 64, 128, 0);
		SEND(&ends->client, BUFFER, WL_BUFFER_REQUEST_DESTROY, "");
		EXPECT(&ends->host, BUFFER, WL_BUFFER_REQUEST_DESTROY, "");
		SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", BUFFER);
		EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", BUFFER);
	}
	SEND(&ends->client, CREATE_BUFFER, BUFFER, 0, 32, 64, 128, 0);
	EXPECT(&ends->host, CREATE_BUFFER, BUFFER, 0, 32, 64, 128, 0);
	SEND(&ends->client, CREATE_BUFFER, BUFFER + 1, 0, 1, 1, 4, 0);
	EXPECT_ERROR(&ends->client, 1, ERROR_NO_MEMORY, NULL);
	EXPECT_CLOSED(&ends->host);
	filter_test_finish(&t, 1);
}

static void test_pool_limit(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->limits[POLICY_MAX_POOL_BYTES] = 2 * PAGE;
	filter_test_start(&t);
	struct ends *ends[5];
	for (int i = 0; i < 4; i++) {
		ends[i] = with_shm(&t);
		create_pool(ends[i], POOL, 2 * PAGE);
	}
	// The project's limit is four times that of a client.
	ends[4] = with_shm(&t);
	int fd = filter_test_memfd(PAGE);
	SEND(&ends[4]->client, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", POOL, fd, PAGE);
	EXPECT_ERROR(&ends[4]->client, 1, ERROR_NO_MEMORY, NULL);
	SEND(&ends[0]->client, POOL, WL_SHM_POOL_REQUEST_RESIZE, "i", 2 * PAGE + 1);
	EXPECT_ERROR(&ends[0]->client, 1, ERROR_NO_MEMORY, NULL);
	EXPECT_NOTHING(&ends[1]->host);
	// What the dead client had is free again.
	ends[4] = with_shm(&t);
	SEND(&ends[4]->client, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", POOL, fd, PAGE);
	int got = -1;
	EXPECT(&ends[4]->host, SHM, WL_SHM_REQUEST_CREATE_POOL, "nhi", POOL, &got, PAGE);
	close(got);
	close(fd);
	filter_test_finish(&t, 2);
}

static void test_surfaces(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->limits[POLICY_MAX_SURFACES] = 2;
	filter_test_start(&t);
	struct ends *ends = filter_test_connect(&t);
	filter_test_bind(ends, "wl_compositor", 4, 3);
	for (uint32_t i = 0; i < 2; i++) {
		SEND(&ends->client, 3, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", 4 + i);
		EXPECT(&ends->host, 3, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", 4 + i);
	}
	SEND(&ends->client, 4, WL_SURFACE_REQUEST_DESTROY, "");
	EXPECT(&ends->host, 4, WL_SURFACE_REQUEST_DESTROY, "");
	SEND(&ends->client, 3, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", 6);
	EXPECT(&ends->host, 3, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", 6);
	SEND(&ends->client, 3, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", 7);
	EXPECT_ERROR(&ends->client, 1, ERROR_NO_MEMORY, NULL);
	filter_test_finish(&t, 1);
}

int main(void)
{
	test_pass();
	test_files();
	test_overflow();
	test_sizes();
	test_buffer_limit();
	test_pool_limit();
	test_surfaces();
	return 0;
}
