#include "proxy.h"

#include "engine.h"
#include "fd.h"
#include "globals.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <wayland-server-core.h>

enum {
	RETRY_MS = 100,
	REFUSED_READS = 128,
	ERROR_NO_MEMORY_CODE = 2, // of wl_display.error
	ERROR_IMPLEMENTATION_CODE = 3,
};

struct listener {
	struct wl_list link; // proxy::listeners
	struct proxy *proxy;
	char *upstream;
	int fd;
	struct wl_event_source *source, *timer;
	bool raw;
};

/* A client whose connection to the compositor is being made. */
struct waiting {
	struct wl_list link; // proxy::waiting
	struct listener *listener;
	int fd;
	uint32_t number; // of connector_connect()
	bool raw;
};

struct proxy {
	struct wl_event_loop *loop;
	struct filter *filter;
	struct connector *connector;
	struct policy *policy;
	char *directory;
	struct wl_list listeners, waiting;
	size_t n_waiting;
};

static int on_connectable(int fd, uint32_t mask, void *data);

/* The client's library prints this, so that a person sees why the application does not start. */
static void refuse(int fd, uint32_t code, const char *text)
{
	uint32_t message[5 + 128];
	size_t length = strlen(text);
	if (length > sizeof message - 20 - 1)
		length = sizeof message - 20 - 1;
	memset(message, 0, sizeof message);
	size_t size = 20 + ((length + 4) & ~(size_t)3);
	message[0] = 1;			   // wl_display
	message[1] = (uint32_t)size << 16; // error
	message[2] = 1;
	message[3] = code;
	message[4] = (uint32_t)length + 1;
	memcpy(message + 5, text, length);
	fd_send(fd, message, size, NULL, 0, MSG_DONTWAIT);
	// What it has sent already would make close() reset the connection before it reads this. One that sends on and on,
	// faster than this reads, does not get more than a socket holds.
	char rest[4096];
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < REFUSED_READS && recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0; i++)
		;
}

static void waiting_free(struct waiting *waiting)
{
	waiting->listener->proxy->n_waiting--;
	wl_list_remove(&waiting->link);
	fd_closep(&waiting->fd);
	free(waiting);
}

static bool is_withheld(const char *withheld, const char *name)
{
	for (; *withheld; withheld += strlen(withheld) + 1)
		if (strcmp(withheld, name) == 0)
			return true;
	return false;
}

/* The first global that the policy grants and that is missing under a security context; NULL when there is none. The
 * filter makes up for a missing zxdg_output_manager_v1. */
static const char *find_granted(const struct proxy *proxy, const char *withheld)
{
	for (; *withheld; withheld += strlen(withheld) + 1) {
		const struct interface *table = engine_interface(filter_engine(proxy->filter), withheld);
		if (table && strcmp(withheld, "zxdg_output_manager_v1") != 0 &&
			globals_offer(proxy->policy, withheld, table->version, table->version) > 0)
			return withheld;
	}
	return NULL;
}

static void on_connected(int fd, const char *error, const char *withheld, void *data);

static bool connect_upstream(struct waiting *waiting)
{
	struct proxy *proxy = waiting->listener->proxy;
	waiting->raw = waiting->listener->raw;
	const struct connect_to to = {
		.upstream = waiting->listener->upstream,
		.directory = proxy->directory,
		.project = proxy->policy->project ? proxy->policy->project : "",
		.raw = waiting->raw,
	};
	waiting->number = connector_connect(proxy->connector, &to, on_connected, waiting);
	if (waiting->number != 0)
		return true;
	log_error("isolate: cannot ask for a connection to %s: %s", to.upstream, strerror(errno));
	refuse(waiting->fd, ERROR_IMPLEMENTATION_CODE, "isolate-wlproxy cannot reach the compositor");
	waiting_free(waiting);
	return false;
}

static void on_connected(int fd, const char *error, const char *withheld, void *data)
{
	struct waiting *waiting = data;
	struct listener *listener = waiting->listener;
	struct proxy *proxy = listener->proxy;
	if (fd < 0) {
		log_error("host: %s", error);
		refuse(waiting->fd, ERROR_IMPLEMENTATION_CODE, error);
		waiting_free(waiting);
		return;
	}
	const char *granted = waiting->raw ? NULL : find_granted(proxy, withheld);
	if (granted) {
		if (!listener->raw)
			log_info("the compositor withholds %s from sandboxed clients, but the policy grants it: "
				 "connecting without a security context",
				granted);
		listener->raw = true;
		fd_closep(&fd);
		connect_upstream(waiting);
		return;
	}
	int client = fd_steal(&waiting->fd);
	waiting_free(waiting);
	void *tag = is_withheld(withheld, "zxdg_output_manager_v1") ? FILTER_TAG_LACKS_XDG_OUTPUT : NULL;
	if (!engine_add_session(filter_engine(proxy->filter), client, fd, tag))
		log_warning("client: refused: %s", strerror(errno));
}

