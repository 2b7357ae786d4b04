/* zwp_linux_dmabuf_v1: device numbers are those of the granted GPU; and no event carries a DRM device. */
#include "filter-test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { DMABUF = 3, FEEDBACK };

static struct filter_test t;
static uint64_t primary, render, other;

static struct ends *begin(enum policy_gpu gpu, bool with_nodes)
{
	primary = makedev(226, 0);
	render = makedev(226, 128);
	other = makedev(226, 1);
	filter_test_init(&t);
	t.policy->gpu = gpu;
	if (with_nodes) {
		t.policy->n_gpu_nodes = 1;
		t.policy->gpu_nodes = g_new0(struct policy_gpu_node, 1);
		t.policy->gpu_nodes[0] = (struct policy_gpu_node){primary, render};
	}
	filter_test_start(&t);
	struct ends *ends = filter_test_connect(&t);
	filter_test_bind(ends, "zwp_linux_dmabuf_v1", 4, DMABUF);
	SEND(&ends->client, DMABUF, ZWP_LINUX_DMABUF_V1_REQUEST_GET_DEFAULT_FEEDBACK, "n", FEEDBACK);
	EXPECT(&ends->host, DMABUF, ZWP_LINUX_DMABUF_V1_REQUEST_GET_DEFAULT_FEEDBACK, "n", FEEDBACK);
	return ends;
}

#define MAIN_DEVICE(device) FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_MAIN_DEVICE, "a", sizeof device, &device
#define TARGET(device) FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_TRANCHE_TARGET_DEVICE, "a", sizeof device, &device
#define FLAGS(flags) FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_TRANCHE_FLAGS, "u", flags
#define FORMATS(text) FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_TRANCHE_FORMATS, "a", sizeof text - 1, text
#define TRANCHE_DONE FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_TRANCHE_DONE, ""
#define DONE FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_DONE, ""

#define TRANCHE(verb, peer, device, flags, formats)                                                                    \
	do {                                                                                                           \
		verb(peer, TARGET(device));                                                                            \
		verb(peer, FLAGS(flags));                                                                              \
		verb(peer, FORMATS(formats));                                                                          \
		verb(peer, TRANCHE_DONE);                                                                              \
	} while (0)

static void test_rewritten(void)
{
	struct ends *ends = begin(POLICY_GPU_RENDER, true);
	SEND(&ends->host, MAIN_DEVICE(primary));
	EXPECT(&ends->client, MAIN_DEVICE(render));
	TRANCHE(SEND, &ends->host, other, 1, "xx");
	TRANCHE(SEND, &ends->host, primary, 2, "yy");
	TRANCHE(SEND, &ends->host, render, 0, "zz");
	SEND(&ends->host, DONE);
	TRANCHE(EXPECT, &ends->client, render, 2, "yy");
	TRANCHE(EXPECT, &ends->client, render, 0, "zz");
	EXPECT(&ends->client, DONE);
	// A feedback of nothing that is granted: one tranche is kept.
	SEND(&ends->host, MAIN_DEVICE(other));
	TRANCHE(SEND, &ends->host, other, 1, "xx");
	TRANCHE(SEND, &ends->host, other, 2, "yy");
	SEND(&ends->host, DONE);
	EXPECT(&ends->client, MAIN_DEVICE(render));
	TRANCHE(EXPECT, &ends->client, render, 1, "xx");
	EXPECT(&ends->client, DONE);
	filter_test_finish(&t, 0);
}

static void test_passed(enum policy_gpu gpu, bool with_nodes)
{
	struct ends *ends = begin(gpu, with_nodes);
	SEND(&ends->host, MAIN_DEVICE(other));
	EXPECT(&ends->client, MAIN_DEVICE(other));
	TRANCHE(SEND, &ends->host, primary, 2, "yy");
	SEND(&ends->host, DONE);
	TRANCHE(EXPECT, &ends->client, primary, 2, "yy");
	EXPECT(&ends->client, DONE);
	filter_test_finish(&t, 0);
}

