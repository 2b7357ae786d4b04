/* libwayland's server as the compositor: it has every global, makes what it is asked for and does nothing else. */
#include "harness.h"
#include "judge.h"

#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>

enum { RESOURCES_MAX = 512 };

static struct wl_display *display;
static struct wl_client *client;
static struct wl_listener client_destroyed;
static struct wl_resource *resources[RESOURCES_MAX];
static size_t n_resources;

/* wl_resource has no way to its interface. */
static const struct wl_interface *interfaces[RESOURCES_MAX];

static int dispatch(const void *implementation, void *target, uint32_t opcode, const struct wl_message *message,
	union wl_argument *args);

static void on_resource_destroyed(struct wl_resource *resource)
{
	for (size_t i = 0; i < n_resources; i++) {
		if (resources[i] != resource)
			continue;
		n_resources--;
		resources[i] = resources[n_resources];
		interfaces[i] = interfaces[n_resources];
		return;
	}
}

static struct wl_resource *make(const struct wl_interface *interface, uint32_t version, uint32_t id)
{
	struct wl_resource *resource = wl_resource_create(client, interface, (int)version, id);
	MUST(resource);
	wl_resource_set_dispatcher(resource, dispatch, interface, NULL, on_resource_destroyed);
	if (n_resources < RESOURCES_MAX) {
		resources[n_resources] = resource;
		interfaces[n_resources++] = interface;
	}
	return resource;
}

static int dispatch(const void *implementation, void *target, uint32_t opcode, const struct wl_message *message,
	union wl_argument *args)
{
	struct wl_resource *resource = target;
	const struct wl_interface *interface = implementation;
	uint32_t version = (uint32_t)wl_resource_get_version(resource);
	unsigned i = 0;
	judge_request(interface->name, message, args);
	for (const char *p = message->signature; *p; p++) {
		if (!strchr("iufsonah", *p))
			continue;
		if (*p == 'h')
			close(args[i].h);
		if (*p == 'n')
			make(message->types[i], version, args[i].n);
		i++;
	}
	if (fuzz_is_destructor(interface, true, opcode))
		wl_resource_destroy(resource);
	return 0;
}

static void bind(struct wl_client *bound, void *data, uint32_t version, uint32_t id)
{
	const struct wl_interface *interface = data;
	MUST(!judge_hides(interface->name));
	make(interface, version, id);
}

static void on_log(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
static void on_log(const char *format, va_list args)
{
	fprintf(stderr, "libwayland: ");
	vfprintf(stderr, format, args);
	abort();
}

/* libwayland tells a client what it did wrong, and never itself: so that is a complaint too. */
static void on_message(
	void *data, enum wl_protocol_logger_type direction, const struct wl_protocol_logger_message *message)
{
	if (direction != WL_PROTOCOL_LOGGER_EVENT ||
		strcmp(wl_resource_get_class(message->resource), "wl_display") != 0 || message->message_opcode != 0)
		return;
	fprintf(stderr, "libwayland: %s\n", message->arguments[2].s);
	abort();
}

static void on_client_destroyed(struct wl_listener *listener, void *data)
{
	client = NULL;
}

static void open_server(int fd)
{
	if (!display) {
		display = wl_display_create();
		MUST(display);
		wl_log_set_handler_server(on_log);
		MUST(wl_display_add_protocol_logger(display, on_message, NULL));
		for (size_t i = 0; i < fuzz_n_globals; i++) {
			const struct wl_interface *interface = fuzz_interface(fuzz_globals[i].interface);
			MUST(interface && wl_global_create(display, interface, (int)fuzz_globals[i].version,
						  (void *)interface, bind));
		}
	}
	client = wl_client_create(display, fd);
	MUST(client);
	client_destroyed.notify = on_client_destroyed;
	wl_client_add_destroy_listener(client, &client_destroyed);
}

static void *find(const struct wl_interface *interface, uint8_t value)
{
	if (value & 1)
		return NULL;
	for (size_t i = 0; i < n_resources; i++)
		if (interfaces[i] == interface || !interface)
			return resources[i];
	return NULL;
}

static void act(struct step step)
{
	union wl_argument args[20];
	if (n_resources == 0)
		return;
	size_t at = step.object % n_resources;
	struct wl_resource *resource = resources[at];
	const struct wl_interface *interface = interfaces[at];
	if (interface->event_count == 0)
		return;
	uint32_t opcode = step.message % (uint32_t)interface->event_count;
	const struct wl_message *message = &interface->events[opcode];
	if (!fuzz_make_args(message, step.value, args, find))
		return;
	unsigned i = 0;
	for (const char *p = message->signature; *p; p++) {
		if (*p == 'n')
			args[i].o = (void *)make(message->types[i], (uint32_t)wl_resource_get_version(resource), 0);
		i += strchr("iufsonah", *p) != NULL;
	}
	wl_resource_post_event_array(resource, opcode, args);
	if (fuzz_is_destructor(interface, false, opcode))
		wl_resource_destroy(resource);
}

static void run(void)
{
	wl_event_loop_dispatch(wl_display_get_event_loop(display), 0);
	wl_display_flush_clients(display);
}

static void close_server(void)
{
	if (client)
		wl_client_destroy(client);
	MUST(n_resources == 0 && !client);
}

const struct far_end server_end = {open_server, act, run, close_server};
