#include "names.h"

#include "match.h"

#include <string.h>

enum { METHOD_CALL = 1, SIGNAL = 4 };
enum {
	FIELD_INTERFACE = 2,
	FIELD_MEMBER = 3,
	FIELD_DESTINATION = 6,
	FIELD_SENDER = 7,
	FIELD_SIGNATURE = 8,
	FIELD_FDS = 9,
	FIELDS
};

static const char bus_name[] = "org.freedesktop.DBus";

static size_t padded(size_t size, size_t to)
{
	return (size + to - 1) / to * to;
}

static uint32_t get(const unsigned char *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
		   : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void put(unsigned char *p, uint32_t word, bool big)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(word >> (big ? 24 - 8 * i : 8 * i));
}

static bool is_big(const unsigned char *header)
{
	return header[0] == 'B';
}

size_t names_header_size(const unsigned char *fixed)
{
	if ((fixed[0] != 'l' && fixed[0] != 'B') || fixed[3] != 1)
		return 0;
	uint32_t fields = get(fixed + 12, is_big(fixed));
	return fields > NAMES_HEADER_MAX - NAMES_FIXED - 8 ? 0 : padded(NAMES_FIXED + fields, 8);
}

/* A text of the message, which ends with its NUL. */
struct text {
	const char *start;
	size_t length;
};

struct field {
	unsigned code;
	size_t size; // all of it, without padding
	struct text text;
	uint32_t word;
};

static bool read_text(const unsigned char *at, size_t room, size_t prefix, size_t length, struct text *text)
{
	if (length >= room || prefix > room - length - 1 || at[prefix + length] != '\0')
		return false;
	text->start = (const char *)at + prefix;
	text->length = length;
	return true;
}

/* The field at this place, of which room bytes are there at most. All that D-Bus has are of these four types. */
static bool read_field(const unsigned char *at, size_t room, bool big, struct field *field)
{
	*field = (struct field){0};
	// An empty signature is shorter than any other field.
	if (room < (room > 2 && at[2] == 'g' ? 6 : 8) || at[1] != 1 || at[3] != 0)
		return false;
	field->code = at[0];
	switch (at[2]) {
	case 'u':
		field->word = get(at + 4, big);
		field->size = 8;
		return true;
	case 's':
	case 'o':
		if (!read_text(at, room, 8, get(at + 4, big), &field->text))
			return false;
		field->size = 8 + field->text.length + 1;
		return true;
	case 'g':
		if (!read_text(at, room, 5, at[4], &field->text))
			return false;
		field->size = 5 + field->text.length + 1;
		return true;
	default:
		return false;
	}
}

static bool text_is(const struct text *text, const char *other)
{
	return text->length == strlen(other) && memcmp(text->start, other, text->length) == 0;
}

static bool is_one_of(const struct text *text, const char *const *others)
{
	for (; *others; others++)
		if (text_is(text, *others))
			return true;
	return false;
}

/* What the bus is asked, and what it says, with a name first, which may be a program's. */
static const char *const calls[] = {"RequestName", "ReleaseName", "GetNameOwner", "NameHasOwner", "ListQueuedOwners",
	"StartServiceByName", "GetConnectionUnixUser", "GetConnectionUnixProcessID", "GetConnectionCredentials", NULL};
static const char *const matches[] = {"AddMatch", "RemoveMatch", NULL};
static const char *const signals[] = {"NameOwnerChanged", "NameAcquired", "NameLost", NULL};

/* texts: the header's, by the code of their field. */
static enum names_kind kind_of(unsigned type, enum names_way way, const struct text *texts)
{
	const struct text *member = &texts[FIELD_MEMBER], *signature = &texts[FIELD_SIGNATURE];
	bool one = text_is(signature, "s");
	if (way == NAMES_FROM_BUS)
		return type == SIGNAL && text_is(&texts[FIELD_SENDER], bus_name) &&
				       text_is(&texts[FIELD_INTERFACE], bus_name) && is_one_of(member, signals) &&
				       (one || text_is(signature, "sss"))
			       ? NAMES_SIGNAL
			       : NAMES_OTHER;
	if (type != METHOD_CALL || !text_is(&texts[FIELD_DESTINATION], bus_name))
		return NAMES_OTHER;
	if (is_one_of(member, matches) && one)
		return NAMES_MATCH;
	return is_one_of(member, calls) && (one || text_is(signature, "su")) ? NAMES_CALL : NAMES_OTHER;
}

bool names_parse(const unsigned char *header, enum names_way way, struct names_message *message)
{
	bool big = is_big(header);
	size_t end = NAMES_FIXED + get(header + 12, big);
	struct text texts[FIELDS] = {0};
	unsigned seen = 0;
	struct field field;
	*message = (struct names_message){.header = padded(end, 8), .body = get(header + 4, big)};
	for (size_t at = NAMES_FIXED; at < end; at = padded(at + field.size, 8)) {
		if (!read_field(header + at, end - at, big, &field))
			return false;
		// D-Bus has each once, and to more than one name there is no room to add.
		if (field.code < FIELDS && seen & 1u << field.code)
			return false;
		if (field.code < FIELDS) {
			seen |= 1u << field.code;
			texts[field.code] = field.text;
		}
		if (field.code == FIELD_FDS)
			message->fds = field.word;
	}
	if (message->body <= NAMES_BODY_MAX)
		message->kind = kind_of(header[1], way, texts);
	message->keep = message->header + (message->kind ? message->body : 0);
	return message->body <= 128 * 1024 * 1024;
}

