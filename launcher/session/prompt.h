/* Questions to a person, as isolate-wlproxy asks them under "ask": a notification each, by a program of its own
 * (isolate-ask), since neither GIO nor a notification service that hangs may be in the session. */
#pragma once

#include <glib.h>

struct audit;
struct prompts;

/* answer is "no", "once" or "always", for the question of this id. */
struct prompts *prompts_new(const char *project, struct audit *audit,
	void (*answered)(guint32 id, const char *answer, gpointer data), gpointer data);

/* Takes back what is open. */
void prompts_free(struct prompts *prompts);
void prompts_withdraw(struct prompts *prompts);

/* Shows the question of an Ask message, or answers no at once: when too many are open or have been refused lately, or
 * nobody can be asked. */
void prompts_ask(struct prompts *prompts, GVariant *body);