static void test_odd(void)
{
	struct ends *ends = begin(POLICY_GPU_RENDER, true);
	SEND(&ends->host, FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_MAIN_DEVICE, "a", (size_t)3, "abc");
	EXPECT(&ends->client, FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_MAIN_DEVICE, "a", (size_t)3, "abc");
	SEND(&ends->host, DONE);
	EXPECT(&ends->client, DONE);
	filter_test_finish(&t, 0);
}

/* A DRM device that needs no hardware: the node is made in a temporary folder and opened by its path alone. -1 without
 * the right to make one. */
static int open_device(void)
{
	char path[] = "/tmp/isolate-test-XXXXXX/card0", *slash = strrchr(path, '/');
	*slash = '\0';
	if (!mkdtemp(path))
		abort();
	*slash = '/';
	int fd = -1;
	if (mknod(path, S_IFCHR | 0600, makedev(226, 0)) == 0)
		fd = open(path, O_PATH | O_CLOEXEC);
	unlink(path);
	*slash = '\0';
	rmdir(path);
	if (fd < 0)
		fprintf(stderr, "not tried: mknod needs root\n");
	return fd;
}

static void test_device(void)
{
	int fd = open_device();
	if (fd < 0)
		return;
	struct ends *ends = begin(POLICY_GPU_COMPUTE, false);
	SEND(&ends->host, FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_FORMAT_TABLE, "hu", fd, 16);
	EXPECT_NOTHING(&ends->client);
	int memory = filter_test_memfd(16), got = -1;
	SEND(&ends->host, FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_FORMAT_TABLE, "hu", memory, 16);
	EXPECT(&ends->client, FEEDBACK, ZWP_LINUX_DMABUF_FEEDBACK_V1_EVENT_FORMAT_TABLE, "hu", &got, 16);
	close(got);
	close(memory);
	filter_test_finish(&t, 1);
	CHECK(strcmp(t.last.allow, "Gpu=full") == 0);
	close(fd);
}

enum { MANAGER = 5, COMPOSITOR, SURFACE, SYNC, RELEASE };
#define REQUEST(...)                                                                                                   \
	do {                                                                                                           \
		SEND(&ends->client, __VA_ARGS__);                                                                      \
		EXPECT(&ends->host, __VA_ARGS__);                                                                      \
	} while (0)

/* The fence of a buffer's release is passed; a device in its place is not. */
static void test_fence(void)
{
	struct ends *ends = begin(POLICY_GPU_RENDER, false);
	int device = open_device(), got = -1, fence = filter_test_memfd(1);
	filter_test_bind(ends, "zwp_linux_explicit_synchronization_v1", 2, MANAGER);
	filter_test_bind(ends, "wl_compositor", 4, COMPOSITOR);
	REQUEST(COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	REQUEST(MANAGER, ZWP_LINUX_EXPLICIT_SYNCHRONIZATION_V1_REQUEST_GET_SYNCHRONIZATION, "no", SYNC, SURFACE);
	REQUEST(SYNC, ZWP_LINUX_SURFACE_SYNCHRONIZATION_V1_REQUEST_GET_RELEASE, "n", RELEASE);
	SEND(&ends->host, RELEASE, ZWP_LINUX_BUFFER_RELEASE_V1_EVENT_FENCED_RELEASE, "h", fence);
	EXPECT(&ends->client, RELEASE, ZWP_LINUX_BUFFER_RELEASE_V1_EVENT_FENCED_RELEASE, "h", &got);
	close(fence);
	close(got);
	if (device >= 0) {
		REQUEST(SYNC, ZWP_LINUX_SURFACE_SYNCHRONIZATION_V1_REQUEST_GET_RELEASE, "n", RELEASE + 1);
		SEND(&ends->host, RELEASE + 1, ZWP_LINUX_BUFFER_RELEASE_V1_EVENT_FENCED_RELEASE, "h", device);
		EXPECT_NOTHING(&ends->client);
		close(device);
	}
	filter_test_finish(&t, device >= 0);
}

int main(void)
{
	test_rewritten();
	test_passed(POLICY_GPU_FULL, true);
	test_passed(POLICY_GPU_RENDER, false);
	test_odd();
	test_device();
	test_fence();
	return 0;
}
