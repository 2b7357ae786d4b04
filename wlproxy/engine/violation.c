#include "private.h"

#include "log.h"
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void report(struct session *session, const struct violation *violation)
{
	if (session->engine->callbacks.violation) {
		session->engine->callbacks.violation(session, violation);
		return;
	}
	char cause[256];
	text_sanitize(cause, sizeof cause, violation->cause);
	log_warning("%s of pid %ld: %s %s@%" PRIu32 ".%s (opcode %u) %s%s",
		violation->culprit == CULPRIT_CLIENT ? "client" : "host, to the client", (long)session->client_pid,
		violation->direction == DIRECTION_REQUEST ? "request" : "event",
		violation->interface ? violation->interface : "?", violation->object_id,
		violation->message ? violation->message : "?", violation->opcode, cause,
		violation->fatal ? ": disconnected" : "");
}

void violation_of_client(struct session *session, uint32_t code, uint32_t object_id, const struct object *object,
	const struct message_desc *desc, uint16_t opcode, const char *cause)
{
	const struct violation violation = {
		.culprit = CULPRIT_CLIENT,
		.direction = DIRECTION_REQUEST,
		.fatal = true,
		.interface = object ? object->interface->name : NULL,
		.message = desc ? desc->name : NULL,
		.object_id = object_id,
		.opcode = opcode,
		.cause = cause,
	};
	report(session, &violation);
	// libwayland's client prints what object it was only when it still has it: so it is in the text as well.
	session_error(session, object && !object_is_zombie(object) ? (struct object *)object : NULL, code,
		"request %s@%" PRIu32 ".%s (opcode %u) %s", violation.interface ? violation.interface : "?", object_id,
		violation.message ? violation.message : "?", opcode, cause);
}

void violation_of_host(struct session *session, bool fatal, uint32_t object_id, const struct object *object,
	const struct message_desc *desc, uint16_t opcode, const char *cause)
{
	const struct violation violation = {
		.culprit = CULPRIT_HOST,
		.direction = DIRECTION_EVENT,
		.fatal = fatal,
		.interface = object ? object->interface->name : NULL,
		.message = desc ? desc->name : NULL,
		.object_id = object_id,
		.opcode = opcode,
		.cause = cause,
	};
	report(session, &violation);
	if (fatal)
		session_error(session, NULL, ERROR_IMPLEMENTATION, "the compositor's event %s@%" PRIu32 ".%s %s",
			violation.interface ? violation.interface : "?", object_id,
			violation.message ? violation.message : "?", cause);
}
