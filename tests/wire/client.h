/* A client on the raw wire: ids are dense and used again after delete_id, as a compositor demands, and nothing else is
 * checked or kept. Every wait has a time-out. Functions return false when the connection ended or the time is over. */
#pragma once

#include "wire.h"

enum {
	CLIENT_GLOBALS_MAX = 128,
	CLIENT_TIMEOUT = 10000, // ms
};

struct client_global {
	uint32_t name;
	uint32_t version;
	char interface[56];
};

struct client {
	struct wire wire;
	uint32_t next_id;
	uint32_t *free_ids;
	size_t n_free, free_size;
	uint32_t registry;
	struct client_global globals[CLIENT_GLOBALS_MAX];
	size_t n_globals;
	uint64_t n_events;

	/* Every event that is not of wl_display or of the registry; may be NULL. */
	void (*on_event)(struct client *client, const struct wire_message *message);
	void *data; // of whoever set on_event

	bool closed; // end of file or a socket error
	bool failed; // wl_display.error came
	uint32_t error_object, error_code;
	char error_text[256];
};

/* Connects, and when with_registry asks for the globals and waits for them. */
bool client_open(struct client *client, const char *path, bool with_registry);
void client_close(struct client *client);

/* An id for a new object. */
uint32_t client_id(struct client *client);

const struct client_global *client_find(const struct client *client, const char *interface);
/* The new object's id, 0 when the global is not offered. The lower of version and what is offered is bound. */
uint32_t client_bind(struct client *client, const char *interface, uint32_t version);
/* The same with everything as given, right or wrong. */
void client_bind_raw(struct client *client, uint32_t name, const char *interface, uint32_t version, uint32_t id);

/* Puts a wl_display.sync and returns the id of its callback. */
uint32_t client_put_sync(struct client *client);

/* Handles every whole message that was read. */
bool client_handle(struct client *client);
/* Sends all that waits, reading when the peer does not. */
bool client_flush(struct client *client, int milliseconds);
/* Waits for one read and handles what it brought. */
bool client_dispatch(struct client *client, int milliseconds);
bool client_roundtrip(struct client *client);
/* Reads until the peer has closed; true when it did so in time. */
bool client_wait_closed(struct client *client, int milliseconds);
