/* The floods again as an application makes them, with libwayland-client: what it costs the client is part of what a
 * person sees. */
#include "workloads.h"

#include "wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

struct app {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct wl_seat *seat;
	unsigned n_done;
};

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
	struct app *app = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0)
		app->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	else if (strcmp(interface, wl_shm_interface.name) == 0)
		app->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	else if (strcmp(interface, wl_seat_interface.name) == 0)
		app->seat = wl_registry_bind(registry, name, &wl_seat_interface, 5);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {.global = on_global, .global_remove = on_global_remove};

static bool app_open(struct app *app, const char *path)
{
	*app = (struct app){0};
	int fd = wire_connect(path);
	app->display = fd < 0 ? NULL : wl_display_connect_to_fd(fd);
	if (!app->display)
		return false;
	app->registry = wl_display_get_registry(app->display);
	wl_registry_add_listener(app->registry, &registry_listener, app);
	return wl_display_roundtrip(app->display) >= 0 && app->compositor && app->shm && app->seat;
}

static void app_close(struct app *app)
{
	if (!app->display)
		return;
	wl_registry_destroy(app->registry);
	if (app->compositor)
		wl_compositor_destroy(app->compositor);
	if (app->shm)
		wl_shm_destroy(app->shm);
	if (app->seat)
		wl_seat_destroy(app->seat);
	wl_display_disconnect(app->display);
}

/* libwayland below 1.23 ends the connection when its 4 KiB are full and the socket is too, so a client that floods has
 * to send before that, and wait. */
static bool app_flush(struct app *app)
{
	while (wl_display_flush(app->display) < 0) {
		struct wire socket = {.fd = wl_display_get_fd(app->display)};
		if (wire_wait(&socket, POLLOUT, 10000) == 0)
			return false;
	}
	return true;
}

bool run_requests_libwayland(const char *path, double scale, struct bench_run *run)
{
	enum { PER_FLUSH = WIRE_CHUNK / 12 - 1 };
	struct app app;
	unsigned n = bench_scaled(200000, scale);
	bool ok = app_open(&app, path);
	struct wl_surface *surface = ok ? wl_compositor_create_surface(app.compositor) : NULL;
	ok = ok && wl_display_roundtrip(app.display) >= 0;
	uint64_t start = wire_now();
	for (unsigned i = 0; ok && i < n; i++) {
		wl_surface_set_buffer_scale(surface, 1 + (int)(i % 2));
		if (i % PER_FLUSH == 0)
			ok = app_flush(&app);
	}
	ok = ok && wl_display_roundtrip(app.display) >= 0;
	*run = (struct bench_run){.value = n / bench_seconds_since(start), .messages = n};
	if (surface)
		wl_surface_destroy(surface);
	app_close(&app);
	return ok;
}

static void on_done(void *data, struct wl_callback *callback, uint32_t serial)
{
	struct app *app = data;
	app->n_done++;
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener callback_listener = {.done = on_done};

bool run_syncs_libwayland(const char *path, double scale, struct bench_run *run)
{
	enum { WINDOW = 256 };
	struct app app;
	unsigned n = bench_scaled(60000, scale), sent = 0;
	bool ok = app_open(&app, path);
	uint64_t start = wire_now();
	while (ok && app.n_done < n) {
		for (; sent < n && sent - app.n_done < WINDOW; sent++)
			wl_callback_add_listener(wl_display_sync(app.display), &callback_listener, &app);
		ok = wl_display_dispatch(app.display) >= 0;
	}
	*run = (struct bench_run){.value = n / bench_seconds_since(start), .messages = 3.0 * n};
	app_close(&app);
	return ok;
}

static void make_pool(struct app *app, int memory)
{
	struct wl_shm_pool *pool = wl_shm_create_pool(app->shm, memory, 16384);
	wl_buffer_destroy(wl_shm_pool_create_buffer(pool, 0, 64, 64, 256, WL_SHM_FORMAT_ARGB8888));
	wl_shm_pool_destroy(pool);
}

bool run_fds_libwayland(const char *path, double scale, struct bench_run *run)
{
	enum { BATCH = 16 };
	struct app app;
	unsigned n = bench_scaled(8000, scale);
	int memory = memfd_create("bench", MFD_CLOEXEC);
	if (memory < 0 || ftruncate(memory, 16384) < 0)
		abort();
	bool ok = app_open(&app, path);
	uint64_t start = wire_now();
	for (unsigned sent = 0; ok && sent < n; sent += BATCH) {
		for (unsigned i = 0; i < BATCH; i++)
			make_pool(&app, memory);
		wl_callback_add_listener(wl_display_sync(app.display), &callback_listener, &app);
		while (ok && app.n_done + 4 < sent / BATCH)
			ok = wl_display_dispatch(app.display) >= 0;
		ok = ok && app_flush(&app);
	}
	ok = ok && wl_display_roundtrip(app.display) >= 0;
	*run = (struct bench_run){.value = n / bench_seconds_since(start), .messages = 6.0 * n};
	app_close(&app);
	close(memory);
	return ok;
}

static void on_enter(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y)
{
}

static void on_leave(void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface)
{
}

static void on_motion(void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x, wl_fixed_t y)
{
}

static void on_frame(void *data, struct wl_pointer *pointer)
{
	struct app *app = data;
	app->n_done++;
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = on_enter, .leave = on_leave, .motion = on_motion, .frame = on_frame};

bool run_events_libwayland(const char *path, double scale, struct bench_run *run)
{
	struct app app;
	unsigned n = bench_scaled(60000, scale);
	bool ok = app_open(&app, path);
	struct wl_pointer *pointer = ok ? wl_seat_get_pointer(app.seat) : NULL;
	struct wl_surface *surface = ok ? wl_compositor_create_surface(app.compositor) : NULL;
	if (ok)
		wl_pointer_add_listener(pointer, &pointer_listener, &app);
	ok = ok && wl_display_roundtrip(app.display) >= 0;
	uint64_t start = wire_now();
	if (ok)
		wl_pointer_set_cursor(pointer, 1, surface, (int)n, 0);
	while (ok && app.n_done < n)
		ok = wl_display_dispatch(app.display) >= 0;
	*run = (struct bench_run){.value = 2 * n / bench_seconds_since(start), .messages = 2.0 * n};
	if (pointer) {
		wl_pointer_destroy(pointer);
		wl_surface_destroy(surface);
	}
	app_close(&app);
	return ok;
}
