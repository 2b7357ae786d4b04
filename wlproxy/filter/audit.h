/* What was denied, gathered so that a client can neither flood the one who reads it nor hide something in a flood: equal
 * records are counted, at most one batch leaves a second, what does not fit is counted in a record of its own, and a
 * batch that could not be delivered is kept. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct audit;
struct wl_event_loop;

enum { AUDIT_APP_MAX = 64, AUDIT_ALLOW_MAX = 96 };

struct audit_record {
	int64_t time;		     // µs, CLOCK_REALTIME, of the first
	pid_t pid;		     // of the client, 0 when several were counted together
	char app[AUDIT_APP_MAX + 1]; // sanitised; empty when the client has not said
	const char *interface;	     // static, as the next two; empty when unknown
	const char *request;
	const char *key;		 // that decided, empty when no key did
	char allow[AUDIT_ALLOW_MAX + 1]; // the assignment that would allow it, or, without key, the cause; sanitised
	uint32_t count;
};

/* Takes a batch; false when it could not be delivered now. */
typedef bool (*audit_sink)(const struct audit_record *records, size_t count, void *data);

struct audit *audit_create(struct wl_event_loop *loop, audit_sink sink, void *data);
/* Delivers what is left, if the sink takes it. Accepts NULL. */
void audit_destroy(struct audit *audit);

/* Counts a denial. record is copied; time and count are set here. */
void audit_add(struct audit *audit, const struct audit_record *record);

/* A sink that writes log lines. */
bool audit_log_sink(const struct audit_record *records, size_t count, void *data);
