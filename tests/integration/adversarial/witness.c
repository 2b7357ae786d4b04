#include "witness.h"

#include "wire.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <wayland-client.h>

enum { SIZE = 64, PAUSE = 2000 /* us */ };

static struct wl_compositor *compositor;
static struct wl_shm *shm;

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
	if (strcmp(interface, wl_compositor_interface.name) == 0)
		compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	else if (strcmp(interface, wl_shm_interface.name) == 0)
		shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener listener = {.global = on_global, .global_remove = on_global_remove};

static struct wl_surface *make_surface(struct wl_display *display)
{
	wl_registry_add_listener(wl_display_get_registry(display), &listener, NULL);
	if (wl_display_roundtrip(display) < 0 || !compositor || !shm)
		return NULL;
	int memory = memfd_create("witness", MFD_CLOEXEC);
	if (memory < 0 || ftruncate(memory, SIZE * SIZE * 4) < 0)
		return NULL;
	struct wl_shm_pool *pool = wl_shm_create_pool(shm, memory, SIZE * SIZE * 4);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(pool, 0, SIZE, SIZE, SIZE * 4, WL_SHM_FORMAT_XRGB8888);
	struct wl_surface *surface = wl_compositor_create_surface(compositor);
	wl_surface_attach(surface, buffer, 0, 0);
	close(memory);
	return surface;
}

static void testify(struct witness *witness, int fd)
{
	struct wl_display *display = wl_display_connect_to_fd(fd);
	struct wl_surface *surface = display ? make_surface(display) : NULL;
	while (surface) {
		wl_surface_damage_buffer(surface, 0, 0, SIZE, SIZE);
		wl_surface_commit(surface);
		if (wl_display_roundtrip(display) < 0)
			break;
		witness->n_round_trips++;
		usleep(PAUSE);
	}
	witness->failed = errno ? errno : EPROTO;
}

struct witness *witness_start(const char *path)
{
	struct witness *witness =
		mmap(NULL, sizeof *witness, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (witness == MAP_FAILED)
		return NULL;
	int fd = wire_connect(path);
	pid_t parent = getpid(), pid = fd < 0 ? -1 : fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			testify(witness, fd);
		_exit(1);
	}
	close(fd);
	witness->process.pid = pid;
	return pid > 0 && witness_lives(witness, 10000) ? witness : NULL;
}

bool witness_lives(struct witness *witness, int milliseconds)
{
	uint32_t before = witness->n_round_trips;
	uint64_t end = wire_now() + (uint64_t)milliseconds * 1000000;
	while (!witness->failed && witness->n_round_trips < before + 3 && wire_now() < end)
		usleep(500);
	return !witness->failed && witness->n_round_trips >= before + 3;
}

void witness_stop(struct witness *witness)
{
	if (!witness)
		return;
	process_stop(&witness->process);
	munmap(witness, sizeof *witness);
}
