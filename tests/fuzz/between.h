/* A program that stands between a client and a server (struct door), with raw bytes of the fuzzer from both.
 *
 * An input is a byte that means something to the target, and then records: a byte, and what is sent. Bit 7 of that byte says
 * that the server sends, bit 6 that a descriptor goes with it, the others are the length less one. */
#pragma once

#include "door.h"

#include <stddef.h>
#include <stdint.h>

enum { BETWEEN_CLIENT, BETWEEN_SERVER, BETWEEN_ENDS };

struct between {
	/* What each end sent and got. */
	struct {
		uint8_t *data;
		size_t size;
	} sent[BETWEEN_ENDS], got[BETWEEN_ENDS];
	size_t fds[BETWEEN_ENDS];
	bool alive; // the connection was not ended
};

/* Sends records, piece bytes at once. before is what the client sends first. */
void between_run(struct between *between, const struct door *door, const char *before, size_t before_size,
	const uint8_t *data, size_t size, size_t piece);
void between_free(struct between *between);

/* In pieces or not, the same comes out; of a connection that is ended, the last may be lost. The result is that of whole records. */
void between_run_both(struct between *between, const struct door *door, const char *before, size_t before_size,
	const uint8_t *data, size_t size);
