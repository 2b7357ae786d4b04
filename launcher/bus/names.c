#include "names.h"

#include <string.h>

enum { FIELD_MEMBER = 3, FIELD_DESTINATION = 6, FIELD_SIGNATURE = 8, FIELD_FDS = 9, METHOD_CALL = 1, FIELDS = 64 };

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
	if (room < 8 || at[1] != 1 || at[3] != 0)
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

/* Calls to the bus whose first argument is a name that may be a program's. */
static bool has_name(const struct text *member)
{
	static const char *const members[] = {"RequestName", "ReleaseName", "GetNameOwner", "NameHasOwner",
		"ListQueuedOwners", "GetConnectionUnixUser", "GetConnectionUnixProcessID", "GetConnectionCredentials"};
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (text_is(member, members[i]))
			return true;
	return false;
}

bool names_parse(const unsigned char *header, struct names_message *message)
{
	bool big = is_big(header);
	size_t end = NAMES_FIXED + get(header + 12, big);
	struct text destination = {"", 0}, member = {"", 0}, signature = {"", 0};
	struct field field;
	*message = (struct names_message){.header = padded(end, 8), .body = get(header + 4, big)};
	for (size_t at = NAMES_FIXED; at < end; at = padded(at + field.size, 8)) {
		if (!read_field(header + at, end - at, big, &field))
			return false;
		if (field.code == FIELD_DESTINATION)
			destination = field.text;
		else if (field.code == FIELD_MEMBER)
			member = field.text;
		else if (field.code == FIELD_SIGNATURE)
			signature = field.text;
		else if (field.code == FIELD_FDS)
			message->fds = field.word;
	}
	bool named = header[1] == METHOD_CALL && text_is(&destination, bus_name) && has_name(&member) &&
		     (text_is(&signature, "s") || text_is(&signature, "su")) && message->body <= NAMES_BODY_MAX;
	message->keep = message->header + (named ? message->body : 0);
	return message->body <= 128 * 1024 * 1024;
}

static bool is_real(const struct names *names, const struct text *name)
{
	size_t prefix = strlen(names->prefix);
	if (name->length == 0 || name->start[0] == ':' || text_is(name, bus_name) ||
		prefix + name->length > NAMES_NAME_MAX)
		return true;
	if (name->length > prefix && memcmp(name->start, names->prefix, prefix) == 0)
		return true;
	for (const char *const *real = names->real; *real; real++) {
		size_t length = strlen(*real);
		bool all = length > 2 && strcmp(*real + length - 2, ".*") == 0;
		if (all ? name->length >= length - 1 && memcmp(name->start, *real, length - 1) == 0
			: text_is(name, *real))
			return true;
	}
	return false;
}

/* A string as it is in a message: its length, its bytes, a NUL. */
static size_t put_name(const struct names *names, const struct text *name, unsigned char *out, bool big)
{
	size_t prefix = strlen(names->prefix);
	put(out, (uint32_t)(prefix + name->length), big);
	memcpy(out + 4, names->prefix, prefix);
	memcpy(out + 4 + prefix, name->start, name->length);
	out[4 + prefix + name->length] = '\0';
	return 4 + prefix + name->length + 1;
}

static size_t pad(unsigned char *out, size_t size, size_t to)
{
	size_t end = padded(size, to);
	memset(out + size, 0, end - size);
	return end;
}

/* The name at the beginning of a body, and what follows it. */
static size_t rewrite_body(
	const struct names *names, const unsigned char *in, size_t size, unsigned char *out, bool big)
{
	struct text name;
	if (size < 5 || !read_text(in, size, 4, get(in, big), &name) || is_real(names, &name)) {
		memcpy(out, in, size);
		return size;
	}
	size_t rest = padded(4 + name.length + 1, 4), made = put_name(names, &name, out, big);
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
		if (field.code == FIELD_DESTINATION && in[at + 2] == 's' && !is_real(names, &field.text)) {
			memcpy(out + size, in + at, 4);
			size += 4 + put_name(names, &field.text, out + size + 4, big);
		} else {
			memcpy(out + size, in + at, field.size);
			size += field.size;
		}
		last = size;
	}
	put(out + 12, (uint32_t)(last - NAMES_FIXED), big);
	size = pad(out, size, 8);
	if (message->keep > message->header) {
		size_t body = rewrite_body(names, in + message->header, message->body, out + size, big);
		put(out + 4, (uint32_t)body, big);
		size += body;
	}
	return size;
}
