/* Offers: those of the host, held back from the client until their purpose is known, and ours, which stand for the
 * selection of the host or of the project. Data goes through a pipe of ours (transfer.h). */
#include "selection.h"

#include "protocol-opcodes.h"
#include "transfer.h"

#include <stdlib.h>

void orphan_copies(struct wl_list *copies)
{
	struct offer_copy *copy, *next;
	wl_list_for_each_safe (copy, next, copies, link) {
		copy->host = NULL;
		copy->source = NULL;
		wl_list_remove(&copy->link);
		wl_list_init(&copy->link);
	}
}

static void handle_host_offer_destroyed(struct object *object)
{
	struct host_offer *offer = object->data;
	if (offer->device && offer->device->current == offer)
		offer->device->current = NULL;
	orphan_copies(&offer->copies);
	if (offer->pull)
		pull_offer_gone(offer->pull);
	wl_list_remove(&offer->link);
	mime_list_finish(&offer->types, &offer->mime_bytes);
	object->data = NULL;
	free(offer);
}

struct host_offer *host_offer_of(const struct object *object)
{
	return object->destroyed == handle_host_offer_destroyed && object_is_injected(object) ? object->data : NULL;
}

struct host_offer *host_offer_create(struct object *object, struct selection_device *device)
{
	struct host_offer *offer = calloc(1, sizeof *offer);
	if (!offer)
		return NULL;
	offer->object = object;
	offer->device = device;
	offer->kind = device->selection->kind;
	mime_list_init(&offer->types);
	wl_list_init(&offer->copies);
	wl_list_insert(&device->offers, &offer->link);
	object->data = offer;
	object->destroyed = handle_host_offer_destroyed;
	return offer;
}

void host_offer_drop(struct host_offer *offer)
{
	const struct selection_kind *kind = offer->kind;
	object_request(offer->object, kind->offer_destroy, NO_ARGS);
}

static void send_types(struct object *object, const struct selection_kind *kind, const struct mime_list *types)
{
	for (const struct mime_type *type = types->first; type; type = type->next)
		object_event(object, kind->offer_offer, ARGS({.s = type->name}));
}

bool host_offer_reveal(struct host_offer *offer)
{
	const struct selection_kind *kind = offer->kind;
	if (!offer->device ||
		object_event(offer->device->object, kind->device_data_offer, ARGS({.o = offer->object})) < 0)
		return false;
	send_types(offer->object, kind, &offer->types);
	if (offer->has_actions)
		object_event(offer->object, WL_DATA_OFFER_EVENT_SOURCE_ACTIONS, ARGS({.u = offer->actions}));
	return true;
}

static void handle_copy_destroyed(struct object *object)
{
	struct offer_copy *copy = object->data;
	wl_list_remove(&copy->link);
	wl_list_remove(&copy->device_link);
	free(copy);
}

struct object *offer_copy_announce(struct selection_device *device, struct host_offer *host, struct source *source)
{
	const struct selection_kind *kind = device->selection->kind;
	struct session *session = device->object->session;
	const struct interface *interface = engine_interface(session_engine(session), kind->offer);
	struct offer_copy *copy = calloc(1, sizeof *copy);
	struct object *object = copy ? object_create(session, interface, device->object->version) : NULL;
	if (!object) {
		free(copy);
		return NULL;
	}
	*copy = (struct offer_copy){.device = device, .host = host, .source = source};
	wl_list_insert(host ? &host->copies : &source->copies, &copy->link);
	wl_list_insert(&device->copies, &copy->device_link);
	object->data = copy;
	object->destroyed = handle_copy_destroyed;
	if (object_event(device->object, kind->device_data_offer, ARGS({.o = object})) < 0) {
		object_delete(object);
		return NULL;
	}
	send_types(object, kind, host ? &host->types : &source->types);
	return object;
}

void device_forget(struct selection_device *device)
{
	struct host_offer *offer, *next_offer;
	struct offer_copy *copy, *next_copy;
	wl_list_for_each_safe (offer, next_offer, &device->offers, link) {
		offer->device = NULL;
		wl_list_remove(&offer->link);
		wl_list_init(&offer->link);
	}
	wl_list_for_each_safe (copy, next_copy, &device->copies, device_link) {
		copy->device = NULL;
		wl_list_remove(&copy->device_link);
		wl_list_init(&copy->device_link);
	}
}

/* Whether this read is one that the rules allow; remembers that one was not. */
static bool may_read(struct offer_copy *copy, const struct wire_message *message)
{
	struct selection_device *device = copy->device;
	if (copy->source)
		return true; // the project's own
	if (selection_may_read(device))
		return true;
	client_deny(device->selection->client, message, device->selection->kind->key);
	device->refused = true;
	return false;
}

static enum verdict handle_receive(struct session *session, struct wire_message *message)
{
	struct object *target = wire_target(message);
	if (target->destroyed != handle_copy_destroyed)
		return VERDICT_FORWARD; // of a drag, or under allow
	struct offer_copy *copy = target->data;
	const char *type = wire_string(message, 0);
	if (!copy->device || (!copy->host && !copy->source))
		return VERDICT_ANSWER;
	const struct selection_kind *kind = copy->device->selection->kind;
	struct filter *filter = copy->device->selection->client->filter;
	if (!mime_list_has(copy->host ? &copy->host->types : &copy->source->types, type) || !may_read(copy, message))
		return VERDICT_ANSWER;
	if (copy->source && copy->source->pulled) {
		pulled_send(filter, copy->source, type, session_serial(session), wire_take_fd(message, 1));
		return VERDICT_ANSWER;
	}
	if (copy->source && session_is_behind(copy->source->object->session))
		return VERDICT_ANSWER; // the owner could not answer soon, and its descriptors would pile up here
	int fd = transfers_start(filter->transfers, session_serial(session), wire_take_fd(message, 1), true,
		filter->policy->limits[POLICY_MAX_CLIPBOARD]);
	if (fd < 0)
		return VERDICT_ANSWER;
	if (copy->host)
		object_request(copy->host->object, kind->offer_receive, ARGS({.s = type}, {.h = fd}));
	else
		object_event(copy->source->object, kind->source_send, ARGS({.s = type}, {.h = fd}));
	return VERDICT_ANSWER;
}

static const struct hook hooks[] = {
	{"wl_data_offer",		  DIRECTION_REQUEST, WL_DATA_OFFER_REQUEST_RECEIVE,		    handle_receive},
	{"zwp_primary_selection_offer_v1", DIRECTION_REQUEST, ZWP_PRIMARY_SELECTION_OFFER_V1_REQUEST_RECEIVE,
		handle_receive												     },
};

const struct family family_offer = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
