#include "filter.h"

#include <string.h>

enum { CONTROL = 0xffffffff, SEEK_MODES = 0xff, VERSION = 0xffff, ERROR_ACCESS = 1 };

/* Of PulseAudio's native-common.h, whose numbers are the protocol. */
enum {
	COMMAND_ERROR = 0,
	COMMAND_REPLY = 2,
	COMMAND_AUTH = 8,
	COMMAND_ENABLE_SRBCHANNEL = 101,
	COMMAND_REGISTER_MEMFD_SHMID = 103,
};

enum need {
	NEED_DENIED, // what is not listed
	NEED_NOTHING,
	NEED_PLAYBACK,
	NEED_RECORD,
	NEED_OWN_PLAYBACK, // its first argument is a stream of this client
	NEED_OWN_RECORD,
	NEED_NEW_PLAYBACK, // the answer says which stream that is
	NEED_NEW_RECORD,
};

static const uint8_t needs[] = {
	[3] = NEED_NEW_PLAYBACK, // create a stream
	[4] = NEED_PLAYBACK,	 // delete it
	[5] = NEED_NEW_RECORD,	 // create a stream
	[6] = NEED_RECORD,	 // delete it
	[COMMAND_AUTH] = NEED_NOTHING,
	[9] = NEED_NOTHING,   // client's name and properties
	[10] = NEED_PLAYBACK, // look a sink up
	[11] = NEED_RECORD,   // look a source up
	[12] = NEED_PLAYBACK, // drain
	[13] = NEED_NOTHING,  // memory statistics
	[14] = NEED_PLAYBACK, // latency
	[20] = NEED_NOTHING,  // about the server
	[21] = NEED_NOTHING,  // about a sink, all sinks, a source, all sources
	[22] = NEED_NOTHING,
	[23] = NEED_NOTHING,
	[24] = NEED_NOTHING,
	[29] = NEED_OWN_PLAYBACK, // about a stream
	[31] = NEED_OWN_RECORD,
	[35] = NEED_NOTHING,	  // tell of changes
	[37] = NEED_OWN_PLAYBACK, // volume of a stream
	[41] = NEED_PLAYBACK,	  // cork, flush, trigger, name
	[42] = NEED_PLAYBACK,
	[43] = NEED_PLAYBACK,
	[46] = NEED_PLAYBACK,
	[47] = NEED_RECORD,
	[57] = NEED_RECORD,
	[58] = NEED_RECORD,
	[59] = NEED_RECORD,
	[60] = NEED_PLAYBACK,
	[69] = NEED_OWN_PLAYBACK, // mute a stream
	[72] = NEED_PLAYBACK,	  // buffers, rate, properties
	[73] = NEED_RECORD,
	[74] = NEED_PLAYBACK,
	[75] = NEED_RECORD,
	[80] = NEED_RECORD,
	[81] = NEED_PLAYBACK,
	[82] = NEED_NOTHING,
	[83] = NEED_RECORD,
	[84] = NEED_PLAYBACK,
	[85] = NEED_NOTHING,
	[98] = NEED_OWN_RECORD, // volume, mute
	[99] = NEED_OWN_RECORD,
};

