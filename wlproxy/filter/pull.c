/* Under private: the host's selection becomes the project's, when a person says so (isolate clipboard pull).
 *
 * It is copied at once: a compositor lets a client read only while one of its windows has the keyboard and the selection
 * stays. The types are asked for one after the other, in the host's order, and lie in a file in memory; MaxClipboard is
 * for all of them. One that does not fit is left out, as is one of which nothing comes or whose sender is silent for
 * SILENT_MS. When all were asked for, the offer is gone, or TOTAL_MS are over, what was copied is the project's selection,
 * for as long as nothing else is.
 *
 * A client has no part in it: its connection carries the requests, and it may end meanwhile. */
#include "selection.h"

#include "fd.h"
#include "seat.h"
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-server-core.h>

enum { SILENT_MS = 2000, TOTAL_MS = 10000 };

/* What a source has whose data was copied. */
struct pulled {
	int file;
	uint64_t used;
	size_t mime_bytes;
	struct piece {
		uint64_t offset, size;
	} pieces[MIME_TYPES_MAX]; // of source::types, in their order
};

/* A copy under way. */
struct pull {
	struct filter *filter;
	enum selection_id id;
	struct source *source;	      // what it is to be
	struct host_offer *offer;     // NULL when it is gone
	const struct mime_type *next; // of the offer, to be asked for
	char type[MIME_LENGTH_MAX];   // that is on its way
	struct transfers *transfers;  // that one
	struct wl_event_source *timer;
	uint64_t limit, seen; // bytes: in all; that had come when the timer last looked
	uint64_t until;	      // ms
	int why;	      // something was left out
	pull_sink sink;
	void *sink_data;
};

void pulled_free(struct source *source)
{
	struct pulled *pulled = source->pulled;
	orphan_copies(&source->copies);
	mime_list_finish(&source->types, &pulled->mime_bytes);
	fd_closep(&pulled->file);
	free(pulled);
	free(source);
}

