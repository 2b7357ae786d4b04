/* Clipboard=private, Primary=private: the project has a selection of its own, shared by its clients, and neither reads nor
 * sets the host's. Its source lives in one client; every client that has the keyboard is told of it, when it gets the
 * keyboard and when the selection changes, as a compositor would. The host's selection event, which compositors send just
 * before the keyboard enters, and the entering itself are what tells us; a client forgets what it was told when the
 * keyboard leaves. */
#include "selection.h"

#include "seat.h"

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

static void announce_to_all(struct filter *filter, enum selection_id id)
{
	struct session *session = NULL;
	while ((session = engine_next_session(filter->engine, session))) {
		struct client *client = client_of(session);
		struct selection_device *device;
		if (!client || !client->selections || client->selections[id].mode != POLICY_PRIVATE ||
			!seat_has_keyboard(client))
			continue;
		wl_list_for_each (device, &client->selections[id].devices, link)
			private_announce(device);
	}
}

/* It is no more the project's selection. */
static void replace(struct source *source)
{
	orphan_copies(&source->copies);
	if (source->offer) {
		host_offer_drop(source->offer); // frees the source
		return;
	}
	source->replaced = true;
	if (wl_list_empty(&source->pushed))
		object_event(source->object, source->selection->kind->source_cancelled, NO_ARGS);
}

void private_set(struct selection *selection, struct source *source)
{
	enum selection_id id = selection->kind->id;
	struct filter *filter = selection->client->filter;
	struct shared_selection *shared = &filter->shared[id];
	struct source *old = shared->source;
	shared->source = source;
	shared->generation++;
	if (source)
		source->replaced = false;
	if (old && old != source)
		replace(old);
	announce_to_all(filter, id);
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
	announce_to_all(filter, id);
}
