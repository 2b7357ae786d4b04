#include "harness.h"

#include "judge.h"

#include "interfaces.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

enum { ROUNDS = 4, RAW_SIZE = 65536, FUZZ_FDS = 3, PIPES = 64, MEMORY_SIZE = 65536 };
#define SESSION_TAG ((void *)1) // FILTER_TAG_LACKS_XDG_OUTPUT; the engine knows none

const struct fuzz_global fuzz_globals[] = {
	{"wl_compositor",			     4},
	{"wl_subcompositor",			     1},
	{"wl_shm",				    1},
	{"wl_seat",				   7},
	{"wl_data_device_manager",			   3},
	{"wl_output",				 4},
	{"xdg_wm_base",			       5},
	{"wp_viewporter",			     1},
	{"zwp_tablet_manager_v2",			  1},
	{"zwp_linux_dmabuf_v1",			4},
	{"xdg_activation_v1",			      1},
	{"zwp_primary_selection_device_manager_v1",   1},
	{"zxdg_output_manager_v1",			   3},
	{"zwp_text_input_manager_v3",		      1},
	{"wp_presentation",			    1},
	{"zwp_keyboard_shortcuts_inhibit_manager_v1", 1},
	{"zwp_pointer_constraints_v1",		       1},
	{"zwp_idle_inhibit_manager_v1",		1},
	{"xdg_toplevel_drag_manager_v1",		 1},
	{"xdg_toplevel_icon_manager_v1",		 1},
	{"xdg_toplevel_tag_manager_v1",		1},
	{"zwlr_screencopy_manager_v1",		       3},
	{"zwp_virtual_keyboard_manager_v1",	    1},
};
const size_t fuzz_n_globals = sizeof fuzz_globals / sizeof *fuzz_globals;

static struct wl_event_loop *loop;
static struct engine *engine;
static int fds[FUZZ_FDS];
static int raw_fd;
static uint8_t raw[RAW_SIZE];
static size_t raw_size;

static int on_timer(void *data)
{
	return 0;
}

static void start(void)
{
	if (engine)
		return;
	loop = wl_event_loop_create();
	int pipe_ends[2];
	MUST(loop && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == 0);
	fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fds[1] = memfd_create("fuzz", MFD_CLOEXEC);
	fds[2] = pipe_ends[1];
	MUST(fds[0] >= 0 && fds[1] >= 0 && ftruncate(fds[1], MEMORY_SIZE) == 0);
	// The loop opens a descriptor for its first timer: now, so that it is not taken for a leak.
	struct wl_event_source *timer = wl_event_loop_add_timer(loop, on_timer, NULL);
	MUST(timer && wl_event_source_timer_update(timer, 1) == 0);
	wl_event_source_remove(timer);
	engine = judge_start(loop);
	MUST(engine);
}

const struct wl_interface *fuzz_interface(const char *name)
{
	const struct interface *interface = engine_interface(engine, name);
	return interface ? interface->wayland : NULL;
}

bool fuzz_is_destructor(const struct wl_interface *interface, bool request, uint32_t opcode)
{
	const struct interface *compiled = engine_interface(engine, interface->name);
	return (request ? compiled->requests : compiled->events)[opcode].flags & MESSAGE_DESTRUCTOR;
}

bool fuzz_make_args(const struct wl_message *message, uint8_t value, union wl_argument *args,
	void *(*object)(const struct wl_interface *interface, uint8_t value))
{
	static const char *const strings[] = {"", "text/plain", "en_US", "a title \xf0\x9f\x8d\x80 that is longer"};
	static struct wl_array array;
	bool nullable = false;
	unsigned i = 0;
	array = (struct wl_array){.size = value & 12, .data = (void *)"123456789abc"};
	for (const char *p = message->signature; *p; p++) {
		if (*p == '?')
			nullable = true;
		if (!strchr("iufsonah", *p))
			continue;
		args[i] = (union wl_argument){.u = value};
		if (*p == 's')
			args[i].s = nullable && value & 1 ? NULL : strings[value / 2 % 4];
		else if (*p == 'a')
			args[i].a = &array;
		else if (*p == 'h')
			args[i].h = fds[value % FUZZ_FDS];
		else if (*p == 'n')
			args[i].n = 0;
		else if (*p == 'o' && !(args[i].o = object(message->types[i], value)) && !nullable)
			return false;
		nullable = false;
		i++;
	}
	return true;
}

/* The raw end ------------------------------------------------------------------------------------------------------ */

