/* The control socket: policy in, audit out. docs/control-protocol.md, "isolate-session → isolate-wlproxy". */
#pragma once

#include "ask.h"
#include "audit.h"
#include "policy.h"

struct control;
struct wl_event_loop;

/* What the program does. An error is sent back to the session, and is the callback's to set. */
struct control_callbacks {
	/* directory: a private folder for sockets of ours on the compositor, "" when none was named. policy is the
	 * callback's to keep. Called once before any listen, and again for each change. */
	gboolean (*policy)(struct policy *policy, const char *directory, void *data, GError **error);
	/* fd: a listening socket, the callback's from now on, also when it fails. upstream: absolute path. */
	gboolean (*listen)(const char *name, const char *upstream, int fd, void *data, GError **error);
	gboolean (*activation)(const char *token, void *data, GError **error);
	/* Moves a selection from the project to the host, or back. *later: the answer is given by control_reply() with this
	 * serial, once it is known. */
	gboolean (*move)(bool push, bool primary, uint32_t serial, bool *later, void *data, GError **error);
	/* False when there is no such question any more, which is no error: it may have timed out meanwhile. */
	bool (*answer)(uint32_t id, enum ask_answer answer, void *data);
	/* The session is gone or does not speak our protocol: end. */
	void (*ended)(void *data);
};

/* fd is a SOCK_SEQPACKET socket, owned from now on, also on failure. callbacks is kept, not copied. NULL with errno. */
struct control *control_create(
	struct wl_event_loop *loop, int fd, const struct control_callbacks *callbacks, void *data);
void control_destroy(struct control *control);

/* The answer to a request that was put off: error NULL is success. */
void control_reply(struct control *control, uint32_t serial, const GError *error);

/* An audit_sink; data is the control. */
bool control_audit_sink(const struct audit_record *records, size_t count, void *data);

/* An ask_sink; data is the control. */
bool control_ask_sink(const struct ask_question *question, void *data);
