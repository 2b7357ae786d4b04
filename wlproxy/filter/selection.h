/* Selections: the clipboard and the primary selection, whose protocols differ in names alone, and drags, which share the
 * objects of the clipboard. Inside the filter; the rules are at the head of selection.c, drag.c and private-selection.c. */
#pragma once

#include "client.h"
#include "mime.h"

#include <wayland-util.h>

enum selection_id { SELECTION_CLIPBOARD, SELECTION_PRIMARY, SELECTION_COUNT };

/* Names and opcodes of one of the two protocols. */
struct selection_kind {
	enum selection_id id;
	enum policy_key key;
	const char *manager, *source, *offer; // interfaces
	uint16_t manager_create_source, device_set_selection, source_offer, source_destroy, offer_receive,
		offer_destroy;
	uint16_t device_data_offer, device_selection, offer_offer, source_send, source_cancelled; // events
};
extern const struct selection_kind selection_kinds[SELECTION_COUNT];

/* What a client has of one kind. */
struct selection {
	struct client *client;
	const struct selection_kind *kind;
	enum policy_answer mode; // of the whole session
	struct wl_list devices;	 // selection_device::link
	size_t mime_bytes;	 // of the client's sources; host offers are bounded by the compositor's selections
};

/* The data of a device object. */
struct selection_device {
	struct wl_list link; // selection::devices
	struct selection *selection;
	struct object *object;
	uint32_t manager;	    // the client's id of what made it
	struct host_offer *current; // the host's selection, not for private
	uint64_t seen;		    // generation of the project's selection that it was told of
	bool refused;		    // something was not read: to be announced again
	bool drag_hidden;	    // between an enter that was refused and its leave
	struct wl_list offers;	    // host_offer::link
	struct wl_list copies;	    // offer_copy::device_link
};

/* The data of an offer that came from the compositor and of which the client does not know (yet). */
struct host_offer {
	struct wl_list link; // selection_device::offers
	const struct selection_kind *kind;
	struct object *object;
	struct selection_device *device; // NULL when that is gone
	struct mime_list types;
	size_t mime_bytes;
	bool has_actions;
	uint32_t actions;
	struct wl_list copies; // offer_copy::link
	struct pull *pull;     // that reads it
};

/* The data of an offer that we made for a client, of the host's selection or of the project's. */
struct offer_copy {
	struct wl_list link;		 // host_offer::copies or source::copies
	struct wl_list device_link;	 // selection_device::copies
	struct selection_device *device; // NULL when that is gone
	struct host_offer *host;	 // or
	struct source *source;		 // the two are NULL when what it offered is gone
};

/* The data of a source of the client's, in every mode but allow; or a selection of the host that was pulled into the
 * project, which is of no client: it has types, copies and pulled alone. */
struct source {
	struct selection *selection;
	struct object *object;
	uint32_t manager; // the client's id of what made it
	struct mime_list types;
	bool has_actions;
	uint32_t actions;
	bool in_drag;
	bool replaced;	       // it was the project's selection, and is told so when it is no more the host's
	struct wl_list copies; // offer_copy::link
	struct wl_list pushed; // pushed::link in move.c
	struct pulled *pulled;
};

/* offer.c */
struct host_offer *host_offer_create(struct object *object, struct selection_device *device);
/* The one that this object is, as long as the client does not know of it; otherwise NULL. */
struct host_offer *host_offer_of(const struct object *object);
/* Tells the client of the offer itself. */
bool host_offer_reveal(struct host_offer *offer);
/* Ends it, upstream too. */
void host_offer_drop(struct host_offer *offer);
/* An offer object for the client, announced with its types; NULL when memory is short. */
struct object *offer_copy_announce(struct selection_device *device, struct host_offer *host, struct source *source);
/* What it offered is gone: reading from them gives nothing. */
void orphan_copies(struct wl_list *copies);
/* The device is gone: its offers stay, without it. */
void device_forget(struct selection_device *device);

/* selection.c */
bool selection_may_read(const struct selection_device *device);

/* source.c */
/* Makes it known to the compositor. False when memory is short. */
bool source_promote(struct source *source);

/* private-selection.c */
struct announcer *announcer_create(struct filter *filter, struct wl_event_loop *loop);
void announcer_destroy(struct announcer *announcer); // accepts NULL
/* Makes it the project's selection (NULL: none). One that was pulled is the filter's from now on. */
void private_set(struct filter *filter, enum selection_id id, struct source *source);
/* Announces the project's selection to a device, unless it knows. */
void private_announce(struct selection_device *device);
void private_source_gone(struct source *source);

/* move.c */
/* Events of sources of ours: true when it was one. */
bool move_send(struct wire_message *message);
bool move_cancelled(struct wire_message *message);
/* What was pushed is gone. */
void move_source_gone(struct source *source);
/* The client of the project with the keyboard, or else any, has it: a device that fits, or NULL. */
struct selection_device *move_find_device(
	struct filter *filter, enum selection_id id, bool (*fits)(const struct selection_device *));

/* pull.c */
void pull_offer_gone(struct pull *pull);
/* Starts to send what was pulled. destination is taken over. */
void pulled_send(struct filter *filter, const struct source *source, const char *type, uint32_t owner, int destination);
void pulled_free(struct source *source);
/* Ends what is under way and forgets what was pulled. */
void pulls_forget(struct filter *filter);

/* Called by others: before a press of a key or button is forwarded; before the keyboard enters; after it left. */
void selection_before_input(struct client *client);
void selection_focus(struct client *client);
void selection_blur(struct client *client);
