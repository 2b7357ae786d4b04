/* What a container will be, as data: nothing here has been done yet. Built from a struct project and a struct host
 * without I/O (plan_build), printed by `isolate plan`, approved by the gate, and carried out by an engine: the same
 * constant object in one process, so that what was approved is what runs. An engine refuses an operation that it cannot honour. */
#pragma once

#include "keys.h"

#include <glib.h>
#include <sys/types.h>

/* Operations are carried out in their order; a later one covers an earlier one at the same destination. */
enum plan_op_type {
	PLAN_OP_BIND,	 // source on the host → dest
	PLAN_OP_TMPFS,	 // dest
	PLAN_OP_DIR,	 // an empty folder at dest
	PLAN_OP_FILE,	 // data → dest, with PLAN_READ_ONLY as a mount over what is there
	PLAN_OP_SYMLINK, // data is the target, dest the link
	PLAN_OP_PROC,	 // dest
	PLAN_OP_DEV,	 // a minimal /dev at dest
};

enum plan_op_flags {
	PLAN_READ_ONLY = 1 << 0,
	PLAN_OPTIONAL = 1 << 1, // nothing is done where the source is missing
	PLAN_OWN = 1 << 2,	// source is a folder of isolate's own state: made (0700) when missing
	PLAN_MOUNT_POINT =
		1 << 3, // dest lies in the private home: its mount point is made there first, following no link
	PLAN_GIT_GUARD = 1 << 4, // source is a folder of isolate's own state: when missing, made as a copy of the git
				 // directory that data names, with the objects that are bound at PLAN_GIT_DIR
	PLAN_LAYERED =
		1 << 5, // it is part of what the layer lies over; what dest's first component is, is seen through it
};

struct plan_op {
	enum plan_op_type type;
	guint flags;  // enum plan_op_flags
	mode_t mode;  // of PLAN_OP_DIR, PLAN_OP_TMPFS and PLAN_OP_FILE, 0 for the usual one
	char *source; // absolute host path, resolved: a link that is found on it later is a refusal
	char *dest;   // absolute path in the container
	GBytes *data; // PLAN_OP_FILE's content, PLAN_OP_SYMLINK's target, the git directory of PLAN_GIT_GUARD
	char *reason; // "file: [Group] Key" that asked for it, or "default": shown by plan and explain
};

enum plan_network { PLAN_NETWORK_NONE, PLAN_NETWORK_HOST, PLAN_NETWORK_INTERNET };
enum { PLAN_OWNER_UNKNOWN = 65534 };
enum plan_layer { PLAN_LAYER_NONE, PLAN_LAYER_PERSISTENT, PLAN_LAYER_EPHEMERAL };
enum plan_gate { PLAN_GATE_CHANGED, PLAN_GATE_ALWAYS, PLAN_GATE_NEVER };

enum { PLAN_LINGER_FOREVER = -1 };

enum plan_resource { PLAN_MEMORY, PLAN_CPU, PLAN_TASKS, PLAN_N_RESOURCES };

/* Who sees to a limit. Not every host can. */
enum plan_enforcement {
	PLAN_UNLIMITED,
	PLAN_CGROUP,	 // the kernel, for all of the container together: in a scope of the user's service manager
	PLAN_RLIMIT,	 // the kernel by setrlimit(2) in init: PLAN_MEMORY counts each process alone
	PLAN_UNENFORCED, // nobody
};

struct plan_limit {
	gint64 value; // bytes; percent of one processor; processes and threads
	enum plan_enforcement by;
};

struct plan_action {
	char *id;
	char **exec; // argv; never empty
};

struct plan_app {
	char *name;	    // of [App NAME]
	char *title;	    // Name=, or name
	char **exec;	    // argv, as Exec= says; never empty
	char *window_class; // the native app_id or class that is this application, or NULL
	char *icon;
	gboolean terminal;
	char *files; // "%f", "%F", "%u" or "%U": what a menu entry may hand it, as the Desktop Entry Specification has it; or NULL
	GPtrArray *actions; // struct plan_action, owned; may be empty
};

/* Where things are inside. The session listens on sockets in the host's $XDG_RUNTIME_DIR/isolate/<project>/sockets,
 * which the plan binds read-only at $XDG_RUNTIME_DIR/isolate inside; $XDG_RUNTIME_DIR/wayland-0 is a link to
 * isolate/wayland-0, and WAYLAND_DISPLAY the plain name. */
#define PLAN_SOCKETS_DIR "sockets"
#define PLAN_LAYER_DIR "layer"
#define PLAN_IMAGE_DIR "image" // of an unpacked image: a folder with its files, and a file with its name
#define PLAN_IMAGE_ROOT "rootfs"
#define PLAN_IMAGE_NAME "name"
#define PLAN_PROFILE_LINK "profile" // keeps a Nix profile
#define PLAN_WAYLAND_NAME "wayland-0"
#define PLAN_BUS_NAME "bus"
#define PLAN_APP_ID_PREFIX "isolate." // and the project: who a container is to portals
#define PLAN_PULSE_NAME "pulse"

/* Under Git=guard, the host's git directories are here, read-only, each under the name that its private copy has in
 * <data>/<project>/git. */
#define PLAN_GIT_DIR "/run/isolate/git"

/* Data directories, as the XDG specification has them, with the user's fonts, icons and themes. */
#define PLAN_LOOK_DIR "/run/isolate/look"