/* wl_display.error is in order after a fault of the raw client, and only then. */
static void check_raw(bool raw_is_client)
{
	size_t pos = 0;
	while (raw_size - pos >= 8) {
		uint32_t header[2];
		memcpy(header, raw + pos, sizeof header);
		uint32_t size = header[1] >> 16;
		MUST(size >= 8 && size % 4 == 0);
		if (size > raw_size - pos)
			break;
		if (raw_is_client && header[0] == 1 && (header[1] & 0xffff) == 0)
			MUST(judge_fatal_violations() > 0);
		pos += size;
	}
	raw_size -= pos;
	memmove(raw, raw + pos, raw_size);
}

static void read_raw(bool raw_is_client)
{
	while (raw_fd >= 0) {
		union {
			struct cmsghdr header;
			char space[CMSG_SPACE(253 * sizeof(int))];
		} control;
		struct iovec iov = {raw + raw_size, sizeof raw - raw_size};
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
		ssize_t n = recvmsg(raw_fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n <= 0)
			return;
		for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
			for (size_t at = CMSG_LEN(0); at + sizeof(int) <= cmsg->cmsg_len; at += sizeof(int)) {
				int fd;
				memcpy(&fd, (char *)cmsg + at, sizeof fd);
				close(fd);
			}
		}
		raw_size += (size_t)n;
		check_raw(raw_is_client);
	}
}

static void send_raw(const uint8_t *data, size_t size, unsigned n_fds, unsigned first)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)data, size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	if (n_fds > 0) {
		int sent[3];
		for (unsigned i = 0; i < n_fds; i++)
			sent[i] = fds[(first + i) % FUZZ_FDS];
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.header = (struct cmsghdr){CMSG_LEN(n_fds * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), sent, n_fds * sizeof(int));
	}
	if (raw_fd >= 0 && size > 0)
		sendmsg(raw_fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Steps ------------------------------------------------------------------------------------------------------------ */

static void run_all(const struct far_end *far_end, bool raw_is_client)
{
	for (int i = 0; i < ROUNDS; i++) {
		engine_dispatch(engine, 0);
		far_end->run();
	}
	read_raw(raw_is_client);
}

static uint8_t take(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	--*size;
	return *(*data)++;
}

static void take_step(const struct far_end *far_end, bool raw_is_client, const uint8_t **data, size_t *size)
{
	uint8_t kind = take(data, size);
	if ((kind & 3) < 2) {
		size_t length = take(data, size);
		if (!(kind & 4))
			length *= 4;
		if (length > *size)
			length = *size;
		send_raw(*data, length, kind >> 3 & 3, kind >> 5);
		*data += length;
		*size -= length;
	} else if ((kind & 3) == 2) {
		struct step step = {take(data, size), take(data, size), take(data, size)};
		far_end->act(step);
	} else {
		run_all(far_end, raw_is_client);
		if (kind & 8)
			judge_act(take(data, size));
		else if (kind & 4 && raw_fd >= 0) {
			close(raw_fd);
			raw_fd = -1;
		}
	}
}

static int lowest_fd(void)
{
	int fd = dup(fds[0]);
	MUST(fd >= 0);
	close(fd);
	return fd;
}

/* None is left open and none was closed that was not theirs: the lowest free number is what it was. One pipe after another
 * is closed when data goes through more than one. */
static void check_fds(int before)
{
	for (int i = 0; i < PIPES && lowest_fd() != before; i++)
		engine_dispatch(engine, 0);
	MUST(lowest_fd() == before);
}

int fuzz_run(const struct far_end *far_end, bool raw_is_client, const uint8_t *data, size_t size)
{
	int near_pair[2], far_pair[2];
	start();
	uint8_t choice = take(&data, &size);
	judge_choose(choice);
	raw_size = 0;
	static bool warm; // the far end opens something for all sessions in the first
	int lowest = lowest_fd();
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, near_pair) == 0);
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, far_pair) == 0);
	raw_fd = near_pair[0];
	MUST(engine_add_session(engine, raw_is_client ? near_pair[1] : far_pair[1],
		raw_is_client ? far_pair[1] : near_pair[1], choice & 128 ? SESSION_TAG : NULL));
	far_end->open(far_pair[0]);
	while (size > 0)
		take_step(far_end, raw_is_client, &data, &size);
	run_all(far_end, raw_is_client);
	if (raw_fd >= 0)
		close(raw_fd);
	raw_fd = -1;
	run_all(far_end, raw_is_client);
	far_end->close();
	run_all(far_end, raw_is_client);
	// What still was on its way takes a round a buffer.
	for (int i = 0; i < PIPES && engine_count_sessions(engine) > 0; i++)
		engine_dispatch(engine, 0);
	MUST(engine_count_sessions(engine) == 0);
	if (warm)
		check_fds(lowest);
	warm = true;
	return 0;
}
