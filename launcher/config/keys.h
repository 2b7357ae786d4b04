/* Every key of the configuration, once: the table in keys.c has a row for each. */
#pragma once

#include <glib.h>

enum config_key {
	CONFIG_TRAITS,
	CONFIG_TITLE,
	CONFIG_COLOR,
	CONFIG_HOSTNAME,
	CONFIG_CWD,
	CONFIG_LINGER,
	CONFIG_APPS,
	CONFIG_ENGINE,
	CONFIG_GATE,
	CONFIG_BASE,
	CONFIG_LAYER,
	CONFIG_HOME_MODE,
	CONFIG_DOTFILES,
	CONFIG_SHARE,
	CONFIG_READ_ONLY,
	CONFIG_HIDE,
	CONFIG_GIT,
	CONFIG_WAYLAND,
	CONFIG_X11,
	CONFIG_CLIPBOARD,
	CONFIG_PRIMARY,
	CONFIG_DRAG_AND_DROP,
	CONFIG_FULLSCREEN,
	CONFIG_POINTER_LOCK,
	CONFIG_INHIBIT_IDLE,
	CONFIG_INHIBIT_SHORTCUTS,
	CONFIG_STEAL_FOCUS,
	CONFIG_TEXT_INPUT,
	CONFIG_ALLOW_GLOBALS,
	CONFIG_DENY_GLOBALS,
	CONFIG_TITLE_PREFIX,
	CONFIG_GPU,
	CONFIG_DEVICE,
	CONFIG_NETWORK_MODE,
	CONFIG_LAN,
	CONFIG_FORWARD,
	CONFIG_ALLOW,
	CONFIG_DENY,
	CONFIG_PORTALS,
	CONFIG_TALK,
	CONFIG_CALL,
	CONFIG_OWN,
	CONFIG_PLAYBACK,
	CONFIG_RECORD,
	CONFIG_CAMERA,
	CONFIG_USB,
	CONFIG_INPUT,
	CONFIG_DEBUG,
	CONFIG_NESTED_SANDBOX,
	CONFIG_SSH_AGENT,
	CONFIG_MEMORY,
	CONFIG_CPU,
	CONFIG_TASKS,
	CONFIG_PASS,
	CONFIG_N_KEYS
};

enum config_type {
	CONFIG_CHOICE,	   // one of the row's values
	CONFIG_TEXT,	   // one line
	CONFIG_DURATION,   // 0, forever, or a number with ms, s, m or h
	CONFIG_LIST,	   // of text, separated by semicolons
	CONFIG_PATH,	   // absolute, or below ~/
	CONFIG_PATHS,	   // of PATH[:DEST]
	CONFIG_HOME_PATHS, // of paths below ~/; ~/ may be left out
};

struct config_row {
	const char *group, *key;
	enum config_type type;
	const char *values;   // of a choice: "a|b"; one that ends with a colon is followed by text of the user's
	const char *honoured; // what this version can do: of a choice "a|b", else "" for nothing; NULL: everything
	const char *initial;  // the built-in default; NULL: the first of values, or nothing
	const char *(*check)(const char *value); // of each text: what it must be, when it is not; or NULL
	char *(*refuse)(const char *value);	 // the same, after check: what is wrong, in new memory
};

const struct config_row *config_row(enum config_key key);

/* CONFIG_N_KEYS when there is none. */
enum config_key config_find(const char *group, const char *key);

/* "[Group] Key" of the only group that has this key, else NULL. */
const struct config_row *config_find_elsewhere(const char *key);

/* The names of all groups ("App" is one), and of the keys of one; NULL ends them. free() the array only. */
const char **config_groups(void);
const char **config_keys(const char *group);

/* "a|b|c" as an array, to be freed with g_strfreev(). */
char **config_choices(const char *values);
