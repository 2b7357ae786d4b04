/* Clipboard=private, Primary=private: the project has a selection of its own, shared by its clients, and neither reads nor
 * sets the host's. Its source lives in one client; every client that has the keyboard is told of it, when it gets the
 * keyboard and when the selection changes, as a compositor would. The host's selection event, which compositors send just
 * before the keyboard enters, and the entering itself are what tells us; a client forgets what it was told when the
 * keyboard leaves. */
#include "selection.h"

#include "seat.h"

#include <stdlib.h>
#include <wayland-server-core.h>

void private_announce(struct selection_device *device)
{
	const struct selection_kind *kind = device->selection->kind;
	struct shared_selection *shared = &device->selection->client->filter->shared[kind->id];
	if (device->seen == shared->generation)
		return;
	device->seen = shared->generation;
	struct object *copy = shared->source ? offer_copy_announce(device, NULL, shared->source) : NULL;
	object_event(device->object, kind->device_selection, ARGS({.o = copy}));
}

/* Tells it when the messages at hand are done: once, however often the selection changed meanwhile. A client that is
 * behind with reading is told later, of what the selection then is. */
struct announcer {
	struct filter *filter;
	struct wl_event_source *idle, *timer;
};

enum { BEHIND_RETRY_MS = 200 };

/* False when somebody is behind. */
static bool announce_to_all(struct filter *filter, enum selection_id id)
{
	struct session *session = NULL;
	bool all = true;
	while ((session = engine_next_session(filter->engine, session))) {
		struct client *client = client_of(session);
		struct selection_device *device;
		if (!client || !client->selections || client->selections[id].mode != POLICY_PRIVATE ||
			!seat_has_keyboard(client))
			continue;
		if (session_is_behind(session)) {
			all = false;
			continue;
		}
		wl_list_for_each (device, &client->selections[id].devices, link)
			private_announce(device);
	}
	return all;
}

static void announce(struct announcer *announcer)
{
	bool all = true;
	for (int id = 0; id < SELECTION_COUNT; id++)
		all &= announce_to_all(announcer->filter, id);
	if (!all)
		wl_event_source_timer_update(announcer->timer, BEHIND_RETRY_MS);
}

static void handle_idle(void *data)
{
	struct announcer *announcer = data;
	announcer->idle = NULL;
	announce(announcer);
}

static int handle_timer(void *data)
{
	announce(data);
	return 0;
}

static void announce_soon(struct filter *filter)
{
	struct announcer *announcer = filter->announcer;
	if (!announcer->idle)
		announcer->idle = wl_event_loop_add_idle(engine_loop(filter->engine), handle_idle, announcer);
}

struct announcer *announcer_create(struct filter *filter, struct wl_event_loop *loop)
{
	struct announcer *announcer = calloc(1, sizeof *announcer);
	if (!announcer)
		return NULL;
	announcer->filter = filter;
	announcer->timer = wl_event_loop_add_timer(loop, handle_timer, announcer);
	if (!announcer->timer) {
		free(announcer);
		return NULL;
	}
	return announcer;
}

void announcer_destroy(struct announcer *announcer)
{
	if (!announcer)
		return;
	if (announcer->idle)
		wl_event_source_remove(announcer->idle);
	wl_event_source_remove(announcer->timer);
	free(announcer);
}

/* It is no more the project's selection. */
static void replace(struct source *source)
{
	if (source->pulled) {
		pulled_free(source);
		return;
	}
	orphan_copies(&source->copies);
	source->replaced = true;
	if (wl_list_empty(&source->pushed))
		object_event(source->object, source->selection->kind->source_cancelled, NO_ARGS);
}

void private_set(struct filter *filter, enum selection_id id, struct source *source)
{
	struct shared_selection *shared = &filter->shared[id];
	struct source *old = shared->source;
	shared->source = source;
	shared->generation++;
	if (source)
		source->replaced = false;
	if (old && old != source)
		replace(old);
	announce_soon(filter);
}

void private_source_gone(struct source *source)
{
	struct filter *filter = source->selection->client->filter;
	enum selection_id id = source->selection->kind->id;
	struct shared_selection *shared = &filter->shared[id];
	if (shared->source != source)
		return;
	shared->source = NULL;
	shared->generation++;
	announce_soon(filter);
}
