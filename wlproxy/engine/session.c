#include "session.h"

#include "private.h"

#include "fd.h"
#include "protocol-opcodes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
	READABLE = EPOLLIN | EPOLLRDHUP,
	CROWDED_RETRY_MS = 10,
	LAST_WORDS_MS = 2000, // for a client to read why it is disconnected
	PAUSE_FDS = 256,
	BEHIND_SIZE = 64 * 1024,
	BEHIND_FDS = 64,
	ERROR_TEXT_MAX = 512,
};

struct engine *session_engine(const struct session *session)
{
	return session->engine;
}

void *session_tag(const struct session *session)
{
	return session->tag;
}

void *session_data(const struct session *session)
{
	return session->data;
}

void session_set_data(struct session *session, void *data)
{
	session->data = data;
}

pid_t session_client_pid(const struct session *session)
{
	return session->client_pid;
}

uint32_t session_serial(const struct session *session)
{
	return session->serial;
}

bool session_is_behind(const struct session *session)
{
	const struct connection *client = &session->client;
	return connection_waiting(client) > BEHIND_SIZE || connection_waiting_fds(client) > BEHIND_FDS;
}

struct object *session_display(struct session *session)
{
	return session->display;
}

struct object *session_find_client_object(struct session *session, uint32_t client_id)
{
	struct object *object = find_client_id(session, client_id);
	return object && !object_is_zombie(object) ? object : NULL;
}

/* Life ----------------------------------------------------------------------------------------------------------- */

void sessions_attend(struct engine *engine)
{
	struct session *session, *next;
	engine->touched = false;
	wl_list_for_each_safe (session, next, &engine->sessions, link) {
		if (!session->touched)
			continue;
		session->touched = false;
		objects_free_deferred(session);
		if (session->state != SESSION_DEAD) {
			connection_flush(&session->upstream);
			connection_flush(&session->client);
			session_attend(session);
		}
		if (session->state == SESSION_DEAD)
			session_free(session);
	}
}

static void look_later(struct session *session)
{
	session->touched = session->engine->touched = true;
}

void session_touch(struct session *session)
{
	if (!session->client.batch && !session->touched && session->state != SESSION_DEAD)
		look_later(session);
}

void session_destroy(struct session *session)
{
	session->state = SESSION_DEAD;
	look_later(session);
}

enum verdict session_error(struct session *session, struct object *object, uint32_t code, const char *format, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;
	if (session->state != SESSION_RUNNING)
		return VERDICT_ERROR;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (!object || object->client_id == 0)
		object = session->display;
	object_event(session->display, WL_DISPLAY_EVENT_ERROR, ARGS({.o = object}, {.u = code}, {.s = text}));
	if (session->state == SESSION_RUNNING)
		session->state = SESSION_UPSTREAM_GONE;
	session_touch(session);
	return VERDICT_ERROR;
}

static pid_t peer_pid(int fd)
{
	struct ucred credentials;
	socklen_t size = sizeof credentials;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		return 0;
	return credentials.pid;
}

struct session *session_create(struct engine *engine, int client_fd, int upstream_fd, void *tag)
{
	struct session *session = calloc(1, sizeof *session);
	if (!session) {
		fd_closep(&client_fd);
		fd_closep(&upstream_fd);
		return NULL;
	}
	session->engine = engine;
	session->tag = tag;
	session->client_pid = peer_pid(client_fd);
	session->serial = ++engine->last_serial;
	connection_init(&session->client, session, client_fd);
	connection_init(&session->upstream, session, upstream_fd);
	wl_list_insert(engine->sessions.prev, &session->link);
	engine->n_sessions++;
	if (objects_init(session) < 0 || socket_watch(&session->client, READABLE) < 0 ||
		socket_watch(&session->upstream, READABLE) < 0) {
		int saved = errno;
		session_free(session);
		errno = saved;
		return NULL;
	}
	session->created = true;
	if (engine->callbacks.session_created && !engine->callbacks.session_created(session))
		session_destroy(session);
	return session;
}

