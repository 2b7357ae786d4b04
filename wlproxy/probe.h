/* A look at a compositor, as its client: what globals it has, and a security context of ours on it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct wl_display;
struct wl_registry;

struct probe {
	struct wl_display *display;
	struct wl_registry *registry;
	char *names; // of the globals, each with its NUL, an empty one at the end
	uint32_t names_size;
	uint32_t manager; // name of wp_security_context_manager_v1, 0: none
};

/* A stream connection; -1 with errno. */
int probe_open(const char *path);

/* Connects and reads the globals. NULL, or what is wrong. A compositor that does not answer within seconds is wrong. */
const char *probe_connect(struct probe *probe, const char *path);

bool probe_has(const struct probe *probe, const char *name);

/* Makes a socket at this path whose connections have a security context. Returns the descriptor that keeps it, -1. */
int probe_make_context(struct probe *probe, const char *path, const char *project);

void probe_finish(struct probe *probe);
#define autoprobe __attribute__((cleanup(probe_finish))) struct probe
