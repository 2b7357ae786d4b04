/* A window on the raw wire: an xdg_toplevel that has its first configure, and one buffer to draw. */
#pragma once

#include "client.h"

enum { WINDOW_WIDTH = 256, WINDOW_HEIGHT = 128 };

struct window {
	struct client *client;
	uint32_t compositor, shm, wm_base;
	uint32_t surface, xdg_surface, toplevel, pool, buffer;
	uint32_t callback;     // of the frame that is waited for, 0: none
	uint32_t n_frames;     // that were done
	uint32_t n_releases;   // of the buffer
	uint32_t n_configures; // of the xdg_surface, each acknowledged at once
	int memory;	       // of the pool
};

/* The globals of a client that has its registry; sets client->on_event. */
bool window_open(struct window *window, struct client *client, const char *title, const char *app_id);
/* The descriptor only: the objects are the client's, who goes away as a whole. */
void window_close(struct window *window);

/* Puts attach, damage_buffer(damage, 0, w, h), set_opaque_region when region is not 0, frame when asked, and commit. */
void window_put_frame(struct window *window, uint32_t damage, uint32_t region, bool callback);
/* Puts wl_compositor.create_region with one rectangle. */
uint32_t window_put_region(struct window *window);