void session_free(struct session *session)
{
	struct engine *engine = session->engine;
	session->state = SESSION_DEAD;
	socket_unwatch(&session->client);
	socket_unwatch(&session->upstream);
	connection_finish(&session->client);
	connection_finish(&session->upstream);
	objects_finish(session);
	if (session->created && engine->callbacks.session_destroyed)
		engine->callbacks.session_destroyed(session);
	if (session->timer)
		wl_event_source_remove(session->timer);
	wl_list_remove(&session->link);
	engine->n_sessions--;
	free(session->globals);
	free(session);
}

/* Back-pressure and ends ----------------------------------------------------------------------------------------- */

static int on_timer(void *data)
{
	struct session *session = data;
	if (session->state == SESSION_UPSTREAM_GONE) {
		session_destroy(session);
		return 0;
	}
	struct connection *connections[] = {&session->client, &session->upstream};
	for (int i = 0; i < 2; i++) {
		if (!connections[i]->crowded)
			continue;
		connections[i]->crowded = connections[i]->blocked = false;
		connection_flush(connections[i]);
	}
	session_attend(session);
	return 0;
}

static void set_timer(struct session *session, int ms)
{
	if (!session->timer)
		session->timer = wl_event_loop_add_timer(session->engine->loop, on_timer, session);
	if (!session->timer || wl_event_source_timer_update(session->timer, ms) < 0)
		session_destroy(session);
}

/* Whether what comes from one side has to wait, because the other does not take what it has. */
static bool must_pause(const struct connection *from, const struct connection *to, uint32_t limit)
{
	size_t pause = limit > 2 * READ_SIZE ? limit - READ_SIZE : limit / 2;
	if (from->paused)
		return connection_waiting(to) > pause / 2 || connection_waiting_fds(to) > PAUSE_FDS / 2;
	return connection_waiting(to) > pause || connection_waiting_fds(to) > PAUSE_FDS;
}

static void update_source(struct connection *connection, bool read)
{
	uint32_t mask = read ? READABLE : 0;
	if (connection->blocked && !connection->crowded && !connection->broken)
		mask |= EPOLLOUT;
	connection->paused = !read;
	if (connection->hung_up) {
		if (!read)
			return;
		connection->hung_up = false;
	} else if (!connection->watched) {
		return;
	}
	if (socket_watch(connection, mask) < 0)
		session_destroy(connection->session);
}

static void close_connection(struct connection *connection)
{
	if (connection->fd < 0)
		return;
	socket_unwatch(connection);
	connection_finish(connection);
}

/* Nothing waits and nothing waited: as after nearly every message. */
static bool is_flowing(const struct connection *connection)
{
	return connection_waiting(connection) == 0 && !connection->paused && !connection->blocked &&
	       connection->mask == READABLE;
}

/* The process has only so many descriptors, and one who is denied them is not the one who has them: a read that finds no
 * room for them ends its session. */
static bool is_short_of_fds(const struct engine *engine)
{
	const struct session *session;
	uint32_t n = 0;
	wl_list_for_each (session, &engine->sessions, link)
		n += connection_count_fds(&session->client) + connection_waiting_fds(&session->client) +
		     connection_count_fds(&session->upstream) + connection_waiting_fds(&session->upstream);
	return n > engine->limits.fds;
}

/* A client whose compositor takes nothing now waits until it does. */
static bool must_spare_fds(const struct session *session)
{
	const struct connection *upstream = &session->upstream;
	return (upstream->blocked || connection_waiting_fds(upstream) > 0) && is_short_of_fds(session->engine);
}

static void attend_running(struct session *session)
{
	struct connection *client = &session->client, *upstream = &session->upstream;
	if (is_flowing(client) && is_flowing(upstream))
		return;
	const uint32_t limit = session->engine->limits.buffer;
	// The client is read even when it does not read itself, as a compositor would; but not for ever.
	if (connection_waiting(client) > 2 * (size_t)limit + READ_SIZE) {
		violation_of_client(session, ERROR_NO_MEMORY, 1, session->display, NULL, 0, "does not read its events");
		session_destroy(session);
		return;
	}
	if (connection_waiting(upstream) > 4 * (size_t)limit + READ_SIZE) {
		session_destroy(session);
		return;
	}
	update_source(client, !must_pause(client, upstream, limit) && !must_spare_fds(session));
	update_source(upstream, !must_pause(upstream, client, limit));
	if (client->crowded || upstream->crowded)
		set_timer(session, CROWDED_RETRY_MS);
}

