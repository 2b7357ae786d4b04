/* Where isolate keeps things: the isolate folder of each base directory of the XDG specification
 * (https://specifications.freedesktop.org/basedir-spec/). */
#pragma once

#include <glib.h>

enum xdg_place {
	XDG_CONFIG, // $XDG_CONFIG_HOME/isolate: projects/, traits/
	XDG_DATA,   // $XDG_DATA_HOME/isolate: <project>/{home,layer}
	XDG_STATE,  // $XDG_STATE_HOME/isolate: <project>/ approvals, manifests, logs
	XDG_RUNTIME // $XDG_RUNTIME_DIR/isolate: <project>/ sockets, lock
};

/* The isolate folder, or with names (the last NULL) a path below it. The caller frees it. NULL with an error when
 * XDG_RUNTIME_DIR is needed and not set or not absolute. */
char *xdg_path(enum xdg_place place, GError **error, ...) G_GNUC_NULL_TERMINATED;

/* The same, and the folder is made with its parents, mode 0700. */
char *xdg_make_dir(enum xdg_place place, GError **error, ...) G_GNUC_NULL_TERMINATED;
