/* One question to polkit (https://www.freedesktop.org/software/polkit/docs/latest/), over GDBus on a connection of our
 * own. The subject is that connection, never a process id: ids are used again. No details: polkit takes them from root
 * and from an action's owner only. */
#pragma once

#include <gio/gio.h>

struct polkit;

enum polkit_answer {
	POLKIT_YES,
	POLKIT_NO,	  // a rule forbids it, or the password was wrong
	POLKIT_DISMISSED, // the person cancelled the dialog
	POLKIT_CHALLENGE, // somebody must be asked; as an answer to an interactive question: no agent could ask
};

/* NULL with an error that names the missing part: the system bus, polkit itself. */
struct polkit *polkit_connect(GError **error);

/* Asks. Without interaction the answer comes within seconds; with it, when the person has decided: until then the
 * main context runs, and cancelling ends the question. The connection dying, polkitd dying, a service
 * that answers nonsense: an error. */
gboolean polkit_check(struct polkit *polkit, const char *action, gboolean interactive, GCancellable *cancellable,
	enum polkit_answer *answer, GError **error);

void polkit_free(struct polkit *polkit);
