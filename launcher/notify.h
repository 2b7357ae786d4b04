/* Errors of an isolate that a menu started. */
#pragma once

/* Shows message, which is one line, as a desktop notification when there is a desktop and no terminal to read it on. Does
 * not wait. */
void notify_error(const char *message);
