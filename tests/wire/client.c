#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

bool client_open(struct client *client, const char *path, bool with_registry)
{
	*client = (struct client){.next_id = WIRE_DISPLAY + 1, .wire.fd = -1};
	int fd = wire_connect(path);
	if (fd < 0)
		return false;
	wire_init(&client->wire, fd);
	if (!with_registry)
		return true;
	client->registry = client_id(client);
	*wire_put(&client->wire, WIRE_DISPLAY, 1, 1) = client->registry;
	return client_roundtrip(client);
}

void client_close(struct client *client)
{
	wire_finish(&client->wire);
	free(client->free_ids);
	client->free_ids = NULL;
	client->n_free = client->free_size = 0;
}

uint32_t client_id(struct client *client)
{
	return client->n_free > 0 ? client->free_ids[--client->n_free] : client->next_id++;
}

static void recycle_id(struct client *client, uint32_t id)
{
	if (client->n_free == client->free_size) {
		client->free_size = client->free_size ? 2 * client->free_size : 64;
		client->free_ids = need(realloc(client->free_ids, client->free_size * sizeof *client->free_ids));
	}
	client->free_ids[client->n_free++] = id;
}

const struct client_global *client_find(const struct client *client, const char *interface)
{
	for (size_t i = 0; i < client->n_globals; i++)
		if (strcmp(client->globals[i].interface, interface) == 0)
			return &client->globals[i];
	return NULL;
}

void client_bind_raw(struct client *client, uint32_t name, const char *interface, uint32_t version, uint32_t id)
{
	wire_send(&client->wire, client->registry, 0, "usun", name, interface, version, id);
}

uint32_t client_bind(struct client *client, const char *interface, uint32_t version)
{
	const struct client_global *global = client_find(client, interface);
	if (!global)
		return 0;
	uint32_t id = client_id(client);
	client_bind_raw(client, global->name, interface, version < global->version ? version : global->version, id);
	return id;
}

uint32_t client_put_sync(struct client *client)
{
	uint32_t id = client_id(client);
	*wire_put(&client->wire, WIRE_DISPLAY, 0, 1) = id;
	return id;
}

static void add_global(struct client *client, const struct wire_message *message)
{
	if (client->n_globals == CLIENT_GLOBALS_MAX)
		return;
	struct client_global *global = &client->globals[client->n_globals];
	size_t length = message->args[1];
	if (length == 0 || length > sizeof global->interface || 16 + length > message->size)
		return;
	global->name = message->args[0];
	memcpy(global->interface, message->args + 2, length);
	global->version = message->args[2 + (length + 3) / 4];
	client->n_globals++;
}

static void remove_global(struct client *client, uint32_t name)
{
	for (size_t i = 0; i < client->n_globals; i++)
		if (client->globals[i].name == name)
			client->globals[i] = client->globals[--client->n_globals];
}

static void keep_error(struct client *client, const struct wire_message *message)
{
	client->failed = true;
	client->error_object = message->args[0];
	client->error_code = message->args[1];
	size_t length = message->args[2];
	if (length > sizeof client->error_text)
		length = sizeof client->error_text;
	memcpy(client->error_text, message->args + 3, length);
	client->error_text[sizeof client->error_text - 1] = '\0';
}

bool client_handle(struct client *client)
{
	struct wire_message message;
	bool broken;
	while (wire_next(&client->wire, &message, &broken)) {
		client->n_events++;
		if (message.id == WIRE_DISPLAY && message.opcode == 1)
			recycle_id(client, message.args[0]);
		else if (message.id == WIRE_DISPLAY)
			keep_error(client, &message);
		else if (message.id == client->registry && message.opcode == 0)
			add_global(client, &message);
		else if (message.id == client->registry)
			remove_global(client, message.args[0]);
		else if (client->on_event)
			client->on_event(client, &message);
	}
	if (broken)
		client->closed = true;
	return !client->closed && !client->failed;
}

/* What there is to read now, without waiting. */
static bool read_once(struct client *client)
{
	ssize_t n = wire_read(&client->wire);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		client->closed = true;
	return client_handle(client);
}

bool client_flush(struct client *client, int milliseconds)
{
	for (;;) {
		int left = wire_flush(&client->wire);
		if (left == 0)
			return true;
		if (left < 0) { // what the peer said before it closed is still there
			client_wait_closed(client, 1000);
			return false;
		}
		int events = wire_wait(&client->wire, POLLIN | POLLOUT, milliseconds);
		if (events == 0)
			return false;
		if (events & (POLLIN | POLLHUP) && !read_once(client))
			return false;
	}
}

bool client_dispatch(struct client *client, int milliseconds)
{
	if (!client_flush(client, milliseconds))
		return false;
	if (wire_wait(&client->wire, POLLIN, milliseconds) == 0)
		return false;
	return read_once(client);
}

struct sync_wait {
	void (*on_event)(struct client *client, const struct wire_message *message);
	void *data;
	uint32_t callback;
	bool done;
};

static void watch_callback(struct client *client, const struct wire_message *message)
{
	struct sync_wait *wait = client->data;
	if (message->id == wait->callback) {
		wait->done = true;
	} else if (wait->on_event) {
		client->data = wait->data;
		wait->on_event(client, message);
		client->data = wait;
	}
}

bool client_roundtrip(struct client *client)
{
	struct sync_wait wait = {.on_event = client->on_event, .data = client->data};
	wait.callback = client_put_sync(client);
	client->on_event = watch_callback;
	client->data = &wait;
	while (!wait.done && client_dispatch(client, CLIENT_TIMEOUT))
		;
	client->on_event = wait.on_event;
	client->data = wait.data;
	return wait.done;
}

bool client_wait_closed(struct client *client, int milliseconds)
{
	uint64_t end = wire_now() + (uint64_t)milliseconds * 1000000;
	while (!client->closed) {
		uint64_t now = wire_now();
		if (now >= end || wire_wait(&client->wire, POLLIN, (int)((end - now) / 1000000) + 1) == 0)
			return false;
		read_once(client);
	}
	return true;
}
