/* zwp_linux_dmabuf_v1 and zwp_linux_explicit_synchronization_v1, where the policy grants a GPU: planes that are none,
 * wrong ones, and too many. What a buffer may look like only the compositor knows, so the proxy leaves it that; what may
 * not happen is that anybody else is harmed, or that descriptors stay behind. */
#include "offence.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WIDTH = 64, HEIGHT = 64, STRIDE = 4 * WIDTH, SIZE = STRIDE * HEIGHT, XRGB8888 = 0x34325258 };
enum { INVALID_HI = 0x00ffffff, INVALID_LO = 0xffffffff }; // DRM_FORMAT_MOD_INVALID: the driver knows
enum { DMABUF_CREATE_PARAMS = 1, PARAMS_DESTROY = 0, PARAMS_ADD, PARAMS_CREATE, PARAMS_CREATE_IMMED };
enum { CODE_NO_MEMORY = 2, PATIENCE = 10000 /* ms */ };

static int make_memory(void)
{
	int fd = memfd_create("plane", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, SIZE) < 0)
		abort();
	return fd;
}

static uint32_t bind_dmabuf(struct arena *arena, struct client *client)
{
	uint32_t dmabuf = client_bind(client, "zwp_linux_dmabuf_v1", 3);
	CHECK(arena, dmabuf, "zwp_linux_dmabuf_v1 is not offered");
	CHECK(arena, client_roundtrip(client), "a well-behaved client is not served: %s", client->error_text);
	return dmabuf;
}

static uint32_t put_params(struct client *client, uint32_t dmabuf)
{
	uint32_t params = client_id(client);
	*wire_put(&client->wire, dmabuf, DMABUF_CREATE_PARAMS, 1) = params;
	return params;
}

static uint32_t new_params(struct offender *offender)
{
	uint32_t params = put_params(&offender->client, bind_dmabuf(offender->arena, &offender->client));
	offender_settle(offender);
	return params;
}

/* add() without its descriptor. */
static void put_plane(struct client *client, uint32_t params, uint32_t plane, uint32_t offset, uint32_t stride)
{
	uint32_t *args = wire_put(&client->wire, params, PARAMS_ADD, 5);
	args[0] = plane;
	args[1] = offset;
	args[2] = stride;
	args[3] = INVALID_HI;
	args[4] = INVALID_LO;
}

static void add(struct client *client, uint32_t params, int fd, uint32_t plane, uint32_t offset, uint32_t stride)
{
	wire_put_fd(&client->wire, fd);
	put_plane(client, params, plane, offset, stride);
}

static void add_memory(struct offender *offender, uint32_t params, uint32_t plane, uint32_t offset, uint32_t stride)
{
	int fd = make_memory();
	add(&offender->client, params, fd, plane, offset, stride);
	client_flush(&offender->client, PATIENCE);
	close(fd);
}

static void create(struct offender *offender, uint32_t params, int32_t width, int32_t height, uint32_t format)
{
	wire_send(&offender->client.wire, params, PARAMS_CREATE, "iiuu", width, height, format, 0);
}

static uint32_t create_immed(struct offender *offender, uint32_t params)
{
	uint32_t buffer = client_id(&offender->client);
	wire_send(&offender->client.wire, params, PARAMS_CREATE_IMMED, "niiuu", buffer, WIDTH, HEIGHT, XRGB8888, 0);
	return buffer;
}

/* Planes that do not make a buffer ------------------------------------------------------------------------------- */

static void no_descriptor(struct offender *offender)
{
	put_plane(&offender->client, new_params(offender), 0, 0, STRIDE);
}

static void fifth_plane(struct offender *offender)
{
	add_memory(offender, new_params(offender), 4, 0, STRIDE);
}

static void last_plane(struct offender *offender)
{
	add_memory(offender, new_params(offender), UINT32_MAX, 0, STRIDE);
}

static void same_plane(struct offender *offender)
{
	uint32_t params = new_params(offender);
	add_memory(offender, params, 0, 0, STRIDE);
	add_memory(offender, params, 0, 0, STRIDE);
}

static void no_plane(struct offender *offender)
{
	create(offender, new_params(offender), WIDTH, HEIGHT, XRGB8888);
}

static void hole(struct offender *offender)
{
	uint32_t params = new_params(offender);
	add_memory(offender, params, 0, 0, STRIDE);
	add_memory(offender, params, 2, 0, STRIDE);
	create(offender, params, WIDTH, HEIGHT, XRGB8888);
}

static void used_twice(struct offender *offender)
{
	uint32_t params = new_params(offender);
	add_memory(offender, params, 0, 0, STRIDE);
	create(offender, params, WIDTH, HEIGHT, XRGB8888);
	create(offender, params, WIDTH, HEIGHT, XRGB8888);
}

