/* What a client of a PulseAudio server may ask, decided packet by packet. Knows no sockets.
 *
 * A packet is a descriptor of five big-endian words (length, channel, offset in two, flags) and length bytes. Channel ~0 holds
 * commands: tagged values, first the command and its tag, both 'L' and a word. Other channels hold samples.
 *
 * The native protocol has one kind of connection for everything: whoever may play may also record, listen to what others play,
 * move and end their streams, and load modules, some of which write files. So commands are listed, with what each needs; what
 * is not listed is answered with "access denied". Shared memory would be a way around this, so both sides are told that the
 * other has none.
 *
 * Properties are listed as well: PipeWire takes any that it knows from a client, and one of them makes a sink or a source of a
 * stream, to which others then play or from which they record. The name of one that is not listed is spoilt, in place.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FILTER_DESCRIPTOR = 20,
	FILTER_PEEK = 20,		      // of an answer's payload: command, tag and two words, each with its type
	FILTER_WHOLE = 16 * 1024,	      // of a request's: all of it; a longer one is denied
	FILTER_LENGTH_MAX = 16 * 1024 * 1024, // PulseAudio's own limit
	FILTER_PENDING_MAX = 32,
	FILTER_OWN_MAX = 256,
	FILTER_ERROR_SIZE = FILTER_DESCRIPTOR + 15,
};

enum filter_rights {
	FILTER_PLAYBACK = 1 << 0,
	FILTER_RECORD = 1 << 1,
};

enum filter_verdict {
	FILTER_PASS,
	FILTER_DENY,  // the packet is dropped; filter_error() is for the client, if it awaits an answer
	FILTER_BREAK, // this is not the protocol: the connection ends
};

/* One connection. */
struct filter {
	unsigned rights; // enum filter_rights
	struct {
		uint32_t tag;
		uint8_t right;
	} pending[FILTER_PENDING_MAX]; // streams that were asked for
	struct {
		uint32_t index;
		uint8_t right;
	} own[FILTER_OWN_MAX]; // streams that this client has
	size_t n_pending, n_own;
};

/* How much of a packet must be there to decide, from its descriptor. 0: FILTER_BREAK. */
size_t filter_request_need(const unsigned char *descriptor);
size_t filter_answer_need(const unsigned char *descriptor);

/* packet has as many bytes; greetings and properties are changed in place. *tag is of a command that is denied. */
enum filter_verdict filter_request(struct filter *filter, unsigned char *packet, uint32_t *tag);
enum filter_verdict filter_answer(struct filter *filter, const unsigned char *packet);

/* The whole packet that says "access denied". */
void filter_error(unsigned char *packet, uint32_t tag);
