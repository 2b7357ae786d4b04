/* isolate-audio, with a program of a container at one end and the sound server at the other. The first byte of an input: bits 0
 * and 1, whether it may play and record. What reaches the server is taken apart again by somebody who knows the protocol from
 * elsewhere: it holds nothing that the program has no right to. */
#include "between.h"
#include "must.h"
#include "relay.h"

#include <string.h>

enum { CONTROL = 0xffffffff, WORD = 5, AUTH = 8, SRB = 101, MEMFD = 103 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t word(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool holds(const uint8_t *list, size_t size, uint32_t number)
{
	return number < 256 && memchr(list, (int)number, size);
}

/* The lists of tests/unit/audio: what anybody may say, and what is for playing and for recording. */
static bool may_say(uint32_t command, unsigned rights)
{
	static const uint8_t any[] = {8, 9, 13, 20, 21, 22, 23, 24, 35, 82, 85};
	static const uint8_t play[] = {3, 4, 10, 12, 14, 29, 37, 41, 42, 43, 46, 60, 69, 72, 74, 81, 84};
	static const uint8_t record[] = {5, 6, 11, 31, 47, 57, 58, 59, 73, 75, 80, 83, 98, 99};
	return holds(any, sizeof any, command) || (rights & FILTER_PLAYBACK && holds(play, sizeof play, command)) ||
	       (rights & FILTER_RECORD && holds(record, sizeof record, command));
}

/* No property that makes a device of a stream, however it is wrapped: its name is not there as a text of its own. */
static void judge_properties(const uint8_t *payload, size_t size)
{
	static const char *const bad[] = {"media.class", "node.name", "stream.monitor", "target.object"};
	bool properties = false;
	for (size_t at = 0; at < size;) {
		uint8_t type = payload[at++];
		const uint8_t *value = payload + at;
		size_t room = size - at;
		if (type == 'P')
			properties = true;
		else if (type == 'N')
			properties = false;
		else if (type == 't') {
			const uint8_t *end = memchr(value, '\0', room);
			MUST(end);
			for (size_t i = 0; properties && i < sizeof bad / sizeof *bad; i++)
				MUST(strcmp((const char *)value, bad[i]) != 0);
			at += (size_t)(end - value) + 1;
		} else if (type == 'x') {
			MUST(room >= 4 && word(value) <= room - 4);
			at += 4 + word(value);
		} else if (type == 'm' || type == 'v') {
			MUST(room >= 1);
			at += 1 + (size_t)value[0] * (type == 'v' ? 4 : 1);
		} else if (type == 'L' || type == 'V') {
			at += 4;
		} else if (type == 'R' || type == 'r' || type == 'T' || type == 'U') {
			at += 8;
		} else if (type == 'B' || type == 'a') {
			at += type == 'B' ? 1 : 6;
		} else {
			MUST(type == '0' || type == '1' || type == 'f');
		}
		MUST(at <= size);
	}
}

static void judge_request(const uint8_t *payload, size_t size, unsigned rights)
{
	MUST(size >= 2 * WORD && payload[0] == 'L' && payload[WORD] == 'L');
	uint32_t command = word(payload + 1);
	MUST(may_say(command, rights));
	if (command == AUTH)
		MUST(size >= 3 * WORD && payload[2 * WORD] == 'L' && word(payload + 2 * WORD + 1) <= 0xffff);
	judge_properties(payload, size);
}

static void judge_answer(const uint8_t *payload, size_t size)
{
	MUST(size >= 2 * WORD && payload[0] == 'L');
	MUST(word(payload + 1) != SRB && word(payload + 1) != MEMFD);
}

static void judge(const struct between *between, int end, unsigned rights)
{
	const uint8_t *data = between->got[end].data;
	size_t size = between->got[end].size;
	for (size_t at = 0; size - at >= FILTER_DESCRIPTOR;) {
		uint32_t length = word(data + at), channel = word(data + at + 4), flags = word(data + at + 16);
		MUST(length > 0 && length <= FILTER_LENGTH_MAX);
		MUST(channel == CONTROL ? flags == 0 : (flags & ~0xffu) == 0);
		at += FILTER_DESCRIPTOR;
		bool whole = length <= size - at;
		// The server is sent a request as a whole; it may end in the middle of an answer, or of samples.
		MUST(whole || channel != CONTROL || end == BETWEEN_CLIENT);
		size_t there = whole ? length : size - at;
		if (channel == CONTROL && end == BETWEEN_SERVER)
			judge_request(data + at, there, rights);
		else if (channel == CONTROL)
			judge_answer(data + at, there);
		at += there;
	}
	MUST(between->fds[end] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct between between;
	if (size == 0)
		return 0;
	unsigned rights = data[0] & (FILTER_PLAYBACK | FILTER_RECORD);
	const struct door door = {
		.data = &rights, .open = relay_open, .close = relay_close, .poll = relay_poll, .work = relay_work};
	between_run_both(&between, &door, "", 0, data + 1, size - 1);
	judge(&between, BETWEEN_SERVER, rights);
	judge(&between, BETWEEN_CLIENT, rights);
	between_free(&between);
	return 0;
}