bool names_is_real(const struct names *names, const char *start, size_t length)
{
	const struct text name = {start, length};
	size_t prefix = strlen(names->prefix);
	if (length == 0 || start[0] == ':' || text_is(&name, bus_name) || prefix + length > NAMES_NAME_MAX)
		return true;
	if (length > prefix && memcmp(start, names->prefix, prefix) == 0)
		return true;
	for (const char *const *real = names->real; *real; real++) {
		size_t size = strlen(*real);
		bool all = size > 2 && strcmp(*real + size - 2, ".*") == 0;
		if (all ? length >= size - 1 && memcmp(start, *real, size - 1) == 0 : text_is(&name, *real))
			return true;
	}
	return false;
}

/* What a program calls this name: what names_is_real() denies of it is undone, and nothing else. */
static struct text plain(const struct names *names, const struct text *name)
{
	size_t prefix = strlen(names->prefix);
	if (name->length <= prefix || memcmp(name->start, names->prefix, prefix) != 0)
		return *name;
	struct text rest = {name->start + prefix, name->length - prefix};
	// A name has two parts at least: a program asked for this one as it is.
	bool is_name = memchr(rest.start, '.', rest.length);
	return is_name && !names_is_real(names, rest.start, rest.length) ? rest : *name;
}

/* A string as it is in a message: its length, its bytes, a NUL. */
static size_t put_text(const char *prefix, const struct text *text, unsigned char *out, bool big)
{
	size_t before = strlen(prefix), all = before + text->length;
	put(out, (uint32_t)all, big);
	memcpy(out + 4, prefix, before);
	memcpy(out + 4 + before, text->start, text->length);
	out[4 + all] = '\0';
	return 4 + all + 1;
}

static size_t pad(unsigned char *out, size_t size, size_t to)
{
	size_t end = padded(size, to);
	memset(out + size, 0, end - size);
	return end;
}

static size_t put_first(
	const struct names *names, enum names_kind kind, const struct text *first, unsigned char *out, bool big)
{
	char rule[NAMES_BODY_MAX + NAMES_GROWTH];
	struct text text;
	switch (kind) {
	case NAMES_CALL:
		return put_text(
			names_is_real(names, first->start, first->length) ? "" : names->prefix, first, out, big);
	case NAMES_MATCH:
		text = (struct text){rule, match_rewrite(names, first->start, first->length, rule)};
		return put_text("", text.length > 0 ? &text : first, out, big);
	case NAMES_SIGNAL:
		text = plain(names, first);
		return put_text("", &text, out, big);
	case NAMES_OTHER:
		break;
	}
	return put_text("", first, out, big);
}

/* The text at the beginning of a body, and what follows it: numbers and texts alone, which are aligned to 4. */
static size_t rewrite_body(const struct names *names, enum names_kind kind, const unsigned char *in, size_t size,
	unsigned char *out, bool big)
{
	struct text first;
	if (size < 5 || !read_text(in, size, 4, get(in, big), &first)) {
		memcpy(out, in, size);
		return size;
	}
	size_t rest = padded(4 + first.length + 1, 4), made = put_first(names, kind, &first, out, big);
	if (rest >= size)
		return made;
	made = pad(out, made, 4);
	memcpy(out + made, in + rest, size - rest);
	return made + size - rest;
}

size_t names_rewrite(
	const struct names *names, const unsigned char *in, const struct names_message *message, unsigned char *out)
{
	bool big = is_big(in);
	size_t end = NAMES_FIXED + get(in + 12, big), size = NAMES_FIXED, last = NAMES_FIXED;
	struct field field;
	memcpy(out, in, NAMES_FIXED);
	for (size_t at = NAMES_FIXED; at < end && read_field(in + at, end - at, big, &field);
		at = padded(at + field.size, 8)) {
		size = pad(out, size, 8);
		if (field.code == FIELD_DESTINATION && in[at + 2] == 's' &&
			!names_is_real(names, field.text.start, field.text.length)) {
			memcpy(out + size, in + at, 4);
			size += 4 + put_text(names->prefix, &field.text, out + size + 4, big);
		} else {
			memcpy(out + size, in + at, field.size);
			size += field.size;
		}
		last = size;
	}
	put(out + 12, (uint32_t)(last - NAMES_FIXED), big);
	size = pad(out, size, 8);
	if (message->kind) {
		size_t body = rewrite_body(names, message->kind, in + message->header, message->body, out + size, big);
		put(out + 4, (uint32_t)body, big);
		size += body;
	}
	return size;
}
