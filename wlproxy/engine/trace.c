/* ISOLATE_DEBUG=wire: what WAYLAND_DEBUG prints, and what became of it. */
#include "private.h"

#include "log.h"
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum { SHOWN_TEXT_MAX = 200 };

struct line {
	char text[1800];
	size_t length;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line->text + line->length, sizeof line->text - line->length, format, args);
	va_end(args);
	if (n > 0)
		line->length += (size_t)n;
	if (line->length > sizeof line->text - 1)
		line->length = sizeof line->text - 1;
}

static void add_string(struct line *line, const char *string)
{
	char shown[SHOWN_TEXT_MAX];
	if (!string) {
		add(line, "nil");
		return;
	}
	text_sanitize(shown, sizeof shown, string);
	add(line, "\"%s\"", shown);
}

static void add_object(struct line *line, const struct object *object, bool client_side)
{
	if (object)
		add(line, "%s@%" PRIu32, object->interface->name,
			client_side ? object->client_id : object->upstream_id);
	else
		add(line, "nil");
}

static void begin(struct line *line, const struct session *session, enum direction direction)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	line->length = 0;
	add(line, "[%7u.%03u] %" PRIu32 " %s ", (unsigned)(now.tv_sec % 10000000), (unsigned)(now.tv_nsec / 1000000),
		session->serial, direction == DIRECTION_REQUEST ? "->" : "<-");
}

static void add_fixed(struct line *line, int32_t value)
{
	add(line, "%.6f", value / 256.0);
}

void trace_message(const struct wire_message *message, const char *verdict)
{
	struct line line;
	const struct message_desc *desc = message->desc;
	bool client_side = message->direction == DIRECTION_REQUEST;
	begin(&line, message->session, message->direction);
	add(&line, "%s@%" PRIu32 ".%s(", message->target->interface->name, message->id, desc->name);
	for (unsigned i = 0; i < desc->n_args; i++) {
		const uint8_t *p = message->bytes + message->offsets[i];
		add(&line, "%s", i ? ", " : "");
		size_t size = 0;
		switch (desc->args[i].type) {
		case 'i':
			add(&line, "%" PRId32, (int32_t)load_word(p));
			break;
		case 'f':
			add_fixed(&line, (int32_t)load_word(p));
			break;
		case 's':
			add_string(&line, wire_string(message, i));
			break;
		case 'n':
			add(&line, "new id ");
			add_object(&line, message->objects[i], client_side);
			break;
		case 'o':
			add_object(&line, message->objects[i], client_side);
			break;
		case 'a':
			wire_array(message, i, &size);
			add(&line, "array[%zu]", size);
			break;
		case 'h':
			add(&line, "fd %d", message->fds[i]);
			break;
		default:
			add(&line, "%" PRIu32, load_word(p));
		}
	}
	add(&line, ") %s", verdict);
	log_line(LOG_LEVEL_DEBUG, "%s", line.text);
}

void trace_composed(struct session *session, enum direction direction, struct object *object,
	const struct message_desc *desc, const union arg *args)
{
	struct line line;
	bool client_side = direction == DIRECTION_EVENT;
	begin(&line, session, direction);
	add_object(&line, object, client_side);
	add(&line, ".%s(", desc->name);
	for (unsigned i = 0; i < desc->n_args; i++) {
		add(&line, "%s", i ? ", " : "");
		switch (desc->args[i].type) {
		case 'i':
			add(&line, "%" PRId32, args[i].i);
			break;
		case 'f':
			add_fixed(&line, args[i].i);
			break;
		case 's':
			add_string(&line, args[i].s);
			break;
		case 'n':
		case 'o':
			add_object(&line, args[i].o, client_side);
			break;
		case 'a':
			add(&line, "array[%zu]", args[i].a ? args[i].a->size : 0);
			break;
		case 'h':
			add(&line, "fd");
			break;
		default:
			add(&line, "%" PRIu32, args[i].u);
		}
	}
	add(&line, ") composed");
	log_line(LOG_LEVEL_DEBUG, "%s", line.text);
}
