/* Text from people and from peers: UTF-8, names, and what may be shown. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Copies input into out (size bytes, NUL included), with every byte sequence that is not UTF-8 and every control,
 * escape, line separator and bidirectional or invisible formatting character replaced by '?'. Cuts at a character
 * boundary. Returns the length written. */
size_t text_sanitize(char *out, size_t size, const char *input);

/* The same for a title: what is unsafe is left out, tabs and line ends become spaces, and the joiners and variation
 * selectors that scripts and emoji need stay. */
size_t text_strip(char *out, size_t size, const char *input);

/* The same as text_sanitize() in new memory, at most max bytes long; free() it. NULL when memory is short. */
char *text_dup_sanitized(const char *input, size_t max);

/* The largest length <= max at which text of this length can be cut without splitting a character. */
size_t text_utf8_cut(const char *text, size_t length, size_t max);

bool text_is_utf8(const char *text, size_t length);

/* [a-z][a-z0-9_-]{0,31} */
bool text_is_project_name(const char *text);
/* [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
bool text_is_app_name(const char *text);

/* The candidate a person most likely meant, or NULL when none is near. candidates ends with NULL. */
const char *text_nearest(const char *word, const char *const *candidates);
