#include "door.h"

#include "log.h"
#include "socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS_MAX = 128 };

struct room {
	const struct door *door;
	void *pairs[PAIRS_MAX];
	size_t n;
};

static void take_clients(struct room *room)
{
	const struct door *door = room->door;
	while (room->n < PAIRS_MAX) {
		int client = accept4(door->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client < 0)
			return;
		int server = socket_connect(door->server, SOCK_STREAM | SOCK_NONBLOCK);
		if (server < 0) {
			log_warning("there is no %s: %s", door->what, strerror(errno));
			close(client);
			continue;
		}
		void *pair = door->open(client, server, door->data);
		if (pair)
			room->pairs[room->n++] = pair;
	}
}

/* Waits for something, and works. False when nobody has come for long. */
static bool turn(struct room *room)
{
	const struct door *door = room->door;
	struct pollfd fds[1 + 2 * PAIRS_MAX];
	size_t n = room->n;
	fds[0] = (struct pollfd){.fd = n < PAIRS_MAX ? door->listener : -1, .events = POLLIN};
	for (size_t i = 0; i < n; i++)
		door->poll(room->pairs[i], fds + 1 + 2 * i);
	int ready = poll(fds, 1 + 2 * n, n > 0 ? -1 : door->idle_ms);
	if (ready < 0)
		return errno == EINTR;
	if (ready == 0)
		return false;
	for (size_t i = n; i > 0; i--) {
		if ((!fds[2 * i - 1].revents && !fds[2 * i].revents) || door->work(room->pairs[i - 1]))
			continue;
		door->close(room->pairs[i - 1]);
		room->pairs[i - 1] = room->pairs[--room->n];
	}
	if (fds[0].revents)
		take_clients(room);
	return true;
}

void door_serve(const struct door *door)
{
	struct room room = {.door = door};
	while (turn(&room))
		;
}