static int on_retry(void *data)
{
	struct listener *listener = data;
	wl_event_source_fd_update(listener->source, WL_EVENT_READABLE);
	return 0;
}

/* Out of descriptors, say: the client stays in the queue and is tried again. */
static void rest(struct listener *listener)
{
	if (!listener->timer)
		listener->timer = wl_event_loop_add_timer(listener->proxy->loop, on_retry, listener);
	if (!listener->timer)
		return;
	wl_event_source_fd_update(listener->source, 0);
	wl_event_source_timer_update(listener->timer, RETRY_MS);
}

static int on_connectable(int fd, uint32_t mask, void *data)
{
	struct listener *listener = data;
	struct proxy *proxy = listener->proxy;
	autofd client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			rest(listener);
		return 0;
	}
	struct engine *engine = filter_engine(proxy->filter);
	if (engine_count_sessions(engine) + proxy->n_waiting >= proxy->policy->limits[POLICY_MAX_CLIENTS]) {
		log_warning("client: refused, since the project has its %" G_GUINT64_FORMAT " connections",
			proxy->policy->limits[POLICY_MAX_CLIENTS]);
		refuse(client, ERROR_NO_MEMORY_CODE, "isolate-wlproxy: too many connections of this project");
		return 0;
	}
	struct waiting *waiting = calloc(1, sizeof *waiting);
	if (!waiting)
		return 0;
	waiting->listener = listener;
	waiting->fd = fd_steal(&client);
	wl_list_insert(&proxy->waiting, &waiting->link);
	proxy->n_waiting++;
	connect_upstream(waiting);
	return 0;
}

struct proxy *proxy_create(struct wl_event_loop *loop, struct filter *filter, struct connector *connector)
{
	struct proxy *proxy = calloc(1, sizeof *proxy);
	if (!proxy)
		return NULL;
	proxy->loop = loop;
	proxy->filter = filter;
	proxy->connector = connector;
	wl_list_init(&proxy->listeners);
	wl_list_init(&proxy->waiting);
	return proxy;
}

static void listener_free(struct listener *listener)
{
	if (listener->source)
		wl_event_source_remove(listener->source);
	if (listener->timer)
		wl_event_source_remove(listener->timer);
	fd_closep(&listener->fd);
	wl_list_remove(&listener->link);
	free(listener->upstream);
	free(listener);
}

void proxy_destroy(struct proxy *proxy)
{
	if (!proxy)
		return;
	struct waiting *waiting, *next_waiting;
	struct listener *listener, *next_listener;
	wl_list_for_each_safe (waiting, next_waiting, &proxy->waiting, link)
		waiting_free(waiting);
	wl_list_for_each_safe (listener, next_listener, &proxy->listeners, link)
		listener_free(listener);
	connector_destroy(proxy->connector);
	if (proxy->policy)
		policy_unref(proxy->policy);
	free(proxy->directory);
	free(proxy);
}

void proxy_set_policy(struct proxy *proxy, const struct policy *policy, const char *directory)
{
	struct policy *before = proxy->policy;
	struct listener *listener;
	proxy->policy = policy_ref((struct policy *)policy);
	if (before)
		policy_unref(before);
	free(proxy->directory);
	proxy->directory = strdup(directory);
	wl_list_for_each (listener, &proxy->listeners, link)
		listener->raw = false;
}

int proxy_listen(struct proxy *proxy, const char *upstream, int fd)
{
	struct listener *listener = calloc(1, sizeof *listener);
	if (!listener) {
		fd_closep(&fd);
		return -1;
	}
	listener->proxy = proxy;
	listener->fd = fd;
	listener->upstream = strdup(upstream);
	wl_list_insert(&proxy->listeners, &listener->link);
	if (listener->upstream && fd_set_nonblocking(fd, true) == 0)
		listener->source = wl_event_loop_add_fd(proxy->loop, fd, WL_EVENT_READABLE, on_connectable, listener);
	if (listener->source)
		return 0;
	listener_free(listener);
	return -1;
}
