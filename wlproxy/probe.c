#include "probe.h"

#include "fd.h"
#include "security-context-v1-client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <wayland-client.h>

enum {
	ANSWER_MS = 3000,
	NAMES_SIZE_MAX = 64 * 1024,
	BACKLOG = 128,
};

static int make_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address->sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address->sun_path, path);
	return 0;
}

int probe_open(const char *path)
{
	struct sockaddr_un address;
	autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || make_address(&address, path) < 0)
		return -1;
	// A compositor that hangs with a full backlog must not hang us.
	struct timeval timeout = {.tv_sec = ANSWER_MS / 1000};
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	timeout.tv_sec = 0;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	return fd_steal(&fd);
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One turn of reading and dispatching; false at an error or when the time is up. */
static bool turn(struct wl_display *display, int64_t deadline)
{
	while (wl_display_prepare_read(display) != 0)
		if (wl_display_dispatch_pending(display) < 0)
			return false;
	struct pollfd poll_fd = {wl_display_get_fd(display), POLLIN, 0};
	int64_t left = deadline - now_ms();
	if (wl_display_flush(display) < 0 || left <= 0 || poll(&poll_fd, 1, (int)left) <= 0) {
		wl_display_cancel_read(display);
		return false;
	}
	return wl_display_read_events(display) == 0 && wl_display_dispatch_pending(display) >= 0;
}

static void on_done(void *data, struct wl_callback *callback, uint32_t serial)
{
	*(bool *)data = true;
}

static bool roundtrip(struct wl_display *display)
{
	static const struct wl_callback_listener listener = {on_done};
	bool done = false;
	int64_t deadline = now_ms() + ANSWER_MS;
	struct wl_callback *callback = wl_display_sync(display);
	if (!callback)
		return false;
	wl_callback_add_listener(callback, &listener, &done);
	while (!done && turn(display, deadline))
		;
	wl_callback_destroy(callback);
	return done;
}

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
	struct probe *probe = data;
	uint32_t size = (uint32_t)strlen(interface) + 1;
	if (strcmp(interface, "wp_security_context_manager_v1") == 0)
		probe->manager = name;
	if (size == 1 || probe->names_size + size + 1 > NAMES_SIZE_MAX)
		return;
	char *names = realloc(probe->names, probe->names_size + size + 1);
	if (!names)
		return;
	probe->names = names;
	memcpy(names + probe->names_size, interface, size);
	probe->names_size += size;
	names[probe->names_size] = '\0';
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

const char *probe_connect(struct probe *probe, const char *path)
{
	static const struct wl_registry_listener listener = {on_global, on_global_remove};
	int fd = probe_open(path);
	if (fd < 0)
		return strerror(errno);
	probe->display = wl_display_connect_to_fd(fd);
	if (!probe->display)
		return "out of memory";
	probe->registry = wl_display_get_registry(probe->display);
	if (!probe->registry)
		return "out of memory";
	wl_registry_add_listener(probe->registry, &listener, probe);
	if (!roundtrip(probe->display) || !probe->names)
		return "does not answer as a Wayland compositor";
	return NULL;
}

bool probe_has(const struct probe *probe, const char *name)
{
	for (const char *p = probe->names; *p; p += strlen(p) + 1)
		if (strcmp(p, name) == 0)
			return true;
	return false;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address;
	autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || make_address(&address, path) < 0)
		return -1;
	mode_t mask = umask(0077);
	int result = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(mask);
	if (result < 0 || listen(fd, BACKLOG) < 0)
		return -1;
	return fd_steal(&fd);
}

int probe_make_context(struct probe *probe, const char *path, const char *project)
{
	int pair[2];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	autofd close_read = pair[0];
	autofd close_write = pair[1];
	autofd listening = listen_at(path);
	if (listening < 0)
		return -1;
	struct wp_security_context_manager_v1 *manager =
		wl_registry_bind(probe->registry, probe->manager, &wp_security_context_manager_v1_interface, 1);
	struct wp_security_context_v1 *context =
		wp_security_context_manager_v1_create_listener(manager, listening, close_read);
	char app_id[128], instance[32];
	snprintf(app_id, sizeof app_id, "isolate%s%s", *project ? "." : "", project);
	snprintf(instance, sizeof instance, "%ld", (long)getppid());
	wp_security_context_v1_set_sandbox_engine(context, "org.isolate");
	wp_security_context_v1_set_app_id(context, app_id);
	wp_security_context_v1_set_instance_id(context, instance);
	wp_security_context_v1_commit(context);
	wp_security_context_v1_destroy(context);
	wp_security_context_manager_v1_destroy(manager);
	if (!roundtrip(probe->display)) {
		unlink(path);
		return -1;
	}
	return fd_steal(&close_write);
}

void probe_finish(struct probe *probe)
{
	if (probe->registry)
		wl_registry_destroy(probe->registry);
	if (probe->display)
		wl_display_disconnect(probe->display);
	free(probe->names);
	*probe = (struct probe){0};
}
