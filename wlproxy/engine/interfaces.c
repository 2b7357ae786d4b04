#include "interfaces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct table {
	const char *name;
	const struct wl_interface *wayland;
	uint32_t request_destructors, event_destructors;
};

#define INTERFACE(name, requests, events) extern const struct wl_interface name##_interface;
#include "interface-list.h"
#undef INTERFACE

static const struct table tables[] = {
#define INTERFACE(name, requests, events) {#name, &name##_interface, requests, events},
#include "interface-list.h"
#undef INTERFACE
};
enum { N_TABLES = sizeof tables / sizeof tables[0] };

struct interfaces {
	bool all_seen;
	struct interface *compiled[N_TABLES];
};

static struct interface *find(struct interfaces *interfaces, const char *name);

const char *interfaces_name(size_t i)
{
	return i < N_TABLES ? tables[i].name : NULL;
}

struct interfaces *interfaces_create(bool all_seen)
{
	struct interfaces *interfaces = calloc(1, sizeof *interfaces);
	if (interfaces)
		interfaces->all_seen = all_seen;
	return interfaces;
}

static void interface_free(struct interface *interface)
{
	if (!interface)
		return;
	for (size_t i = 0; interface->requests && i < interface->n_requests; i++)
		free((void *)interface->requests[i].args);
	for (size_t i = 0; interface->events && i < interface->n_events; i++)
		free((void *)interface->events[i].args);
	free(interface->requests);
	free(interface->events);
	free(interface);
}

void interfaces_destroy(struct interfaces *interfaces)
{
	if (!interfaces)
		return;
	for (size_t i = 0; i < N_TABLES; i++)
		interface_free(interfaces->compiled[i]);
	free(interfaces);
}

/* A signature is the version that brought the message, then a letter an argument, '?' before a nullable one. */
static unsigned count_args(const char *signature)
{
	unsigned n = 0;
	for (; *signature; signature++)
		n += strchr("iufsonah", *signature) != NULL;
	return n;
}

static int compile_args(struct interfaces *interfaces, struct message_desc *message, const struct wl_message *wayland)
{
	unsigned n = count_args(wayland->signature);
	struct arg_desc *args = calloc(n ? n : 1, sizeof *args);
	if (!args)
		return -1;
	message->args = args;
	message->n_args = (uint8_t)n;
	message->since = 1;
	message->size = 8;
	bool varies = false, nullable = false;
	bool plain = !interfaces->all_seen && !(message->flags & MESSAGE_DESTRUCTOR), lean = plain;
	unsigned i = 0, since = 0, n_new = 0;
	for (const char *p = wayland->signature; *p; p++) {
		if (*p >= '0' && *p <= '9')
			since = since * 10 + (unsigned)(*p - '0');
		if (*p == '?')
			nullable = true;
		if (!strchr("iufsonah", *p))
			continue;
		args[i] = (struct arg_desc){.type = *p, .nullable = nullable};
		const struct wl_interface *type = wayland->types ? wayland->types[i] : NULL;
		if (type && !(args[i].interface = find(interfaces, type->name)))
			return -1;
		varies |= *p == 's' || *p == 'a';
		plain &= *p == 'i' || *p == 'u' || *p == 'f';
		lean &= *p != 'h' && (*p != 'n' || (args[i].interface && n_new++ == 0));
		message->n_fds = (uint8_t)(message->n_fds + (*p == 'h'));
		message->flags = (uint16_t)(message->flags | (*p == 'n' ? MESSAGE_CREATES : 0));
		message->size = (uint16_t)(message->size + (*p == 'h' ? 0 : 4));
		nullable = false;
		i++;
	}
	if (since)
		message->since = (uint8_t)since;
	if (varies)
		message->size = 0;
	if (plain)
		message->flags |= MESSAGE_PLAIN;
	else if (lean && !varies && n <= LEAN_ARGS_MAX)
		message->flags |= MESSAGE_LEAN;
	return 0;
}

static struct message_desc *compile_messages(
	struct interfaces *interfaces, const struct wl_message *wayland, int n, uint32_t destructors)
{
	struct message_desc *messages = calloc(n ? (size_t)n : 1, sizeof *messages);
	for (int i = 0; messages && i < n; i++) {
		messages[i].name = wayland[i].name;
		messages[i].opcode = (uint16_t)i;
		if (destructors >> i & 1)
			messages[i].flags |= MESSAGE_DESTRUCTOR;
		if (compile_args(interfaces, &messages[i], &wayland[i]) < 0) {
			while (i >= 0)
				free((void *)messages[i--].args);
			free(messages);
			return NULL;
		}
	}
	return messages;
}

static struct interface *compile(struct interfaces *interfaces, size_t index)
{
	const struct table *table = &tables[index];
	struct interface *interface = calloc(1, sizeof *interface);
	if (!interface)
		return NULL;
	interface->name = table->name;
	interface->wayland = table->wayland;
	interface->version = (uint16_t)table->wayland->version;
	interface->index = (uint16_t)index;
	interface->destructor = -1;
	// Known before its messages are compiled: they may refer to it.
	interfaces->compiled[index] = interface;
	interface->n_requests = (uint16_t)table->wayland->method_count;
	interface->n_events = (uint16_t)table->wayland->event_count;
	interface->requests = compile_messages(
		interfaces, table->wayland->methods, table->wayland->method_count, table->request_destructors);
	interface->events = compile_messages(
		interfaces, table->wayland->events, table->wayland->event_count, table->event_destructors);
	if (!interface->requests || !interface->events) {
		// Out of memory: it stays in the list, with no message that could be sent, until interfaces_destroy().
		interface->n_requests = interface->requests ? interface->n_requests : 0;
		interface->n_events = interface->events ? interface->n_events : 0;
		return NULL;
	}
	for (int i = interface->n_requests - 1; i >= 0; i--)
		if (interface->requests[i].flags & MESSAGE_DESTRUCTOR && interface->requests[i].n_args == 0)
			interface->destructor = i;
	return interface;
}

static int compare_name(const void *name, const void *table)
{
	return strcmp(name, ((const struct table *)table)->name);
}

static struct interface *find(struct interfaces *interfaces, const char *name)
{
	const struct table *table = bsearch(name, tables, N_TABLES, sizeof tables[0], compare_name);
	if (!table)
		return NULL;
	size_t index = (size_t)(table - tables);
	if (interfaces->compiled[index])
		return interfaces->compiled[index];
	return compile(interfaces, index);
}

const struct interface *interfaces_find(struct interfaces *interfaces, const char *name)
{
	return find(interfaces, name);
}

static int find_message(const struct message_desc *messages, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(messages[i].name, name) == 0)
			return (int)i;
	return -1;
}

int interface_request(const struct interface *interface, const char *name)
{
	return find_message(interface->requests, interface->n_requests, name);
}

int interface_event(const struct interface *interface, const char *name)
{
	return find_message(interface->events, interface->n_events, name);
}
