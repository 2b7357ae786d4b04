#include "stub-private.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	OBJECTS_MAX = 1 << 20,
	OUT_MAX = 1 << 20, // a client that does not read is not read
};

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void stub_error(struct stub_client *client, uint32_t object, uint32_t code, const char *format, ...)
{
	if (client->dead)
		return;
	char text[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	struct stub_record *record = client->stub->record;
	if (record) {
		snprintf(record->violation, sizeof record->violation, "client %u, object %u: %s", client->number,
			object, text);
		record->n_violations++;
	} else {
		fprintf(stderr, "stub: client %u, object %u: %s\n", client->number, object, text);
	}
	wire_send(&client->wire, WIRE_DISPLAY, 0, "uus", object, code, text);
	wire_flush(&client->wire);
	client->dead = true;
}

struct stub_object *stub_object_get(struct stub_client *client, uint32_t id)
{
	if (id >= client->n_objects || !client->objects[id].interface)
		return NULL;
	return &client->objects[id];
}

struct stub_object *stub_object_new(
	struct stub_client *client, uint32_t id, const struct stub_interface *interface, uint32_t version)
{
	if (id == 0 || id > client->n_objects || id >= OBJECTS_MAX ||
		(id < client->n_objects && client->objects[id].interface)) {
		stub_error(client, WIRE_DISPLAY, 0, "new id %u is taken or leaves a gap", id);
		return NULL;
	}
	if (id == client->objects_size) {
		client->objects_size *= 2;
		client->objects = need(realloc(client->objects, client->objects_size * sizeof *client->objects));
	}
	if (id == client->n_objects)
		client->n_objects++;
	client->objects[id] = (struct stub_object){.interface = interface, .version = version};
	return &client->objects[id];
}

void stub_object_delete(struct stub_client *client, uint32_t id)
{
	stub_surface_destroy(&client->objects[id]);
	client->objects[id] = (struct stub_object){0};
	*wire_put(&client->wire, WIRE_DISPLAY, 1, 1) = id;
}

static void keep_entry(struct stub_client *client, const struct wire_message *message, const struct stub_object *object,
	const struct stub_op *op)
{
	struct stub_record *record = client->stub->record;
	uint32_t n = record->n_entries;
	if (n < STUB_LOG_MAX) {
		struct stub_entry *entry = &record->entries[n];
		*entry =
			(struct stub_entry){.client = client->number, .object = message->id, .opcode = message->opcode};
		entry->size = message->size;
		if (object) {
			entry->interface = object->interface->wl->name;
			entry->version = (uint16_t)object->version;
		}
		if (op) {
			entry->request = op->message->name;
			entry->n_fds = op->n_fds;
		}
		size_t words = (message->size - WIRE_HEADER) / 4u;
		memcpy(entry->words, message->args, 4 * (words < STUB_WORDS ? words : STUB_WORDS));
	}
	record->n_entries = n + 1;
}

static void keep_text(struct stub_client *client, const char *text, uint32_t size)
{
	struct stub_record *record = client->stub->record;
	if (!record || record->n_entries == 0 || record->n_entries > STUB_LOG_MAX)
		return;
	struct stub_entry *entry = &record->entries[record->n_entries - 1];
	if (entry->text[0] == '\0')
		memcpy(entry->text, text, size < STUB_TEXT ? size : STUB_TEXT - 1);
}

/* A string or an array: its words, 0 when it does not fit or is not what it says. */
static size_t check_bytes(const uint32_t *words, size_t left, bool text, bool nullable)
{
	uint32_t size = words[0];
	size_t used = 1 + ((size_t)size + 3) / 4;
	if (used > left)
		return 0;
	if (!text)
		return used;
	const char *bytes = (const char *)(words + 1);
	if (size == 0)
		return nullable ? used : 0;
	return strnlen(bytes, size) == size - 1 ? used : 0;
}

static bool check_object(struct stub_client *client, uint32_t id, const struct wl_interface *type, bool nullable)
{
	if (id == 0)
		return nullable;
	const struct stub_object *object = stub_object_get(client, id);
	return object && (!type || strcmp(object->interface->wl->name, type->name) == 0);
}

/* Every argument against the signature. */
static bool check(struct stub_client *client, const struct wire_message *message, const struct wl_message *expected)
{
	size_t left = (message->size - WIRE_HEADER) / 4u;
	const uint32_t *words = message->args;
	const char *type = expected->signature + strspn(expected->signature, "0123456789");
	bool nullable = false;
	for (int argument = 0; *type; type++) {
		if (*type == '?') {
			nullable = true;
			continue;
		}
		size_t used = *type == 'h' ? 0 : 1;
		if (left < used)
			return false;
		if (*type == 's' || *type == 'a') {
			used = check_bytes(words, left, *type == 's', nullable);
			if (used == 0)
				return false;
			if (*type == 's' && words[0] > 0)
				keep_text(client, (const char *)(words + 1), words[0]);
		}
		if (*type == 'o' && !check_object(client, *words, expected->types[argument], nullable))
			return false;
		words += used;
		left -= used;
		argument++;
		nullable = false;
	}
	return left == 0;
}

static void handle_request(struct stub_client *client, const struct wire_message *message)
{
	struct stub_object *object = stub_object_get(client, message->id);
	const struct stub_op *op = NULL;
	if (object && message->opcode < object->interface->wl->method_count)
		op = &object->interface->ops[message->opcode];
	bool recorded = client->stub->record != NULL;
	if (recorded)
		keep_entry(client, message, object, op);
	if (!object) {
		stub_error(client, WIRE_DISPLAY, 0, "invalid object %u", message->id);
		return;
	}
	if (!op || op->since > object->version || (op->size && op->size != message->size) ||
		((recorded || !op->size) && !check(client, message, op->message))) {
		stub_error(client, message->id, 1, "invalid %s.%s (opcode %u, %u bytes)", object->interface->wl->name,
			op ? op->message->name : "?", message->opcode, message->size);
		return;
	}
	if (op->n_fds > client->wire.in_fds_end - client->wire.in_fds_start) {
		stub_error(client, message->id, 1, "%s without its descriptor", op->message->name);
		return;
	}
	uint32_t version = object->version;
	if (op->new_interface && !stub_object_new(client, message->args[op->new_word], op->new_interface, version))
		return;
	object = &client->objects[message->id]; // the array may have moved
	if (op->handler)
		op->handler(client, object, message->args);
	for (unsigned i = 0; i < op->n_fds; i++)
		close(wire_take_fd(&client->wire));
	if (op->destructor)
		stub_object_delete(client, message->id);
}

static void client_destroy(struct stub_client *client)
{
	for (uint32_t id = 0; id < client->n_objects; id++)
		stub_surface_destroy(&client->objects[id]);
	if (client->stub->record)
		client->stub->record->n_clients--;
	wire_finish(&client->wire);
	free(client->objects);
	free(client);
}

static void watch(struct stub_client *client, bool out)
{
	bool in = wire_pending(&client->wire) < OUT_MAX;
	struct epoll_event event = {.events = (in ? EPOLLIN : 0) | (out ? EPOLLOUT : 0), .data.ptr = client};
	if (event.events == client->events)
		return;
	client->events = event.events;
	epoll_ctl(client->stub->epoll, EPOLL_CTL_MOD, client->wire.fd, &event);
}

/* libwayland sends what waits for a client once its requests are handled. */
static void client_send(struct stub_client *client)
{
	int left = wire_flush(&client->wire);
	while (left == 0 && client->flood_left > 0) {
		stub_flood(client);
		left = wire_flush(&client->wire);
	}
	if (left < 0)
		client->dead = true;
	else
		watch(client, left > 0);
}

static void client_turn(struct stub_client *client, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		ssize_t n = wire_read(&client->wire);
		struct wire_message message;
		bool broken = false;
		while (!client->dead && wire_next(&client->wire, &message, &broken))
			handle_request(client, &message);
		if (broken)
			stub_error(client, WIRE_DISPLAY, 1, "a header with an impossible size");
		if (n == 0 || (n < 0 && errno != EAGAIN))
			client->dead = true;
	}
	if (!client->dead)
		client_send(client);
	if (client->dead)
		client_destroy(client);
}

