/* Waits for the sockets of the sessions, which is nearly all that the proxy ever waits for: with epoll itself and
 * edge-triggered, so that the kernel looks at a socket once for what came and not again before the next wait. Everything
 * else is in libwayland's loop, whose descriptor is one of those waited for. */
#include "private.h"

#include "fd.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 32 };

static int control(struct engine *engine, int operation, int fd, uint32_t mask, void *data)
{
	struct epoll_event event = {.events = mask, .data.ptr = data};
	return epoll_ctl(engine->epoll, operation, fd, &event);
}

int sockets_open(struct engine *engine)
{
	wl_list_init(&engine->unread);
	engine->epoll = epoll_create1(EPOLL_CLOEXEC);
	return engine->epoll < 0 ? -1
				 : control(engine, EPOLL_CTL_ADD, wl_event_loop_get_fd(engine->loop), EPOLLIN, NULL);
}

void sockets_close(struct engine *engine)
{
	fd_closep(&engine->epoll);
}

int socket_watch(struct connection *connection, uint32_t mask)
{
	struct engine *engine = connection->session->engine;
	int operation = connection->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (connection->watched && mask == connection->mask)
		return 0;
	// Asked for anew, what is there already is an event again.
	if (control(engine, operation, connection->fd, mask | EPOLLET, connection) < 0)
		return -1;
	connection->watched = true;
	connection->mask = mask;
	return 0;
}

void socket_set_unread(struct connection *connection, bool unread)
{
	if (unread == connection->unread)
		return;
	if (unread)
		wl_list_insert(connection->session->engine->unread.prev, &connection->unread_link);
	else
		wl_list_remove(&connection->unread_link);
	connection->unread = unread;
}

void socket_unwatch(struct connection *connection)
{
	socket_set_unread(connection, false);
	if (connection->watched)
		control(connection->session->engine, EPOLL_CTL_DEL, connection->fd, 0, NULL);
	connection->watched = false;
}

/* One read each, so that nobody who sends without end is alone. */
static void read_unread(struct engine *engine)
{
	struct wl_list list;
	wl_list_init(&list);
	wl_list_insert_list(&list, &engine->unread);
	wl_list_init(&engine->unread);
	while (!wl_list_empty(&list)) {
		struct connection *connection = wl_container_of(list.next, connection, unread_link);
		socket_set_unread(connection, false);
		session_on_socket(connection, EPOLLIN);
	}
}

int engine_dispatch(struct engine *engine, int timeout)
{
	struct epoll_event events[EVENTS];
	bool others = false;
	do {
		if (engine->touched)
			sessions_attend(engine);
		wl_event_loop_dispatch_idle(engine->loop);
	} while (engine->touched);
	int n = epoll_wait(engine->epoll, events, EVENTS, wl_list_empty(&engine->unread) ? timeout : 0);
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	if (!wl_list_empty(&engine->unread))
		read_unread(engine);
	for (int i = 0; i < n; i++) {
		// No session is freed here, but an earlier event may have closed this one's socket.
		struct connection *connection = events[i].data.ptr;
		if (!connection)
			others = true;
		else if (connection->watched)
			session_on_socket(connection, events[i].events);
	}
	return others ? wl_event_loop_dispatch(engine->loop, 0) : 0;
}
