/* The runtime folder of a project: its lock, the control socket, the folders of sockets.
 *
 * $XDG_RUNTIME_DIR/isolate/<project>/
 *   lock       held by the session for as long as it lives: the kernel lets go of it however the session ends
 *   control    where `isolate` asks
 *   sockets/   what the container sees, read-only: wayland-0 …
 *   upstream/  the proxy's own
 *   layer/     empty: where a layer is mounted, in a namespace of its own
 *   bus/       where xdg-dbus-proxy listens */
#pragma once

#include <glib.h>

#define RUNTIME_BUS "bus"

struct runtime {
	char *path;
	int lock;
	int listener; // of control, -1 once closed
};

enum runtime_outcome {
	RUNTIME_TAKEN,	// this process is the project's session
	RUNTIME_JOINED, // another one is, and it listens
	RUNTIME_FAILED, // error is set
};

/* Becomes the project's session, or finds that another one listens. Waits while one is ending. */
enum runtime_outcome runtime_take(struct runtime *runtime, const char *project, GError **error);

/* No new client comes after this: control is removed. */
void runtime_close_door(struct runtime *runtime);

/* Removes what is left and lets go of the lock. */
void runtime_release(struct runtime *runtime);
