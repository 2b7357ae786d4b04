/* Under private: the project's selection becomes the host's, when a person says so (isolate clipboard push). For the way back
 * see pull.c.
 *
 * A source of ours at the compositor stands for the project's, through the client that has the keyboard and with the latest
 * serial that it was sent. It lives as long as the project's does and until the host has another; a source that is replaced
 * in the project is told so only then. */
#include "selection.h"

#include "seat.h"
#include "transfer.h"

#include <errno.h>
#include <stdlib.h>

/* The data of a source of ours. */
struct pushed {
	struct wl_list link;   // source::pushed
	struct source *source; // NULL when that is gone
	const struct selection_kind *kind;
	struct object *object;
};

static void handle_pushed_destroyed(struct object *object)
{
	struct pushed *pushed = object->data;
	struct source *source = pushed->source;
	wl_list_remove(&pushed->link);
	object->data = NULL;
	free(pushed);
	if (source && source->replaced && wl_list_empty(&source->pushed))
		object_event(source->object, source->selection->kind->source_cancelled, NO_ARGS);
}

static struct pushed *pushed_of(const struct object *object)
{
	return object->destroyed == handle_pushed_destroyed ? object->data : NULL;
}

bool move_send(struct wire_message *message)
{
	struct pushed *pushed = pushed_of(wire_target(message));
	if (!pushed)
		return false;
	struct source *source = pushed->source;
	if (!source)
		return true;
	const struct filter *filter = source->selection->client->filter;
	int fd = transfers_start(filter->transfers, session_serial(source->selection->client->session),
		wire_take_fd(message, 1), false, filter->policy->limits[POLICY_MAX_CLIPBOARD]);
	if (fd >= 0)
		object_event(source->object, source->selection->kind->source_send,
			ARGS({.s = wire_string(message, 0)}, {.h = fd}));
	return true;
}

bool move_cancelled(struct wire_message *message)
{
	struct pushed *pushed = pushed_of(wire_target(message));
	if (pushed)
		object_request(pushed->object, pushed->kind->source_destroy, NO_ARGS);
	return pushed != NULL;
}

void move_source_gone(struct source *source)
{
	struct pushed *pushed, *next;
	wl_list_for_each_safe (pushed, next, &source->pushed, link)
		object_request(pushed->object, source->selection->kind->source_destroy, NO_ARGS);
}

struct selection_device *move_find_device(
	struct filter *filter, enum selection_id id, bool (*fits)(const struct selection_device *))
{
	struct session *session = NULL;
	struct selection_device *device, *found = NULL;
	while ((session = engine_next_session(filter->engine, session))) {
		struct client *client = client_of(session);
		if (!client || !client->selections || client->selections[id].mode != POLICY_PRIVATE)
			continue;
		wl_list_for_each (device, &client->selections[id].devices, link)
			if (fits(device) && (!found || seat_has_keyboard(client)))
				found = device;
	}
	return found;
}

static struct object *find_manager(const struct selection_device *device)
{
	return client_find(device->selection->client, device->manager, device->selection->kind->manager);
}

static bool can_push(const struct selection_device *device)
{
	return device->selection->client->serials.count > 0 && find_manager(device);
}

static bool announce_pushed(struct selection_device *device, struct object *object, const struct source *source)
{
	const struct selection_kind *kind = device->selection->kind;
	const struct serials *serials = &device->selection->client->serials;
	if (object_request(find_manager(device), kind->manager_create_source, ARGS({.o = object})) < 0)
		return false;
	for (const struct mime_type *type = source->types.first; type; type = type->next)
		object_request(object, kind->source_offer, ARGS({.s = type->name}));
	uint32_t serial = serials->ranges[serials->newest].last;
	return object_request(device->object, kind->device_set_selection, ARGS({.o = object}, {.u = serial})) == 0;
}

int filter_push_selection(struct filter *filter, bool primary)
{
	enum selection_id id = primary ? SELECTION_PRIMARY : SELECTION_CLIPBOARD;
	struct source *source = filter->shared[id].source;
	if (!source || !source->object) {
		errno = ENODATA;
		return -1;
	}
	struct selection_device *device = move_find_device(filter, id, can_push);
	if (!device) {
		errno = EHOSTUNREACH;
		return -1;
	}
	struct session *session = device->selection->client->session;
	struct object *object = object_create(
		session, engine_interface(filter->engine, device->selection->kind->source), device->object->version);
	struct pushed *pushed = object ? malloc(sizeof *pushed) : NULL;
	if (!pushed) {
		if (object)
			object_delete(object);
		errno = ENOMEM;
		return -1;
	}
	*pushed = (struct pushed){.source = source, .kind = device->selection->kind, .object = object};
	wl_list_insert(&source->pushed, &pushed->link);
	object->data = pushed;
	object->destroyed = handle_pushed_destroyed;
	if (announce_pushed(device, object, source))
		return 0;
	if (object->upstream_id == 0)
		object_delete(object);
	errno = EHOSTUNREACH;
	return -1;
}
