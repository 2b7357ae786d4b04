#include "stub.h"

#include "security-context-v1-server.h"
#include "viewporter-server.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-server.h>

/* One security context: its clients know it as their seat's name. */
struct context {
	char engine[64], app_id[128], instance[64];
	int listen_fd;
	struct wl_event_source *source, *close_source;
};

/* A client that came through one; wl_client_get_destroy_listener() finds it. */
struct confined {
	struct wl_listener destroyed;
	struct context *context;
};

static struct wl_display *display;
static struct stub_options stub_options;

static void on_confined_destroyed(struct wl_listener *listener, void *data)
{
	struct confined *confined = wl_container_of(listener, confined, destroyed);
	free(confined);
}

static const struct context *context_of(const struct wl_client *client)
{
	struct wl_listener *listener =
		wl_client_get_destroy_listener((struct wl_client *)client, on_confined_destroyed);
	struct confined *confined = listener ? wl_container_of(listener, confined, destroyed) : NULL;
	return confined ? confined->context : NULL;
}

static bool filter(const struct wl_client *client, const struct wl_global *global, void *data)
{
	const char *name = wl_global_get_interface(global)->name;
	if (!context_of(client))
		return true;
	if (strcmp(name, "wp_security_context_manager_v1") == 0)
		return false;
	return !stub_options.withheld || strcmp(name, stub_options.withheld) != 0;
}

static void bind_seat(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	const struct context *context = context_of(client);
	struct wl_resource *resource = wl_resource_create(client, &wl_seat_interface, (int)version, id);
	char name[300] = "raw";
	CHECK(resource);
	if (context)
		snprintf(name, sizeof name, "%s %s %s", context->engine, context->app_id, context->instance);
	wl_seat_send_name(resource, name);
}

static void bind_nothing(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	CHECK(wl_resource_create(client, data, (int)version, id));
}

static void destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static void set_engine(struct wl_client *client, struct wl_resource *resource, const char *text)
{
	struct context *context = wl_resource_get_user_data(resource);
	snprintf(context->engine, sizeof context->engine, "%s", text);
}

static void set_app_id(struct wl_client *client, struct wl_resource *resource, const char *text)
{
	struct context *context = wl_resource_get_user_data(resource);
	snprintf(context->app_id, sizeof context->app_id, "%s", text);
}

static void set_instance(struct wl_client *client, struct wl_resource *resource, const char *text)
{
	struct context *context = wl_resource_get_user_data(resource);
	snprintf(context->instance, sizeof context->instance, "%s", text);
}

static int on_connect(int fd, uint32_t mask, void *data)
{
	int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	struct wl_client *client = client_fd < 0 ? NULL : wl_client_create(display, client_fd);
	struct confined *confined = calloc(1, sizeof *confined);
	CHECK(client && confined);
	confined->context = data;
	confined->destroyed.notify = on_confined_destroyed;
	wl_client_add_destroy_listener(client, &confined->destroyed);
	return 0;
}

/* The socket is closed with the other end of close_fd. */
static int on_close(int fd, uint32_t mask, void *data)
{
	struct context *context = data;
	wl_event_source_remove(context->source);
	wl_event_source_remove(context->close_source);
	close(context->listen_fd);
	close(fd);
	return 0;
}

static void commit(struct wl_client *client, struct wl_resource *resource)
{
	struct context *context = wl_resource_get_user_data(resource);
	struct wl_event_loop *loop = wl_display_get_event_loop(display);
	context->source = wl_event_loop_add_fd(loop, context->listen_fd, WL_EVENT_READABLE, on_connect, context);
	CHECK(context->source);
}

static void create_listener(
	struct wl_client *client, struct wl_resource *manager, uint32_t id, int32_t listen_fd, int32_t close_fd)
{
	static const struct wp_security_context_v1_interface implementation = {
		destroy, set_engine, set_app_id, set_instance, commit};
	struct context *context = calloc(1, sizeof *context);
	struct wl_resource *resource = wl_resource_create(client, &wp_security_context_v1_interface, 1, id);
	CHECK(context && resource);
	context->listen_fd = listen_fd;
	wl_resource_set_implementation(resource, &implementation, context, NULL);
	context->close_source =
		wl_event_loop_add_fd(wl_display_get_event_loop(display), close_fd, 0, on_close, context);
	CHECK(context->close_source);
}

static void bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
	static const struct wp_security_context_manager_v1_interface implementation = {destroy, create_listener};
	struct wl_resource *resource =
		wl_resource_create(client, &wp_security_context_manager_v1_interface, (int)version, id);
	CHECK(resource);
	wl_resource_set_implementation(resource, &implementation, NULL, NULL);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	unlink(path);
	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 16) == 0);
	return fd;
}

void stub_run(const char *path, const struct stub_options *options, int ready_fd)
{
	stub_options = *options;
	int fd = listen_at(path);
	CHECK(write(ready_fd, "\n", 1) == 1);
	while (options->mute)
		pause();
	display = wl_display_create();
	CHECK(display && wl_display_add_socket_fd(display, fd) == 0);
	wl_display_set_global_filter(display, filter, NULL);
	CHECK(wl_global_create(display, &wl_seat_interface, 5, NULL, bind_seat));
	CHECK(wl_global_create(display, &wp_viewporter_interface, 1, (void *)&wp_viewporter_interface, bind_nothing));
	CHECK(wl_global_create(display, &wl_compositor_interface, 4, (void *)&wl_compositor_interface, bind_nothing));
	if (options->context)
		CHECK(wl_global_create(display, &wp_security_context_manager_v1_interface, 1, NULL, bind_manager));
	wl_display_run(display);
	_exit(0);
}
