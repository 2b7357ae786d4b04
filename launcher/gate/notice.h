/* Desktop notifications, where there is no terminal: with a question, isolate's own text and a button that opens the review
 * in a terminal; and errors. */
#pragma once

#include <glib.h>

struct notice;

/* review runs from the main context when the button was pressed. NULL with an error when no notification
 * service shows it. body is plain text. */
struct notice *notice_show(
	const char *summary, const char *body, void (*review)(gpointer data), gpointer data, GError **error);
void notice_close(struct notice *notice);

struct notice_action {
	const char *id, *label;
};

/* A question with these buttons, which ends with the one call of chosen, from the main context: with the id of an action;
 * with NULL when the notification was closed, or after timeout_ms; with the error when the service has ended. NULL with an error
 * when no notification service shows it, or none that has buttons. */
struct notice *notice_choose(const char *summary, const char *body, const struct notice_action *actions,
	size_t n_actions, unsigned timeout_ms, void (*chosen)(const char *id, const GError *error, gpointer data),
	gpointer data, GError **error);

/* Shows it and leaves it there. body is plain text. */
gboolean notice_tell(const char *summary, const char *body, GError **error);

/* Opens `isolate start --review PROJECT` in a terminal emulator; command is isolate's path. */
gboolean notice_open_review(const char *command, const char *project, GError **error);