void session_attend(struct session *session)
{
	struct connection *client = &session->client, *upstream = &session->upstream;
	if (client->failed || upstream->failed)
		session_destroy(session);
	switch (session->state) {
	case SESSION_RUNNING:
		attend_running(session);
		break;
	case SESSION_CLIENT_GONE:
		close_connection(client);
		update_source(upstream, false);
		if (upstream->crowded)
			set_timer(session, CROWDED_RETRY_MS);
		if (connection_waiting(upstream) == 0)
			session_destroy(session);
		break;
	case SESSION_UPSTREAM_GONE:
		close_connection(upstream);
		update_source(client, false);
		if (connection_waiting(client) == 0)
			session_destroy(session);
		else if (!session->leaving)
			set_timer(session, LAST_WORDS_MS);
		session->leaving = true;
		break;
	case SESSION_DEAD:
		break;
	}
}

/* Input ---------------------------------------------------------------------------------------------------------- */

static void begin_batch(struct session *session)
{
	struct engine *engine = session->engine;
	session->client.batch = &engine->batches[DIRECTION_EVENT];
	session->upstream.batch = &engine->batches[DIRECTION_REQUEST];
	session->client.batch->span = session->client.batch->span_end = NULL;
	session->upstream.batch->span = session->upstream.batch->span_end = NULL;
}

static void end_batch(struct session *session)
{
	struct connection *client = &session->client, *upstream = &session->upstream;
	objects_free_deferred(session);
	if (connection_has_output(upstream))
		connection_flush(upstream);
	if (connection_has_output(client))
		connection_flush(client);
	session->client.batch = session->upstream.batch = NULL;
}

static void end_of_input(struct session *session, struct connection *from, int error)
{
	bool client = from == &session->client;
	if (error == EOVERFLOW && client)
		violation_of_client(session, ERROR_INVALID_METHOD, 1, session->display, NULL, 0,
			"comes with more file descriptors than its messages take");
	else if (error == EMFILE)
		violation_of_host(session, true, 1, session->display, NULL, 0, "file descriptors ran out");
	else if (session->state == SESSION_RUNNING)
		session->state = client ? SESSION_CLIENT_GONE : SESSION_UPSTREAM_GONE;
}

static void receive(struct session *session, struct connection *from)
{
	uint8_t *buffer = session->engine->buffer;
	size_t size = from->partial_size;
	bool more;
	ssize_t n = connection_read(from, buffer + size, &more);
	socket_set_unread(from, n > 0 && more);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		end_of_input(session, from, n < 0 ? errno : 0);
		return;
	}
	connection_restore_partial(from, buffer);
	size += (size_t)n;
	begin_batch(session);
	size_t used = from == &session->client ? dispatch_requests(session, buffer, size)
					       : dispatch_events(session, buffer, size);
	if (used < size && connection_keep_partial(from, buffer + used, size - used) < 0)
		session_destroy(session);
	end_batch(session);
	// More than one send of libwayland's is not ahead of its messages by anything but intent.
	if (from == &session->client && connection_count_fds(from) > WRITE_FDS && session->state == SESSION_RUNNING &&
		is_short_of_fds(session->engine))
		violation_of_client(session, ERROR_NO_MEMORY, 1, session->display, NULL, 0,
			"comes with more file descriptors than its messages take, while they are short");
}

void session_on_socket(struct connection *connection, uint32_t events)
{
	struct session *session = connection->session;
	if (session->state == SESSION_DEAD)
		return;
	if (events & EPOLLOUT) {
		connection->blocked = false;
		connection_flush(connection);
	}
	bool over = events & (EPOLLHUP | EPOLLERR);
	connection->ending |= over || events & EPOLLRDHUP;
	if (session->state == SESSION_RUNNING && !connection->paused && events & ~(uint32_t)EPOLLOUT) {
		receive(session, connection);
	} else if (over && session->state != SESSION_RUNNING) {
		session_destroy(session);
	} else if (over) {
		socket_unwatch(connection);
		connection->hung_up = true;
	}
	session_attend(session);
}
