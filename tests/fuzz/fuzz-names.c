/* isolate-names, with a program of a container at one end and the session bus at the other. The first byte of an input: bit 0,
 * the program has said who it is. What comes out is taken apart again: it is the protocol, and as it is to be; done once more,
 * nothing of it would change. */
#include "between.h"
#include "link.h"
#include "must.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char greeting[] = "\0AUTH EXTERNAL 31303030\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
static const char begin[] = "BEGIN\r\n";
static const char *const real[] = {"org.freedesktop.portal.Desktop", "org.example.*", NULL};
// As long as a name can be made by that of a project: "isolate.", 32 characters, a dot.
static const struct names names = {"isolate.abcdefghijklmnopqrstuvwxyz-12345.", real};

/* Where messages begin; at the end, where there are none. */
static size_t after_text(enum names_way way, const uint8_t *data, size_t size)
{
	size_t at = 0;
	while (at < size && (way == NAMES_TO_BUS || (data[at] != 'l' && data[at] != 'B'))) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t length = end ? (size_t)(end - data) + 1 - at : size - at;
		bool last = length == strlen(begin) && memcmp(data + at, begin, length) == 0;
		at += length;
		if (way == NAMES_TO_BUS && last)
			break;
	}
	return at;
}

/* Copies, so that one byte too many is noticed. */
static void *copy(const void *data, size_t size)
{
	void *made = malloc(size > 0 ? size : 1);
	MUST(made);
	return memcpy(made, data, size);
}

/* came_out: these bytes have been through it. */
static void judge(enum names_way way, const uint8_t *data, size_t size, bool came_out)
{
	for (size_t at = after_text(way, data, size); size - at >= NAMES_FIXED;) {
		struct names_message message;
		size_t header = names_header_size(data + at);
		MUST(header > 0 || !came_out);
		if (header == 0 || header > size - at)
			return;
		uint8_t *in = copy(data + at, header);
		bool good = names_parse(in, way, &message) && message.header == header;
		free(in);
		MUST(good || !came_out);
		// A body on its way is passed on as it comes.
		if (!good || message.keep > size - at)
			return;
		in = copy(data + at, message.keep);
		uint8_t *out = malloc(message.keep + NAMES_GROWTH);
		MUST(out);
		size_t made = names_rewrite(&names, in, &message, out);
		MUST(made <= message.keep + NAMES_GROWTH);
		MUST(!came_out || (made == message.keep && memcmp(in, out, made) == 0));
		free(in);
		free(out);
		if (message.body > size - at - header)
			return;
		at += header + message.body;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct door door = {
		.data = &names, .open = link_open, .close = link_close, .poll = link_poll, .work = link_work};
	struct between between;
	if (size == 0)
		return 0;
	bool greeted = data[0] & 1;
	between_run_both(&between, &door, greeting, greeted ? sizeof greeting - 1 : 0, data + 1, size - 1);
	judge(NAMES_TO_BUS, between.sent[BETWEEN_CLIENT].data, between.sent[BETWEEN_CLIENT].size, false);
	judge(NAMES_TO_BUS, between.got[BETWEEN_SERVER].data, between.got[BETWEEN_SERVER].size, true);
	judge(NAMES_FROM_BUS, between.sent[BETWEEN_SERVER].data, between.sent[BETWEEN_SERVER].size, false);
	// Text may begin like a message as long as the program has not begun.
	if (greeted)
		judge(NAMES_FROM_BUS, between.got[BETWEEN_CLIENT].data, between.got[BETWEEN_CLIENT].size, true);
	between_free(&between);
	return 0;
}
