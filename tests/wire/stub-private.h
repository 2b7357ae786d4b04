/* The insides of the stub: what a client has, and what happens to a request. */
#pragma once

#include "stub.h"
#include "wire.h"

#include <wayland-util.h>

struct stub_client;
struct stub_object;
typedef void (*stub_handler)(struct stub_client *client, struct stub_object *object, const uint32_t *args);

enum { STUB_NO_WORD = 0xff };

/* One request, digested so that the usual ones need no look at their signature. */
struct stub_op {
	const struct wl_message *message;
	stub_handler handler;
	const struct stub_interface *new_interface;
	uint16_t size; // of the whole message, 0 when it varies
	uint8_t n_fds;
	uint8_t since;
	uint8_t new_word; // where new_id is in a message of fixed size
	bool destructor;
};

struct stub_interface {
	const struct wl_interface *wl;
	struct stub_op *ops;
};

struct stub_global {
	const char *interface;
	uint32_t version;
};

struct stub_object {
	const struct stub_interface *interface; // NULL: the id is free
	uint32_t version;
	uint32_t peer; // xdg_surface: its wl_surface; xdg_toplevel: its xdg_surface; wl_pointer: the entered surface
	struct stub_surface *surface; // owned by a wl_surface
};

enum { STUB_CALLBACKS = 8 };
struct stub_surface {
	uint32_t buffer, xdg_surface, xdg_toplevel;
	uint32_t callbacks[STUB_CALLBACKS];
	uint32_t n_callbacks;
	bool configured;
};

struct stub_client {
	struct wire wire;
	struct stub *stub;
	uint32_t number;
	struct stub_object *objects; // by id
	uint32_t n_objects, objects_size;
	uint32_t flood_left, flood_pointer, serial;
	uint32_t events; // what epoll watches
	bool dead;
};

struct stub {
	int epoll, listen_fd;
	struct stub_record *record;
};

/* stub-tables.c */
const struct stub_interface *stub_interface_find(const char *name);
const struct stub_global *stub_globals(size_t *n);
void stub_tables_init(void);

/* stub-requests.c */
stub_handler stub_handler_find(const char *interface, const char *request);
void stub_flood(struct stub_client *client);
void stub_surface_destroy(struct stub_object *object);

/* stub-evil.c */
void stub_evil(struct stub_client *client, uint32_t pointer, enum stub_evil kind);

/* stub.c */
void stub_error(struct stub_client *client, uint32_t object, uint32_t code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
struct stub_object *stub_object_get(struct stub_client *client, uint32_t id);
struct stub_object *stub_object_new(
	struct stub_client *client, uint32_t id, const struct stub_interface *interface, uint32_t version);
void stub_object_delete(struct stub_client *client, uint32_t id);
