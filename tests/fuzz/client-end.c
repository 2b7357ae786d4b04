/* libwayland's client: it binds every global and listens to everything. */
#include "harness.h"
#include "judge.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client-core.h>

enum { PROXIES_MAX = 512, SERVER_FIRST = 0xff000000u, DESTROYED_MAX = 64, ROUNDS_ON_ITS_WAY = 2 };

extern const struct wl_interface wl_registry_interface;

static struct wl_display *display;
static struct wl_proxy *registry;
static struct wl_proxy *proxies[PROXIES_MAX];
static const struct wl_interface *interfaces[PROXIES_MAX];
static size_t n_proxies;
static bool protocol_error;

/* Objects that the compositor made and the client destroyed, while the engine may not have read that yet: who names one in
 * the meantime ends libwayland's client, behind the engine as without it. */
static struct {
	uint32_t id;
	unsigned rounds;
} destroyed[DESTROYED_MAX];

static void note_destroyed(uint32_t id)
{
	for (size_t i = 0; id >= SERVER_FIRST && i < DESTROYED_MAX; i++) {
		if (destroyed[i].rounds > 0)
			continue;
		destroyed[i].id = id;
		destroyed[i].rounds = ROUNDS_ON_ITS_WAY;
		return;
	}
}

static bool is_on_its_way(uint32_t id)
{
	for (size_t i = 0; i < DESTROYED_MAX; i++)
		if (destroyed[i].rounds > 0 && destroyed[i].id == id)
			return true;
	return false;
}

static void count_round(void)
{
	for (size_t i = 0; i < DESTROYED_MAX; i++)
		destroyed[i].rounds -= destroyed[i].rounds > 0;
}

static void keep(struct wl_proxy *proxy, const struct wl_interface *interface);

static void bind(uint32_t name, const char *interface_name, uint32_t version)
{
	const struct wl_interface *interface = fuzz_interface(interface_name);
	union wl_argument args[4] = {{.u = name}, {.s = interface_name}, {.u = version}, {.n = 0}};
	if (!interface || n_proxies >= PROXIES_MAX)
		return;
	MUST(!judge_hides(interface_name));
	MUST(version > 0 && version <= (uint32_t)interface->version);
	keep(wl_proxy_marshal_array_flags(registry, 0, interface, version, 0, args), interface);
}

static void forget(struct wl_proxy *proxy)
{
	for (size_t i = 0; i < n_proxies; i++) {
		if (proxies[i] != proxy)
			continue;
		n_proxies--;
		proxies[i] = proxies[n_proxies];
		interfaces[i] = interfaces[n_proxies];
	}
	wl_proxy_destroy(proxy);
}

static int dispatch(const void *implementation, void *target, uint32_t opcode, const struct wl_message *message,
	union wl_argument *args)
{
	const struct wl_interface *interface = implementation;
	unsigned i = 0;
	if (target == registry) {
		if (opcode == 0)
			bind(args[0].u, args[1].s, args[2].u);
		return 0;
	}
	judge_event(interface->name, message, args);
	for (const char *p = message->signature; *p; p++) {
		if (!strchr("iufsonah", *p))
			continue;
		if (*p == 'h')
			close(args[i].h);
		if (*p == 'n')
			keep((struct wl_proxy *)args[i].o, message->types[i]);
		i++;
	}
	if (fuzz_is_destructor(interface, false, opcode))
		forget(target);
	return 0;
}

static void keep(struct wl_proxy *proxy, const struct wl_interface *interface)
{
	MUST(proxy);
	wl_proxy_add_dispatcher(proxy, dispatch, interface, NULL);
	MUST(n_proxies < PROXIES_MAX);
	proxies[n_proxies] = proxy;
	interfaces[n_proxies++] = interface;
}

/* libwayland does not free the objects of events that are not dispatched before the connection ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:wl_display_read_events\n";
}

/* What it says of wl_display.error is the compositor's word; everything else is about what the engine sent. */
static void on_log(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
static void on_log(const char *format, va_list args)
{
	if (strstr(format, "error %d: %s")) {
		protocol_error = true;
		return;
	}
	va_list copy;
	va_copy(copy, args);
	bool expected = strncmp(format, "unknown object (%u)", 19) == 0 && is_on_its_way(va_arg(copy, uint32_t));
	va_end(copy);
	if (expected) {
		protocol_error = true;
		return;
	}
	fprintf(stderr, "libwayland: ");
	vfprintf(stderr, format, args);
	abort();
}

static void open_client(int fd)
{
	union wl_argument args[1] = {{.n = 0}};
	wl_log_set_handler_client(on_log);
	protocol_error = false;
	memset(destroyed, 0, sizeof destroyed);
	display = wl_display_connect_to_fd(fd);
	MUST(display);
	registry = wl_proxy_marshal_array_flags((struct wl_proxy *)display, 1, &wl_registry_interface, 1, 0, args);
	MUST(registry);
	wl_proxy_add_dispatcher(registry, dispatch, &wl_registry_interface, NULL);
	wl_display_flush(display);
}

static void *find(const struct wl_interface *interface, uint8_t value)
{
	if (value & 1)
		return NULL;
	for (size_t i = 0; i < n_proxies; i++)
		if (interfaces[i] == interface || !interface)
			return proxies[i];
	return NULL;
}

static void act(struct step step)
{
	union wl_argument args[20];
	if (n_proxies == 0)
		return;
	size_t at = step.object % n_proxies;
	struct wl_proxy *proxy = proxies[at];
	const struct wl_interface *interface = interfaces[at];
	if (interface->method_count == 0)
		return;
	uint32_t opcode = step.message % (uint32_t)interface->method_count, version = wl_proxy_get_version(proxy);
	const struct wl_message *message = &interface->methods[opcode], *m = message;
	const struct wl_interface *made = NULL;
	unsigned i = 0, since = (unsigned)strtoul(m->signature, NULL, 10);
	for (const char *p = m->signature; *p; p++) {
		if (*p == 'n')
			made = m->types[i];
		i += strchr("iufsonah", *p) != NULL;
	}
	if (since > version || (made && n_proxies >= PROXIES_MAX / 2) || !fuzz_make_args(m, step.value, args, find))
		return;
	struct wl_proxy *result = wl_proxy_marshal_array_flags(proxy, opcode, made, version, 0, args);
	if (fuzz_is_destructor(interface, true, opcode))
		note_destroyed(wl_proxy_get_id(proxy));
	if (made && result)
		keep(result, made);
	if (fuzz_is_destructor(interface, true, opcode))
		forget(proxy);
}

static void run(void)
{
	wl_display_flush(display);
	while (wl_display_prepare_read(display) != 0)
		if (wl_display_dispatch_pending(display) < 0)
			return;
	struct pollfd readable = {wl_display_get_fd(display), POLLIN, 0};
	if (poll(&readable, 1, 0) > 0)
		wl_display_read_events(display);
	else
		wl_display_cancel_read(display);
	wl_display_dispatch_pending(display);
	count_round();
	int error = wl_display_get_error(display);
	MUST(error == 0 || error == EPIPE || error == ECONNRESET || protocol_error);
}

static void close_client(void)
{
	while (n_proxies > 0)
		forget(proxies[0]);
	wl_proxy_destroy(registry);
	wl_display_disconnect(display);
	display = NULL;
}

static void run_if_open(void)
{
	if (display)
		run();
}

const struct far_end client_end = {open_client, act, run_if_open, close_client};