/* What a container may reach, one line each, "KIND [ACCESS [VALUE]]"; paths are the host's, resolved:
 *   files rw PATH · files ro PATH · network host · network internet [but not SUBNET …] · network lan ·
 *   network allow SUBNET · network forward PORT:INSIDE · environment pass NAME (beyond the default ones)
 *   security debug · security nested-sandbox · root layer persistent|ephemeral · root base KIND NAME
 *   wayland [without INTERFACE…] · wayland clipboard guarded|ask|allow · wayland primary …
 *   wayland inhibit-shortcuts ask|allow · wayland steal-focus … · wayland drag-and-drop · wayland fullscreen
 *   wayland pointer-lock · wayland inhibit-idle · wayland text-input · wayland global INTERFACE
 *   bus portals · bus talk NAME · bus call NAME=METHOD@PATH · bus own NAME · audio playback · audio record
 * The gate compares them. */

struct plan {
	char *project;
	char *title;  // Title=, or the name
	char *color;  // "#rrggbb" or NULL
	char *engine; // "bwrap"
	char *hostname;
	char *home;	  // path of the home inside, the same as outside
	char *shell;	  // absolute path inside
	char *cwd;	  // where applications start, inside
	gint64 linger_ms; // after the last application, or PLAN_LINGER_FOREVER
	enum plan_gate gate;
	enum plan_network network;
	gboolean lan;		 // of PLAN_NETWORK_INTERNET, like the next three: the local network too
	gboolean debug;		 // ptrace and personality
	gboolean nested_sandbox; // user namespaces inside
	gboolean wayland;
	struct plan_limit limits[PLAN_N_RESOURCES];
	enum plan_layer layer;
	char *layer_keep;      // where its changes are kept on the host, NULL when they are not
	char *layer_base;      // Base=, since the changes that are kept are changes of that
	char *layer_place;     // an empty folder of the host, to mount it over in a namespace of its own
	gint64 layer_owner;    // whose files are root's in the base: this uid, 65534 for nobody that is known inside
	char *image;	       // Base=image: its name, NULL without
	char *profile;	       // Base=nix: its path in the store, to be kept from the garbage collector, NULL without
	char *base_keep;       // where the image is unpacked, or the link that keeps the profile
	gboolean base_missing; // the image is yet to be unpacked: nothing can be started from this plan
	gboolean portals;      // the portal identity is isolate.<project>
	gboolean playback, record;
	GVariant *policy;	// a{sv} for isolate-wlproxy, see docs/control-protocol.md
	GPtrArray *bus;		// arguments of xdg-dbus-proxy after --filter, owned; empty: there is no session bus
	GPtrArray *ops;		// struct plan_op, owned
	GPtrArray *env;		// "NAME=value", sorted by name, owned; the whole environment
	GPtrArray *pass;	// names whose values come with each run request, owned
	GPtrArray *forwards;	// "PORT:INSIDE" on the loopback of the host, owned, sorted, like the next two
	GPtrArray *allow;	// "ADDRESS/LENGTH" that may be reached, whatever lan says
	GPtrArray *deny;	// that may not, whatever the others say
	GPtrArray *apps;	// struct plan_app, owned
	GPtrArray *permissions; // canonical lines, see below, sorted, owned
};

struct project; // config/project.h
struct host;	// plan/host.h

/* Never changes its arguments. NULL with an error that names file, group and key. */
struct plan *plan_build(const struct project *project, const struct host *host, GError **error);
void plan_free(struct plan *plan);
static inline void plan_freep(struct plan **p)
{
	plan_free(*p);
}
#define autoplan __attribute__((cleanup(plan_freep)))

/* The lines of what a policy permits on the display; owned. */
GPtrArray *plan_policy_permissions(GVariant *policy);

/* live.c: a policy that is changed while the container runs. key is one of [Display], text what a file would say.
 * The changed policy, or NULL with an error that names the nearest key or value. */
GVariant *plan_policy_set(GVariant *policy, const char *key, const char *text, GError **error);

/* CONFIG_N_KEYS with an error when this key of [Display] cannot be read or changed while the container runs. */
enum config_key plan_policy_key(const char *key, GError **error);

/* What of such a change counts only later, as a sentence; "" when it counts at once. */
const char *plan_policy_later(enum config_key key);

/* The keys of [Display] that can be changed so, in the order of the configuration; the last is NULL. free() the array. */
const char **plan_policy_keys(void);

/* The form of `isolate plan --json`, and back: plan_from_variant(plan_to_variant(p)) is equal to p. A variant of another shape is an error. */
GVariant *plan_to_variant(const struct plan *plan);
struct plan *plan_from_variant(GVariant *variant, GError **error);

/* limits.c: "memory", "cpu", "tasks" */
const char *plan_resource_name(enum plan_resource resource);
const char *plan_enforcement_name(enum plan_enforcement by);
/* FALSE when there is none of this name. */
gboolean plan_enforcement_find(const char *name, enum plan_enforcement *by);
/* "2 GiB of memory, all of it together"; for a person. In new memory. */
char *plan_limit_text(enum plan_resource resource, const struct plan_limit *limit);
/* Who would see to such a limit on this host. */
enum plan_enforcement plan_limit_by(const struct host *host, enum plan_resource resource);
/* The container is to be in a scope of the service manager. */
gboolean plan_needs_scope(const struct plan *plan);

/* "none", "host", "internet" */
const char *plan_network_name(enum plan_network network);

gboolean plan_equal(const struct plan *a, const struct plan *b);

/* For a person, in sections; the same input gives the same text (golden tests). */
void plan_print(const struct plan *plan, GString *out);
