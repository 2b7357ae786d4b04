/* A compositor that shows nothing: it keeps the protocol as libwayland's server side would (objects, ids, signatures,
 * versions, delete_id), answers what a client waits for at once, and costs next to nothing per message, so that a
 * benchmark sees what is between it and the client. Its registry is the one of sway 1.7.
 *
 * wl_pointer.set_cursor(serial, surface, n, 0) asks for an enter on the surface, if there is one, and a flood of n motion
 * and n frame events; set_cursor(serial, surface, 0, evil) for an event that no compositor should send. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { STUB_LOG_MAX = 1 << 19, STUB_WORDS = 6, STUB_TEXT = 72 };

enum stub_evil {
	STUB_EVIL_NEWER = 1, // than the bound version
	STUB_EVIL_FDS,	     // that no event asks for
	STUB_EVIL_OPCODE,
	STUB_EVIL_SIZE,
	STUB_EVIL_UNALIGNED,
	STUB_EVIL_SHORT,
	STUB_EVIL_LONG,
	STUB_EVIL_OBJECT,
	STUB_EVIL_ARRAY,
	STUB_EVIL_ARRAY_WRAPS,
	STUB_EVIL_STRING, // without NUL
	STUB_EVIL_STRING_LONG,
	STUB_EVIL_STRING_WRAPS,
	STUB_EVIL_DELETE_UNKNOWN,
	STUB_EVIL_DELETE_LIVE,
	STUB_EVIL_DELETE_DISPLAY,
	STUB_EVIL_NO_FD,
	STUB_EVIL_NEW_ID_GAP,
	STUB_EVIL_NEW_ID_CLIENT, // in the client's range
	STUB_EVIL_NEW_ID_NULL,
	STUB_EVIL_ARGUMENT,
	STUB_EVIL_ERROR, // about an object that nobody has
	STUB_EVIL_LARGE,
	STUB_EVIL_END,
};

/* One request that came in, in the order of arrival. */
struct stub_entry {
	uint32_t client; // counted from 1 in order of connection
	uint32_t object;
	const char *interface, *request; // in the tables: valid in a parent that forked the stub; NULL when unknown
	uint16_t opcode, size, n_fds, version;
	uint32_t words[STUB_WORDS];
	char text[STUB_TEXT]; // the first string argument
};

/* What a test sees of the stub: memory shared with the process that runs it. */
struct stub_record {
	_Atomic uint32_t n_clients, n_accepted; // now, ever
	_Atomic uint32_t n_violations;		// a client was sent wl_display.error
	_Atomic uint32_t n_entries;		// all of them; those beyond STUB_LOG_MAX are not kept
	char violation[320];			// the last one
	struct stub_entry entries[STUB_LOG_MAX];
};

/* Shared anonymous memory. Aborts when there is none. */
struct stub_record *stub_record_create(void);

/* Serves for ever, or until listen_fd fails. With a record every argument is checked and every request is kept. */
int stub_run(int listen_fd, struct stub_record *record);

/* A child process that serves path and dies with its parent; listening when this returns. cpu -1 is any. */
pid_t stub_start(const char *path, struct stub_record *record, int cpu);