static void accept_client(struct stub *stub)
{
	int fd = accept4(stub->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	static uint32_t number;
	struct stub_client *client = need(calloc(1, sizeof *client));
	client->stub = stub;
	client->number = ++number;
	client->objects_size = 64;
	client->objects = need(calloc(client->objects_size, sizeof *client->objects));
	client->n_objects = 1; // 0 is no object
	client->serial = 1;
	client->events = EPOLLIN;
	wire_init(&client->wire, fd);
	stub_object_new(client, WIRE_DISPLAY, stub_interface_find("wl_display"), 1);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
	if (epoll_ctl(stub->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		abort();
	if (stub->record) {
		stub->record->n_clients++;
		stub->record->n_accepted++;
	}
}

struct stub_record *stub_record_create(void)
{
	void *memory = mmap(NULL, sizeof(struct stub_record), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		abort();
	return memory;
}

int stub_run(int listen_fd, struct stub_record *record)
{
	stub_tables_init();
	struct stub stub = {.listen_fd = listen_fd, .record = record};
	stub.epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event listen_event = {.events = EPOLLIN, .data.ptr = NULL};
	if (stub.epoll < 0 || epoll_ctl(stub.epoll, EPOLL_CTL_ADD, listen_fd, &listen_event) < 0)
		return -1;
	for (;;) {
		struct epoll_event events[64];
		int n = epoll_wait(stub.epoll, events, 64, -1);
		if (n < 0 && errno != EINTR)
			return -1;
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				client_turn(events[i].data.ptr, events[i].events);
			else
				accept_client(&stub);
		}
	}
}

pid_t stub_start(const char *path, struct stub_record *record, int cpu)
{
	int listen_fd = wire_listen(path);
	if (listen_fd < 0)
		return -1;
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		signal(SIGPIPE, SIG_IGN);
		if (cpu >= 0) {
			cpu_set_t set;
			CPU_ZERO(&set);
			CPU_SET((size_t)cpu, &set);
			sched_setaffinity(0, sizeof set, &set);
		}
		stub_run(listen_fd, record);
		_exit(1);
	}
	int error = errno;
	close(listen_fd);
	errno = error;
	return pid;
}