static uint32_t read_word(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void write_word(unsigned char *p, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(word >> (24 - 8 * i));
}

static size_t need_of(const unsigned char *descriptor, uint32_t most)
{
	uint32_t length = read_word(descriptor), channel = read_word(descriptor + 4),
		 flags = read_word(descriptor + 16);
	// Other flags are of shared memory.
	if (length == 0 || length > FILTER_LENGTH_MAX ||
		(channel == CONTROL ? flags != 0 : flags & ~(uint32_t)SEEK_MODES))
		return 0;
	return FILTER_DESCRIPTOR + (channel != CONTROL ? 0 : length < most ? length : most);
}

size_t filter_request_need(const unsigned char *descriptor)
{
	return need_of(descriptor, FILTER_WHOLE);
}

size_t filter_answer_need(const unsigned char *descriptor)
{
	return need_of(descriptor, FILTER_PEEK);
}

static bool is_harmless(const char *name)
{
	static const char *const prefixes[] = {"application.", "event.", "format.", "media.artist", "media.copyright",
		"media.filename", "media.icon", "media.language", "media.name", "media.role", "media.software",
		"media.title", "window."};
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Size of a value after its type; SIZE_MAX: no such type, or it is not all there. */
static size_t value_size(unsigned char type, const unsigned char *at, size_t room)
{
	const unsigned char *end;
	size_t size;
	switch (type) {
	case '0': // false, true, no string, properties and a format, which are values of their own
	case '1':
	case 'N':
	case 'P':
	case 'f':
		return 0;
	case 'B': // byte
		size = 1;
		break;
	case 'L': // word, volume
	case 'V':
		size = 4;
		break;
	case 'a': // samples
		size = 6;
		break;
	case 'R': // long words, times
	case 'r':
	case 'T':
	case 'U':
		size = 8;
		break;
	case 'm': // channels, their volumes
		size = room < 1 ? 1 : 1 + (size_t)at[0];
		break;
	case 'v':
		size = room < 1 ? 1 : 1 + 4 * (size_t)at[0];
		break;
	case 'x': // bytes
		size = room < 4 ? 4 : 4 + (size_t)read_word(at);
		break;
	case 't':
		end = memchr(at, '\0', room);
		size = end ? (size_t)(end - at) + 1 : SIZE_MAX;
		break;
	default:
		return SIZE_MAX;
	}
	return size <= room ? size : SIZE_MAX;
}

/* Goes through all values of a request, and spoils names of properties. False when it is not made as it should be. */
static bool tame_properties(unsigned char *payload, size_t length)
{
	bool properties = false;
	for (size_t at = 0; at < length;) {
		unsigned char type = payload[at++];
		size_t size = value_size(type, payload + at, length - at);
		if (size == SIZE_MAX)
			return false;
		if (type == 'P')
			properties = true;
		else if (type == 'N')
			properties = false;
		else if (properties && type == 't' && size > 1 && !is_harmless((const char *)payload + at))
			payload[at] = '#';
		at += size;
	}
	return true;
}

/* The number'th value of a control packet, which must be a word. */
static bool argument(const unsigned char *packet, unsigned number, uint32_t *value)
{
	size_t offset = 5 * (size_t)number;
	if (read_word(packet) < offset + 5 || packet[FILTER_DESCRIPTOR + offset] != 'L')
		return false;
	*value = read_word(packet + FILTER_DESCRIPTOR + offset + 1);
	return true;
}

static bool is_own(const struct filter *filter, uint32_t index, unsigned right)
{
	for (size_t i = 0; i < filter->n_own; i++)
		if (filter->own[i].index == index && filter->own[i].right == right)
			return true;
	return false;
}

static bool expect(struct filter *filter, uint32_t tag, unsigned right)
{
	if (!(filter->rights & right) || filter->n_pending == FILTER_PENDING_MAX)
		return false;
	filter->pending[filter->n_pending].tag = tag;
	filter->pending[filter->n_pending++].right = (uint8_t)right;
	return true;
}

static bool may(struct filter *filter, const unsigned char *packet, uint32_t command, uint32_t tag)
{
	uint32_t index = 0;
	switch (command < sizeof needs ? (enum need)needs[command] : NEED_DENIED) {
	case NEED_DENIED:
		return false;
	case NEED_NOTHING:
		return true;
	case NEED_PLAYBACK:
		return filter->rights & FILTER_PLAYBACK;
	case NEED_RECORD:
		return filter->rights & FILTER_RECORD;
	case NEED_OWN_PLAYBACK:
		return argument(packet, 2, &index) && is_own(filter, index, FILTER_PLAYBACK);
	case NEED_OWN_RECORD:
		return argument(packet, 2, &index) && is_own(filter, index, FILTER_RECORD);
	case NEED_NEW_PLAYBACK:
		return expect(filter, tag, FILTER_PLAYBACK);
	case NEED_NEW_RECORD:
		return expect(filter, tag, FILTER_RECORD);
	}
	return false;
}

enum filter_verdict filter_request(struct filter *filter, unsigned char *packet, uint32_t *tag)
{
	uint32_t command, version;
	if (read_word(packet + 4) != CONTROL)
		return FILTER_PASS; // samples, for a stream that was allowed
	if (!argument(packet, 0, &command) || !argument(packet, 1, tag))
		return FILTER_BREAK;
	uint32_t length = read_word(packet);
	if (length > FILTER_WHOLE || !tame_properties(packet + FILTER_DESCRIPTOR, length) ||
		!may(filter, packet, command, *tag))
		return FILTER_DENY;
	if (command == COMMAND_AUTH) {
		if (!argument(packet, 2, &version))
			return FILTER_BREAK;
		// The upper bits say that the client has shared memory.
		write_word(packet + FILTER_DESCRIPTOR + 11, version & VERSION);
	}
	return FILTER_PASS;
}

static void learn(struct filter *filter, const unsigned char *packet, uint32_t command, uint32_t tag)
{
	uint32_t index;
	for (size_t i = 0; i < filter->n_pending; i++) {
		if (filter->pending[i].tag != tag)
			continue;
		uint8_t right = filter->pending[i].right;
		filter->pending[i] = filter->pending[--filter->n_pending];
		if (command == COMMAND_REPLY && argument(packet, 3, &index)) {
			// A client that makes so many streams loses the volume of the oldest.
			if (filter->n_own == FILTER_OWN_MAX)
				memmove(filter->own, filter->own + 1, --filter->n_own * sizeof filter->own[0]);
			filter->own[filter->n_own].index = index;
			filter->own[filter->n_own++].right = right;
		}
		return;
	}
}

enum filter_verdict filter_answer(struct filter *filter, const unsigned char *packet)
{
	uint32_t command, tag;
	if (read_word(packet + 4) != CONTROL)
		return FILTER_PASS;
	if (!argument(packet, 0, &command) || !argument(packet, 1, &tag))
		return FILTER_BREAK;
	if (command == COMMAND_ENABLE_SRBCHANNEL || command == COMMAND_REGISTER_MEMFD_SHMID)
		return FILTER_BREAK;
	if (command == COMMAND_REPLY || command == COMMAND_ERROR)
		learn(filter, packet, command, tag);
	return FILTER_PASS;
}

void filter_error(unsigned char *packet, uint32_t tag)
{
	const uint32_t values[] = {COMMAND_ERROR, tag, ERROR_ACCESS};
	memset(packet, 0, FILTER_ERROR_SIZE);
	write_word(packet, FILTER_ERROR_SIZE - FILTER_DESCRIPTOR);
	write_word(packet + 4, CONTROL);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		packet[FILTER_DESCRIPTOR + 5 * i] = 'L';
		write_word(packet + FILTER_DESCRIPTOR + 5 * i + 1, values[i]);
	}
}