static void add_after_use(struct offender *offender)
{
	uint32_t params = new_params(offender);
	add_memory(offender, params, 0, 0, STRIDE);
	create(offender, params, WIDTH, HEIGHT, XRGB8888);
	add_memory(offender, params, 1, 0, STRIDE);
}

static void use_after_destroy(struct offender *offender)
{
	uint32_t params = new_params(offender);
	wire_send(&offender->client.wire, params, PARAMS_DESTROY, "");
	offender_settle(offender);
	add_memory(offender, params, 0, 0, STRIDE);
}

static void sized(struct offender *offender, int32_t width, int32_t height)
{
	uint32_t params = new_params(offender);
	add_memory(offender, params, 0, 0, STRIDE);
	create(offender, params, width, height, XRGB8888);
}

static void no_width(struct offender *offender)
{
	sized(offender, 0, HEIGHT);
}

static void negative(struct offender *offender)
{
	sized(offender, -WIDTH, INT32_MIN);
}

static void unknown_format(struct offender *offender)
{
	uint32_t params = new_params(offender);
	add_memory(offender, params, 0, 0, STRIDE);
	create(offender, params, WIDTH, HEIGHT, 0xdeadbeef);
}

static void at(struct offender *offender, uint32_t offset, uint32_t stride)
{
	uint32_t params = new_params(offender);
	add_memory(offender, params, 0, offset, stride);
	create(offender, params, WIDTH, HEIGHT, XRGB8888);
}

static void offset_wraps(struct offender *offender)
{
	at(offender, UINT32_MAX, STRIDE);
}

static void stride_wraps(struct offender *offender)
{
	at(offender, 0, UINT32_MAX);
}

static void outside(struct offender *offender)
{
	at(offender, SIZE, STRIDE);
}

/* Descriptors that are no GPU memory ------------------------------------------------------------------------------ */

/* An error, or the answer that there is no buffer; the other way of asking may end in a buffer without content. */
static void planes_of(struct offender *offender, int fd)
{
	uint32_t params = new_params(offender);
	for (uint32_t plane = 0; plane < 4; plane++)
		add(&offender->client, params, fd, plane, 0, STRIDE);
	create(offender, params, WIDTH, HEIGHT, XRGB8888);
	client_roundtrip(&offender->client);
	client_close(&offender->client);
	arena_check_alive(offender->arena);
	arena_connect(offender->arena, &offender->client);
	params = new_params(offender);
	add(&offender->client, params, fd, 0, 0, STRIDE);
	uint32_t buffer = create_immed(offender, params),
		 compositor = client_bind(&offender->client, "wl_compositor", 4);
	uint32_t surface = client_id(&offender->client);
	wire_send(&offender->client.wire, compositor, 0, "n", surface);
	wire_send(&offender->client.wire, surface, 1, "oii", buffer, 0, 0);
	wire_send(&offender->client.wire, surface, 6, "");
	client_roundtrip(&offender->client);
	close(fd);
}

static void planes_of_memory(struct offender *offender)
{
	planes_of(offender, make_memory());
}

static void planes_of_pipe(struct offender *offender)
{
	int ends[2];
	if (pipe(ends) < 0)
		abort();
	close(ends[1]);
	planes_of(offender, ends[0]);
}

