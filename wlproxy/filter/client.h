/* Inside the filter: what is kept for the project and for each of its clients, and the table of families. */
#pragma once

#include "filter.h"
#include "hook.h"
#include "seat.h"

#include <glib.h>
#include <wayland-util.h>

struct selection;
struct source;
struct transfers;
struct announcer;
struct pull;

/* The selection that the clients of a project share under private. */
struct shared_selection {
	struct source *source;
	uint64_t generation; // of source; changes with it
};

struct filter {
	struct engine *engine;
	struct policy *policy;
	struct audit *audit;
	uint64_t last_input; // ms, CLOCK_MONOTONIC, of a real input event to any client; 0: never
	GHashTable *tokens;  // activation tokens of the launcher
	uint64_t shm_bytes, pool_bytes, dmabufs;
	struct transfers *transfers;
	struct shared_selection shared[2]; // by enum selection_id
	struct announcer *announcer;	   // of those
	struct pull *pulls[2];		   // under way, by enum selection_id
	ask_sink ask;
	void *ask_data;
	struct wl_list asks; // ask::link
	uint32_t last_ask;
	bool granted[POLICY_ANSWERS];	      // by a person, for good
	uint64_t quiet_until[POLICY_ANSWERS]; // ms; of clients that come meanwhile; see ask.h
};

/* The data of a session. */
struct client {
	struct filter *filter;
	struct session *session;
	char app[AUDIT_APP_MAX + 1]; // what it last called itself, sanitised
	uint64_t shm_bytes, pool_bytes, dmabufs;
	uint32_t surfaces;
	struct serials serials;
	struct wl_list focuses; // focus::link in seat.c: its keyboards that are on a surface of it
	uint64_t tokens_since;	// ms: n_tokens were asked for in the second from then on
	unsigned n_tokens;
	uint32_t activation; // the id of the xdg_activation_v1 that was last refused
	uint64_t granted_until[POLICY_ANSWERS], quiet_until[POLICY_ANSWERS]; // ms; see ask.h
	struct selection *selections;					     // by enum selection_id
};

/* One family of interfaces. Any function may be NULL. */
struct family {
	const struct hook *hooks;
	size_t n_hooks;
	int (*attach)(struct engine *engine); // what hooks cannot say, before the first session
	bool (*start)(struct client *client); // false ends the client
	void (*finish)(struct client *client);
};

extern const struct family family_activation;
extern const struct family family_dmabuf;
extern const struct family family_drag;
extern const struct family family_gpu;
extern const struct family family_icon;
extern const struct family family_inhibit;
extern const struct family family_offer;
extern const struct family family_output;
extern const struct family family_seat;
extern const struct family family_selection;
extern const struct family family_shm;
extern const struct family family_source;
extern const struct family family_surface;
extern const struct family family_toplevel;

static inline struct client *client_of(struct session *session)
{
	return session_data(session);
}

static inline const struct policy *client_policy(const struct client *client)
{
	return client->filter->policy;
}

static inline enum policy_answer client_answer(const struct client *client, enum policy_key key)
{
	return client->filter->policy->answers[key];
}

/* The client's live object with this id, if it is of this interface; otherwise NULL. */
struct object *client_find(struct client *client, uint32_t id, const char *interface);

/* Records that the request at hand was denied by this key, whose value "allow" would permit it. */
void client_deny(struct client *client, const struct wire_message *message, enum policy_key key);

/* The same for a key that is no enum policy_key; key is static. */
void client_deny_value(struct client *client, const struct wire_message *message, const char *key, const char *allow);

/* Ends the client with an error of this object (NULL: wl_display), and records it. For handlers. */
enum verdict client_error(struct client *client, const struct wire_message *message, struct object *object,
	uint32_t code, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same for a limit that is reached: no_memory. */
enum verdict client_limit(struct client *client, const struct wire_message *message, enum policy_limit limit);

/* Remembers what the client calls itself, for the audit. */
void client_set_app(struct client *client, const char *claimed);