static struct source *pulled_create(void)
{
	struct source *source = calloc(1, sizeof *source);
	struct pulled *pulled = calloc(1, sizeof *pulled);
	if (!source || !pulled) {
		free(source);
		free(pulled);
		return NULL;
	}
	mime_list_init(&source->types);
	wl_list_init(&source->copies);
	wl_list_init(&source->pushed);
	source->pulled = pulled;
	pulled->file = memfd_create("selection", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (pulled->file >= 0)
		return source;
	pulled_free(source);
	return NULL;
}

void pulled_send(struct filter *filter, const struct source *source, const char *type, uint32_t owner, int destination)
{
	const struct piece *piece = source->pulled->pieces;
	autofd out = destination;
	for (const struct mime_type *known = source->types.first; known; known = known->next, piece++) {
		if (strcmp(known->name, type) != 0)
			continue;
		transfers_send(
			filter->transfers, owner, source->pulled->file, piece->offset, piece->size, fd_steal(&out));
		return;
	}
}

static void pull_free(struct pull *pull)
{
	if (pull->offer)
		pull->offer->pull = NULL;
	if (pull->timer)
		wl_event_source_remove(pull->timer);
	transfers_destroy(pull->transfers);
	if (pull->source)
		pulled_free(pull->source);
	free(pull);
}

static void conclude(struct pull *pull, int error)
{
	pull_sink sink = pull->sink;
	void *data = pull->sink_data;
	struct filter *filter = pull->filter;
	filter->pulls[pull->id] = NULL;
	if (!error && pull->source->types.count == 0)
		error = pull->why ? pull->why : ENODATA;
	if (!error) {
		private_set(filter, pull->id, pull->source);
		pull->source = NULL;
	}
	pull_free(pull);
	sink(error, data);
}

/* Bytes of the type at hand that have come. */
static uint64_t count_received(const struct pull *pull)
{
	const struct pulled *pulled = pull->source->pulled;
	off_t end = lseek(pulled->file, 0, SEEK_CUR);
	return end < 0 ? 0 : (uint64_t)end - pulled->used;
}

/* Asks for the next type. False when there is none (errno 0), or when it cannot. */
static bool receive_next(struct pull *pull)
{
	struct pulled *pulled = pull->source->pulled;
	errno = 0;
	if (!pull->offer || !pull->next || seat_now_ms() >= pull->until)
		return false;
	strcpy(pull->type, pull->next->name); // it was let into the list
	pull->next = pull->next->next;
	pull->seen = 0;
	// One byte more than fits, to know what does not. What an earlier one left behind is written over.
	if (lseek(pulled->file, (off_t)pulled->used, SEEK_SET) < 0)
		return false;
	int out = fcntl(pulled->file, F_DUPFD_CLOEXEC, 0);
	if (out < 0)
		return false;
	int fd = transfers_start(pull->transfers, 0, out, false, pull->limit - pulled->used + 1);
	if (fd < 0)
		return false;
	wl_event_source_timer_update(pull->timer, SILENT_MS);
	// If this fails, fd is closed: the transfer ends with nothing.
	object_request(pull->offer->object, pull->offer->kind->offer_receive, ARGS({.s = pull->type}, {.h = fd}));
	return true;
}

static void go_on(struct pull *pull)
{
	if (receive_next(pull))
		return;
	if (errno)
		pull->why = errno;
	conclude(pull, 0);
}

static void handle_received(void *data)
{
	struct pull *pull = data;
	struct pulled *pulled = pull->source->pulled;
	uint64_t size = count_received(pull);
	if (size > pull->limit - pulled->used) {
		pull->why = EFBIG;
	} else if (size > 0 && mime_list_add(&pull->source->types, pull->type, &pulled->mime_bytes)) {
		pulled->pieces[pull->source->types.count - 1] = (struct piece){pulled->used, size};
		pulled->used += size;
	}
	go_on(pull);
}

static int handle_timer(void *data)
{
	struct pull *pull = data;
	uint64_t size = count_received(pull);
	if (size > pull->seen && seat_now_ms() < pull->until) {
		pull->seen = size;
		wl_event_source_timer_update(pull->timer, SILENT_MS);
		return 0;
	}
	pull->why = ETIMEDOUT;
	transfers_clear(pull->transfers);
	go_on(pull);
	return 0;
}

void pull_offer_gone(struct pull *pull)
{
	pull->offer = NULL; // what is on its way may still come
}

static struct pull *pull_create(struct filter *filter, struct host_offer *offer)
{
	struct wl_event_loop *loop = engine_loop(filter->engine);
	struct pull *pull = calloc(1, sizeof *pull);
	if (!pull)
		return NULL;
	pull->filter = filter;
	pull->id = offer->kind->id;
	pull->offer = offer;
	offer->pull = pull;
	pull->next = offer->types.first;
	pull->limit = filter->policy->limits[POLICY_MAX_CLIPBOARD];
	if (pull->limit > INT64_MAX - 1)
		pull->limit = INT64_MAX - 1; // what a file can have
	pull->until = seat_now_ms() + TOTAL_MS;
	pull->source = pulled_create();
	pull->transfers = transfers_create(loop);
	pull->timer = wl_event_loop_add_timer(loop, handle_timer, pull);
	if (pull->source && pull->transfers && pull->timer) {
		transfers_on_end(pull->transfers, handle_received, pull);
		return pull;
	}
	pull_free(pull);
	return NULL;
}

static bool can_pull(const struct selection_device *device)
{
	return device->current && device->current->types.first;
}

int filter_pull_selection(struct filter *filter, bool primary, pull_sink sink, void *data)
{
	enum selection_id id = primary ? SELECTION_PRIMARY : SELECTION_CLIPBOARD;
	struct selection_device *device = move_find_device(filter, id, can_pull);
	if (!device || filter->pulls[id]) {
		errno = device ? EBUSY : ENODATA;
		return -1;
	}
	struct pull *pull = pull_create(filter, device->current);
	if (!pull || !receive_next(pull)) {
		int error = errno ? errno : ENOMEM;
		if (pull)
			pull_free(pull);
		errno = error;
		return -1;
	}
	pull->sink = sink;
	pull->sink_data = data;
	filter->pulls[id] = pull;
	return 0;
}

void pulls_forget(struct filter *filter)
{
	for (int id = 0; id < SELECTION_COUNT; id++) {
		struct source *source = filter->shared[id].source;
		if (filter->pulls[id])
			conclude(filter->pulls[id], ECANCELED);
		if (source && source->pulled)
			private_set(filter, id, NULL);
	}
}
