/* A project as its configuration files say: the layers of isolate.conf(5) merged, every value checked, nothing of the
 * host looked at. Read it with the functions below; the rows of keys.c say what each key may hold. */
#pragma once

#include "keys.h"

#include <glib.h>

/* Where configuration is. Tests make their own. */
struct config_dirs {
	char *home;	   // what ~ stands for
	char *user;	   // $XDG_CONFIG_HOME/isolate: projects/, traits/
	char *system;	   // /etc/isolate: projects/, traits/, lock.conf
	char *system_data; // /usr/share/isolate: traits/
	char *draft;	   // a file that is read in place of the user's own of the project, or NULL
};

struct config_dirs *config_dirs_new(GError **error);
void config_dirs_free(struct config_dirs *dirs);
static inline void config_dirs_freep(struct config_dirs **p)
{
	config_dirs_free(*p);
}
#define autodirs __attribute__((cleanup(config_dirs_freep)))

/* One value and who gave it. */
struct config_item {
	char *value;  // checked; of a path: absolute, without . and .. components or a final slash
	char *dest;   // of PATH[:DEST]: where it appears in the container; NULL for other types
	char *origin; // "FILE:LINE: [Group] Key", or "default"
};

struct config_variable { // of [Environment]
	char *name;
	char *value;
	char *origin;
};

struct config_action { // a further way to start an application: of a desktop entry's [Desktop Action ID]
	char *id;
	char **exec; // argv, at least one, without a field code
};

struct config_app { // of [App NAME], or of Apps=
	char *name;
	char **exec; // argv, at least one, without a field code
	char *files; // "%f", "%F", "%u" or "%U" where Exec= ends with one: what its menu entry may hand it; or NULL
	char *title; // or NULL, and so on
	char *icon;
	char *window_class;
	gboolean terminal;
	char *entry;	    // of Apps=: the host's desktop entry, without .desktop; else NULL
	GPtrArray *actions; // struct config_action, owned; NULL without any
	char *origin;	    // of the group's first key
};

struct project {
	char *name;
	GPtrArray *settings[CONFIG_N_KEYS]; // struct config_item, owned; a list may be empty, every other key has one
	GPtrArray *environment;		    // struct config_variable, owned, sorted by name
	GPtrArray *apps;		    // struct config_app, owned, in the order of the files
	GPtrArray *files;		    // char *, owned: every file that was read
};

/* NULL with an error of one line that names file, line, group, key and value. An unknown project names the nearest. */
struct project *project_load(const char *name, const struct config_dirs *dirs, GError **error);
void project_free(struct project *project);
static inline void project_freep(struct project **p)
{
	project_free(*p);
}
#define autoproject __attribute__((cleanup(project_freep)))

/* Values. The text of a key without a value is "". Nothing is to be freed. */
const char *project_text(const struct project *project, enum config_key key);
gboolean project_flag(const struct project *project, enum config_key key);	    // of yes|no
int project_choice(const struct project *project, enum config_key key);		    // index in the row's values
gint64 project_duration(const struct project *project, enum config_key key);	    // ms, -1 for "forever"
const GPtrArray *project_items(const struct project *project, enum config_key key); // struct config_item
const char *project_origin(const struct project *project, enum config_key key);
/* A new application of the project: its owner fills in the rest, exec at least. */
struct config_app *project_add_app(struct project *project, const char *name, const char *origin);
const struct config_app *project_app(const struct project *project, const char *name);

/* Names of all projects, sorted; free it with g_ptr_array_unref(). A folder that is missing is an empty one. */
GPtrArray *project_names(const struct config_dirs *dirs, GError **error);

/* True when a file of this project exists. */
gboolean project_exists(const char *name, const struct config_dirs *dirs);

/* FALSE with an error that names the line when lock.conf has this key, or cannot be read. */
gboolean project_unlocked(const struct config_dirs *dirs, enum config_key key, GError **error);

/* "there is no project NAME: …", with the nearest and how to create one. Returns FALSE. */
gboolean project_unknown(const char *name, const struct config_dirs *dirs, GError **error);
