/* Names of a project's own on the session bus: isolate.<project>.NAME, whatever NAME a program inside asks for.
 *
 * A GNOME application takes a name when it starts, and ends when it may not have it. To let it have org.gnome.TextEditor would
 * be to let a container answer for the host's; so it gets isolate.first.org.gnome.TextEditor, and what is sent to the plain
 * name inside the project goes there too: an application that runs already is found as usual. Names that are real for the
 * project, since [Bus] names them or they are the portals', stay what they are. A program that waits for a name, or for signals
 * of its owner, says so in a match rule, which gets the project's name as well; what the bus then says of that name is told
 * with the plain one. A program that asks for isolate.first.org.gnome.TextEditor by that name is told of org.gnome.TextEditor.
 * Lists of names are what they are.
 *
 * This is a convenience, no protection: xdg-dbus-proxy, which comes after it, decides what is let through. Knows no sockets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NAMES_FIXED = 16,	      // of a header: what says how long the rest of it is
	NAMES_HEADER_MAX = 32 * 1024, // of ours: longer ones end the connection
	NAMES_BODY_MAX = 1280,	      // of what has a name in it: a match rule is the longest, with 1024 bytes
	NAMES_NAME_MAX = 255,	      // of D-Bus
	NAMES_GROWTH = 2 * NAMES_NAME_MAX + 32,
};

struct names {
	const char *prefix;	 // "isolate.first."
	const char *const *real; // end with NULL; "org.example.*" is all below
};

enum names_way { NAMES_TO_BUS, NAMES_FROM_BUS };

enum names_kind {
	NAMES_OTHER,
	NAMES_CALL,   // to the bus, with a name first
	NAMES_MATCH,  // to the bus, with a match rule
	NAMES_SIGNAL, // of the bus, with a name first
};

struct names_message {
	enum names_kind kind;

	size_t header; // bytes, with the padding
	size_t body;
	uint32_t fds;
	size_t keep; // bytes that names_rewrite() wants to see: the header, and the body if it is of a kind
};

/* From the first NAMES_FIXED bytes: how long the header is. 0: this is not the protocol. */
size_t names_header_size(const unsigned char *fixed);

/* The whole header is there. False: this is not the protocol. */
bool names_parse(const unsigned char *header, enum names_way way, struct names_message *message);

/* Whether the bus knows it by the same name. */
bool names_is_real(const struct names *names, const char *name, size_t length);

/* Writes the header and what else of message->keep there is to out, which has room for NAMES_GROWTH more, with names of the
 * project's own on their way to the bus, and with what programs call them on the way back. Returns the size. */
size_t names_rewrite(
	const struct names *names, const unsigned char *in, const struct names_message *message, unsigned char *out);
