/* What a handler sees of a message, and what it can do with it.
 *
 * The message was checked: i counts the arguments of the protocol from 0, of the type that the accessor names (anything
 * else is a bug and aborts). Strings are NUL-terminated with no NUL inside, but need not be UTF-8. Pointers live until
 * the handler returns.
 *
 * The object of a new_id exists already, so that the handler can give it data. When the message is forwarded it gets its
 * second id, otherwise it stays local (a request) or injected (an event). */
#pragma once

#include "session.h"

/* The object that a request is made on or an event is from; local, forwarded or injected. */
struct object *wire_target(const struct wire_message *message);
enum direction wire_direction(const struct wire_message *message);
uint16_t wire_opcode(const struct wire_message *message);
const char *wire_name(const struct wire_message *message);

int32_t wire_int(const struct wire_message *message, unsigned i); // int and fixed
uint32_t wire_uint(const struct wire_message *message, unsigned i);
const char *wire_string(const struct wire_message *message, unsigned i);    // NULL where the protocol allows it
struct object *wire_object(const struct wire_message *message, unsigned i); // object (may be NULL) and new_id
const void *wire_array(const struct wire_message *message, unsigned i, size_t *size);
int wire_fd(const struct wire_message *message, unsigned i); // still the message's
int wire_take_fd(struct wire_message *message, unsigned i);  // now the handler's; for a message that is dropped

/* Changes what is forwarded. Strings and arrays are copied. A message that grows beyond 4096 bytes has its changed
 * strings cut at a character. */
void wire_set_int(struct wire_message *message, unsigned i, int32_t value);
void wire_set_uint(struct wire_message *message, unsigned i, uint32_t value);
void wire_set_string(struct wire_message *message, unsigned i, const char *value);
void wire_set_object(struct wire_message *message, unsigned i, struct object *value); // not for a new_id
void wire_set_array(struct wire_message *message, unsigned i, const void *data, size_t size);
void wire_set_fd(struct wire_message *message, unsigned i, int fd); // takes fd over and closes the one before

/* Forwards the message now instead of when the handler returns, so that what the handler composes next comes after it
 * (a request on the object that this one creates, say). The verdict then does not matter unless it is VERDICT_ERROR. */
void wire_forward(struct wire_message *message);
