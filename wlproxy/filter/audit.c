#include "audit.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wayland-server-core.h>

enum {
	PENDING_MAX = 64,    // distinct records between two batches
	INTERVAL_MS = 1000,  // between two batches
	RECORD_OVERFLOW = 0, // the slot that counts what found no slot
};

struct audit {
	audit_sink sink;
	void *data;
	struct wl_event_source *timer;
	bool timer_armed;
	size_t n_pending; // slots in use after the overflow slot
	struct audit_record pending[1 + PENDING_MAX];
};

static int64_t now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void arm(struct audit *audit)
{
	audit->timer_armed = wl_event_source_timer_update(audit->timer, INTERVAL_MS) == 0;
}

static void deliver(struct audit *audit)
{
	bool overflow = audit->pending[RECORD_OVERFLOW].count > 0;
	const struct audit_record *first = &audit->pending[overflow ? RECORD_OVERFLOW : 1];
	size_t count = audit->n_pending + overflow;
	if (count == 0 || !audit->sink(first, count, audit->data))
		return;
	audit->n_pending = 0;
	audit->pending[RECORD_OVERFLOW].count = 0;
}

static int handle_timer(void *data)
{
	struct audit *audit = data;
	audit->timer_armed = false;
	if (audit->n_pending == 0)
		return 0;
	deliver(audit);
	arm(audit);
	return 0;
}

struct audit *audit_create(struct wl_event_loop *loop, audit_sink sink, void *data)
{
	struct audit *audit = calloc(1, sizeof *audit);
	if (!audit)
		return NULL;
	audit->sink = sink;
	audit->data = data;
	audit->timer = wl_event_loop_add_timer(loop, handle_timer, audit);
	if (!audit->timer) {
		free(audit);
		return NULL;
	}
	struct audit_record *overflow = &audit->pending[RECORD_OVERFLOW];
	overflow->interface = overflow->request = overflow->key = "";
	strcpy(overflow->allow, "more kinds of denial than are told apart");
	return audit;
}

void audit_destroy(struct audit *audit)
{
	if (!audit)
		return;
	deliver(audit);
	wl_event_source_remove(audit->timer);
	free(audit);
}

static bool is_same(const struct audit_record *a, const struct audit_record *b)
{
	return a->pid == b->pid && strcmp(a->interface, b->interface) == 0 && strcmp(a->request, b->request) == 0 &&
	       strcmp(a->key, b->key) == 0 && strcmp(a->app, b->app) == 0 && strcmp(a->allow, b->allow) == 0;
}

static struct audit_record *find_slot(struct audit *audit, const struct audit_record *record)
{
	for (size_t i = 1; i <= audit->n_pending; i++)
		if (is_same(&audit->pending[i], record))
			return &audit->pending[i];
	if (audit->n_pending == PENDING_MAX)
		return &audit->pending[RECORD_OVERFLOW];
	struct audit_record *slot = &audit->pending[++audit->n_pending];
	*slot = *record;
	slot->count = 0;
	return slot;
}

void audit_add(struct audit *audit, const struct audit_record *record)
{
	struct audit_record *slot = find_slot(audit, record);
	if (slot->count == 0)
		slot->time = now_us();
	if (slot->count < UINT32_MAX)
		slot->count++;
	// The first after a quiet time is told at once.
	if (audit->timer_armed)
		return;
	deliver(audit);
	arm(audit);
}

bool audit_log_sink(const struct audit_record *records, size_t count, void *data)
{
	for (size_t i = 0; i < count; i++) {
		const struct audit_record *r = &records[i];
		const char *allowed = *r->key ? "; allow it with " : ": ";
		log_warning("client %d%s%s: %s.%s denied%s%s (%u×)", (int)r->pid, *r->app ? " " : "", r->app,
			r->interface, r->request, allowed, r->allow, r->count);
	}
	return true;
}
