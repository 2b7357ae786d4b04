/* The engine under test, with its filters or without: how it is made, what else can happen to it, and what no far end may
 * ever see. The first byte of an input chooses the policy. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-util.h>

struct engine;
struct wl_event_loop;

struct engine *judge_start(struct wl_event_loop *loop);

/* Before a session: its policy, and nothing left of the session before. */
void judge_choose(uint8_t choice);

/* A person, the launcher or the host does something: see harness.h. */
void judge_act(uint8_t choice);

/* Violations of the session at hand that end it: then errors are in order. */
unsigned judge_fatal_violations(void);

/* True for a global that no policy shows. */
bool judge_hides(const char *interface);

/* Aborts when a request or an event that reached its far end should not have, as it is. */
void judge_request(const char *interface, const struct wl_message *message, const union wl_argument *args);
void judge_event(const char *interface, const struct wl_message *message, const union wl_argument *args);
