/* JSON (RFC 8259) from GVariants: strings and bytestrings are strings, a{sv} and a{s*} objects with sorted keys, other
 * arrays and tuples arrays. What is no UTF-8 becomes U+FFFD. */
#pragma once

#include <glib.h>

void json_append(GString *out, GVariant *value);

/* Prints the value, which may be floating and is consumed, and a line's end on stdout. */
void json_print(GVariant *value);
