/* Exec= of the Desktop Entry Specification (https://specifications.freedesktop.org/desktop-entry-spec/, "The Exec key"). */
#pragma once

#include <glib.h>

/* argv as the value of an Exec key, before the escapes that every string value has (GKeyFile adds those): each word is
 * quoted when it needs to be, and no part of it is a field code. field, "%f", "%F", "%u", "%U" or NULL, comes last. */
char *desktop_exec(const char *const *argv, const char *field);