static void planes_of_directory(struct offender *offender)
{
	planes_of(offender, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static void planes_of_device(struct offender *offender)
{
	planes_of(offender, open("/dev/zero", O_RDWR | O_CLOEXEC));
}

static void planes_of_gpu(struct offender *offender)
{
	int fd = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
	planes_of(offender, fd >= 0 ? fd : make_memory());
}

static void planes_of_socket(struct offender *offender)
{
	planes_of(offender, wire_connect(offender->arena->listen));
}

static void planes_of_itself(struct offender *offender)
{
	planes_of(offender, fcntl(offender->client.wire.fd, F_DUPFD_CLOEXEC, 0));
}

static void offences(struct arena *arena)
{
	static const struct offence offences[] = {
		{"a plane without a descriptor",			 no_descriptor,	OUTCOME_ERROR  },
		{"plane 4",				       fifth_plane,	 OUTCOME_REFUSED},
		{"plane 2³²-1",				 last_plane,	    OUTCOME_REFUSED},
		{"plane 0 twice",				  same_plane,	      OUTCOME_REFUSED},
		{"a buffer of no plane",				 no_plane,		   OUTCOME_REFUSED},
		{"a buffer of planes 0 and 2",		       hole,		     OUTCOME_REFUSED},
		{"two buffers of one zwp_linux_buffer_params_v1", used_twice,	      OUTCOME_REFUSED},
		{"a plane after the buffer",			     add_after_use,	    OUTCOME_REFUSED},
		{"a plane of what was destroyed",		  use_after_destroy,   OUTCOME_ERROR  },
		{"no width",				      no_width,	       OUTCOME_REFUSED},
		{"a negative size",				    negative,	      OUTCOME_REFUSED},
		{"an unknown format",			      unknown_format,      OUTCOME_ANY	 },
		{"an offset that wraps around",			offset_wraps,	      OUTCOME_REFUSED},
		{"a stride that wraps around",		       stride_wraps,	     OUTCOME_REFUSED},
		{"an offset behind the end",			     outside,	      OUTCOME_REFUSED},
		{"planes of ordinary memory",		      planes_of_memory,	OUTCOME_ANY	   },
		{"planes of a pipe",				     planes_of_pipe,	     OUTCOME_ANY	},
		{"planes of a directory",			  planes_of_directory, OUTCOME_ANY	  },
		{"planes of /dev/zero",				planes_of_device,	  OUTCOME_REFUSED},
		{"planes of the GPU itself",			     planes_of_gpu,	    OUTCOME_REFUSED},
		{"planes of a socket",			       planes_of_socket,	 OUTCOME_REFUSED},
		{"planes of the client's own socket",	      planes_of_itself,	OUTCOME_ANY	   },
	};
	OFFENCE_RUN(arena, offences);
}

/* Fences that are none, where the compositor has explicit synchronisation ------------------------------------------ */

static void fence_of(struct arena *arena, const char *what, int fd)
{
	struct offender offender = {.arena = arena};
	struct client *client = &offender.client;
	arena->what = what;
	arena_connect(arena, client);
	uint32_t manager = client_bind(client, "zwp_linux_explicit_synchronization_v1", 2);
	uint32_t compositor = client_bind(client, "wl_compositor", 4);
	if (manager) {
		uint32_t surface = client_id(client), synchronization = client_id(client);
		wire_send(&client->wire, compositor, 0, "n", surface);
		wire_send(&client->wire, manager, 1, "no", synchronization, surface);
		offender_settle(&offender);
		wire_put_fd(&client->wire, fd);
		wire_send(&client->wire, synchronization, 1, "");
		wire_send(&client->wire, surface, 6, "");
		client_flush(client, PATIENCE);
		CHECK(arena, client_wait_closed(client, PATIENCE) && client->failed, "the compositor takes it");
		printf("%-60s %s\n", what, client->error_text);
	}
	close(fd);
	client_close(client);
	arena_check_calm(arena);
}

static void fences(struct arena *arena)
{
	fence_of(arena, "a fence that is memory", make_memory());
	fence_of(arena, "a fence that is /dev/zero", open("/dev/zero", O_RDWR | O_CLOEXEC));
	fence_of(arena, "a fence that is the proxy's socket", wire_connect(arena->listen));
}

/* Too many --------------------------------------------------------------------------------------------------------- */

/* Four planes for each of n, none of which becomes a buffer: the compositor would keep them all open. */
static void hoard(struct arena *arena, unsigned n, bool destroy)
{
	struct client client;
	arena_connect(arena, &client);
	uint32_t dmabuf = bind_dmabuf(arena, &client);
	int fd = make_memory();
	bool ok = true;
	for (unsigned i = 0; ok && i < n; i++) {
		uint32_t params = put_params(&client, dmabuf);
		for (uint32_t plane = 0; plane < 4; plane++)
			add(&client, params, fd, plane, 0, STRIDE);
		if (destroy)
			wire_send(&client.wire, params, PARAMS_DESTROY, "");
		ok = client_flush(&client, PATIENCE);
	}
	close(fd);
	if (destroy) {
		CHECK(arena, client_roundtrip(&client), "the client is not served: %s", client.error_text);
	} else {
		client_flush(&client, PATIENCE);
		CHECK(arena, client_wait_closed(&client, PATIENCE), "there is no limit");
		CHECK(arena, client.failed && client.error_code == CODE_NO_MEMORY, "the client was told: %u, %s",
			client.error_code, client.error_text);
	}
	printf("%s: %s\n", arena->what, destroy ? "(goes on)" : client.error_text);
	client_close(&client);
	arena_check_calm(arena);
}

void case_dmabuf(struct arena *arena)
{
	offences(arena);
	fences(arena);
	arena->what = "20,000 planes that are never used";
	hoard(arena, 5000, false);
	arena->what = "20,000 planes, each destroyed before the next";
	hoard(arena, 5000, true);
}
