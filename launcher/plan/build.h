/* The parts of plan_build(), one file a kind of resource. None does I/O: what they need to know is in the host. */
#pragma once

#include "host.h"
#include "plan.h"
#include "project.h"

/* In the order of Base='s values. */
enum base_kind { BASE_HOST, BASE_NIX, BASE_DIR, BASE_IMAGE };

struct build {
	const struct project *project;
	const struct host *host;
	struct plan *plan;
	char *runtime_dir; // $XDG_RUNTIME_DIR inside
	gboolean look;	   // there is something in PLAN_LOOK_DIR
	enum base_kind base;
	guint layered; // PLAN_LAYERED, or 0 without a layer
};

/* base.c: what of the host is visible to every container; /etc and its secrets; the private places. */
gboolean build_base(struct build *build, GError **error);
void build_etc(struct build *build);
void build_etc_files(struct build *build); // after the private places that its links may lead into

/* home.c: the home, and what of the host's home is shown in it. */
gboolean build_home(struct build *build, GError **error);

/* look.c: the user's fonts, icons and themes. TRUE when there are any. */
gboolean build_look(struct build *build);

/* files.c: what [Files] shares, hides and protects. */
gboolean build_files(struct build *build, GError **error);

/* source.c: whether a path of the host may be shared. *found is what is known of it; NULL when it is missing and need not
 * exist. The error names the item's file, group, key and value. */
gboolean source_check(const struct build *build, const struct config_item *item, gboolean writable, gboolean needed,
	const struct host_path **found, GError **error);
gboolean source_check_dest(const struct build *build, const struct config_item *item, GError **error);
gboolean item_wrong(const struct config_item *item, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* network.c: what [Network] says; what it says in vain, and would be believed, is an error. */
gboolean build_network(struct build *build, GError **error);
/* bus.c: what may be said on the session bus, before the files; then what programs look for where portals are. audio.c */
void build_bus(struct build *build);
void build_bus_files(struct build *build);
const char *build_bus_data_dir(const struct build *build); // first in XDG_DATA_DIRS, or NULL
void build_audio(struct build *build);

/* limits.c: what [Resources] says, and who sees to it on this host. */
void build_limits(struct build *build);

/* env.c, display.c, permissions.c */
void build_env(struct build *build);
void build_display(struct build *build);
void build_permissions(struct build *build);

/* plan.c */
struct plan *plan_new(void);

/* Adds an application: fill in its members. */
struct plan_app *plan_app_new(struct plan *plan);
void plan_action_add(struct plan_app *app, const char *id, const char *const *exec);

/* Adds an operation; its texts are copied. Set its other members through the result. */
struct plan_op *plan_op_add(
	struct plan *plan, enum plan_op_type type, const char *source, const char *dest, const char *reason);
struct plan_op *plan_op_bind(struct plan *plan, const char *source, const char *dest, guint flags, const char *reason);
struct plan_op *plan_op_last(struct plan *plan);
void plan_op_symlink(struct plan *plan, const char *target, const char *dest);
struct plan_op *plan_op_file(struct plan *plan, const char *content, const char *dest, const char *reason);

/* path.c: dir is path, or contains it. Both are absolute and normal. */
gboolean path_within(const char *path, const char *dir);
/* TRUE when path is dir of any of these, or below; the list ends with NULL. */
gboolean path_within_any(const char *path, const char *const *dirs);
