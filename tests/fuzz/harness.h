/* A session of the engine with raw bytes of the fuzzer at one end and libwayland at the other: whatever the engine
 * forwards, libwayland must accept. Any complaint of libwayland aborts, and so does a session that is left over.
 *
 * The first byte of an input chooses the policy (judge-filter.c; the engine alone has none). The rest is
 * a list of steps. The low two bits of a step's first byte say what it is:
 *
 *	0 1  bytes for the engine: bit 2 says that the length, the next byte, counts bytes instead of words; bits 3 and 4
 *	     are the number of descriptors, the bits above them say which comes first: /dev/null, a memory file, a pipe
 *	2    libwayland's end says something itself: three more bytes choose the object, the message and its arguments
 *	3    everybody reads; with bit 3 something else happens, which the next byte chooses (judge_act()); without it, but
 *	     with bit 2, the raw end closes */
#pragma once

#include "must.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wayland-util.h>

struct step {
	uint8_t object, message, value;
};

/* The end that libwayland has. Its globals are names 1 to N, in this order. */
struct far_end {
	void (*open)(int fd);
	/* Says something: what is chosen is taken modulo what there is. */
	void (*act)(struct step step);
	/* Handles what it got. */
	void (*run)(void);
	void (*close)(void);
};
extern const struct far_end server_end, client_end;

struct fuzz_global {
	const char *interface;
	uint32_t version;
};
extern const struct fuzz_global fuzz_globals[];
extern const size_t fuzz_n_globals;

const struct wl_interface *fuzz_interface(const char *name);
bool fuzz_is_destructor(const struct wl_interface *interface, bool request, uint32_t opcode);
/* Arguments for a message. object() finds one of this interface, or NULL, and is not asked for a new_id: those are left 0.
 * false when there is no object where one must be. Descriptors are to be kept open. */
bool fuzz_make_args(const struct wl_message *message, uint8_t value, union wl_argument *args,
	void *(*object)(const struct wl_interface *interface, uint8_t value));

/* raw_is_client: the fuzzer's bytes are requests. */
int fuzz_run(const struct far_end *far_end, bool raw_is_client, const uint8_t *data, size_t size);
