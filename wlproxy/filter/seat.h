/* What a client was told of input: which serials it may use, and whether a person is at work in it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct client;
struct object;

enum {
	SEAT_RECENT_MS = 5000,
	SERIAL_RANGES = 128, // what wlroots keeps too; serials that follow one another are one range
};

struct serials {
	struct serial_range {
		uint32_t first, last;
	} ranges[SERIAL_RANGES]; // a ring
	unsigned newest, count;
};

void serials_add(struct serials *serials, uint32_t serial);
bool serials_has(const struct serials *serials, uint32_t serial);

/* CLOCK_MONOTONIC. */
uint64_t seat_now_ms(void);

/* True when a key, button, touch or tablet event went to any client of the project within SEAT_RECENT_MS. */
bool seat_is_recent(const struct client *client);

/* True while a surface of this client has the keyboard, and the client a wl_keyboard that will hear when that ends. */
bool seat_has_keyboard(const struct client *client);

/* A surface is gone: a compositor need not say that the keyboard left it. */
void seat_forget_surface(struct client *client, const struct object *surface);
