#include "filter-test.h"

#include "client.h"
#include "selection.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

static const struct fixture_global globals[] = {
	{"wl_compositor",			     4},
	{"wl_shm",				    1},
	{"wl_seat",				   5},
	{"wl_output",				 4},
	{"xdg_wm_base",			       4},
	{"wl_data_device_manager",			   3},
	{"zwp_primary_selection_device_manager_v1",   1},
	{"xdg_activation_v1",			      1},
	{"zwp_keyboard_shortcuts_inhibit_manager_v1", 1},
	{"zwp_pointer_constraints_v1",		       1},
	{"zwp_idle_inhibit_manager_v1",		1},
	{"zxdg_output_manager_v1",			   3},
	{"xdg_toplevel_icon_manager_v1",		 1},
	{"xdg_toplevel_tag_manager_v1",		1},
	{"xdg_toplevel_drag_manager_v1",		 1},
	{"zwp_linux_dmabuf_v1",			4},
	{"zwlr_screencopy_manager_v1",		       3},
	{"zwp_linux_explicit_synchronization_v1",	  2},
};
enum { N_GLOBALS = sizeof globals / sizeof *globals };

static bool take(const struct audit_record *records, size_t count, void *data)
{
	struct filter_test *t = data;
	for (size_t i = 0; i < count; i++)
		t->denied += records[i].count;
	t->last = records[count - 1];
	return true;
}

static size_t count_fds(void)
{
	size_t n = 0;
	DIR *dir = opendir("/proc/self/fd");
	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

void filter_test_init(struct filter_test *t)
{
	memset(t, 0, sizeof *t);
	t->fds_before = count_fds();
	t->policy = policy_new("first");
	t->sink = take;
}

void filter_test_start(struct filter_test *t)
{
	struct wl_event_loop *loop = wl_event_loop_create();
	CHECK(loop);
	t->filter = filter_create(loop, t->policy, t->sink, t);
	CHECK(t->filter);
	fixture_init_with(&t->fixture, loop, filter_engine(t->filter));
}

void filter_test_finish(struct filter_test *t, unsigned denied)
{
	struct wl_event_loop *loop = t->fixture.loop;
	for (size_t i = 0; i < t->fixture.n_ends; i++) {
		peer_close(&t->fixture.ends[i]->client);
		peer_close(&t->fixture.ends[i]->host);
	}
	fixture_run(&t->fixture);
	CHECK(engine_count_sessions(filter_engine(t->filter)) == 0);
	CHECK(t->filter->shm_bytes == 0 && t->filter->pool_bytes == 0);
	for (int id = 0; id < SELECTION_COUNT; id++)
		CHECK(!t->filter->shared[id].source || t->filter->shared[id].source->pulled); // which outlives them
	filter_destroy(t->filter);
	policy_unref(t->policy);
	fixture_finish(&t->fixture);
	wl_event_loop_destroy(loop);
	CHECK(count_fds() == t->fds_before);
	if (t->denied != denied)
		fprintf(stderr, "%u denials instead of %u, the last %s.%s %s\n", t->denied, denied,
			t->last.interface ? t->last.interface : "", t->last.request ? t->last.request : "",
			t->last.allow);
	CHECK(t->denied == denied);
}

struct ends *filter_test_connect(struct filter_test *t)
{
	struct ends *ends = fixture_connect(&t->fixture);
	fixture_announce(ends, globals, N_GLOBALS);
	peer_drain(&ends->client);
	return ends;
}

struct ends *filter_test_connect_without_xdg_output(struct filter_test *t, uint32_t *name)
{
	struct fixture_global announced[N_GLOBALS];
	struct ends *ends = fixture_connect_tagged(&t->fixture, FILTER_TAG_LACKS_XDG_OUTPUT);
	for (size_t i = 0; i < N_GLOBALS; i++)
		announced[i] = strcmp(globals[i].interface, "zxdg_output_manager_v1") == 0
				       ? (struct fixture_global){"nothing", 1}
				       : globals[i];
	fixture_announce(ends, announced, N_GLOBALS);
	peer_drain(&ends->client);
	if (!name)
		return ends;
	// The proxy asks when everything has been said; then it adds its own.
	uint32_t event[64];
	EXPECT(&ends->host, 1, WL_DISPLAY_REQUEST_SYNC, "n", 3);
	SEND(&ends->host, 3, WL_CALLBACK_EVENT_DONE, "u", 0);
	SEND(&ends->host, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", 3);
	fixture_run(&t->fixture);
	CHECK(recv(ends->client.fd, event, sizeof event, MSG_DONTWAIT) > 20);
	CHECK(event[0] == 2 && (event[1] & 0xffff) == WL_REGISTRY_EVENT_GLOBAL);
	CHECK(strcmp((const char *)(event + 4), "zxdg_output_manager_v1") == 0);
	*name = event[2];
	return ends;
}

void filter_test_bind(struct ends *ends, const char *interface, uint32_t version, uint32_t id)
{
	uint32_t name = 0;
	for (uint32_t i = 0; i < N_GLOBALS; i++)
		if (strcmp(globals[i].interface, interface) == 0)
			name = i + 1;
	CHECK(name);
	SEND(&ends->client, 2, WL_REGISTRY_REQUEST_BIND, "usun", name, interface, version, id);
	EXPECT(&ends->host, 2, WL_REGISTRY_REQUEST_BIND, "usun", name, interface, version, id);
}

void filter_test_set_policy(struct filter_test *t, void (*change)(struct policy *policy))
{
	policy_unref(t->policy);
	t->policy = policy_new("first");
	change(t->policy);
	filter_set_policy(t->filter, t->policy);
}

int filter_test_memfd(size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	CHECK(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
	return fd;
}

void filter_test_pipe(int ends[2])
{
	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
}

void filter_test_expect_text(const char *file, int line, struct filter_test *t, int fd, const char *text)
{
	char buffer[4096];
	size_t used = 0;
	ssize_t n = -1;
	for (int i = 0; i < 50 && n != 0; i++) {
		fixture_wait(&t->fixture, 10);
		while (used < sizeof buffer && (n = read(fd, buffer + used, sizeof buffer - used)) > 0)
			used += (size_t)n;
	}
	if (n != 0 || used != strlen(text) || memcmp(buffer, text, used) != 0) {
		fprintf(stderr, "%s:%d: got %zu bytes “%.*s”%s instead of “%s”\n", file, line, used, (int)used, buffer,
			n == 0 ? "" : ", not ended,", text);
		abort();
	}
	close(fd);
}
