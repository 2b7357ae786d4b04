/* One question to a person, from the gate to isolate-gate and back. isolate-gate reads a GVariant of this type from a memory
 * file on its standard input, and writes "granted" to its standard output, or in one line why not. */
#pragma once

#include <glib.h>

#define QUESTION_TYPE "(ssssssb)"
#define QUESTION_GRANTED "granted"

struct question {
	const char *project;
	const char *action;  // of polkit
	const char *text;    // for a terminal, lines that end with '\n'
	const char *summary; // of the notification
	const char *body;    // of the notification, plain text
	const char *command; // absolute path of isolate: what "Review" opens
	gboolean terminal;   // a person is at the controlling terminal
};

/* Blocks until it is answered. FALSE with the reason when consent was not given. */
gboolean question_ask(const struct question *question, GError **error);
