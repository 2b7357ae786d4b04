#include "keys.h"

#include "global.h"
#include "value.h"

#include <string.h>

// What a program needs of the host to speak the person's language and to know the terminal.
#define PASS_DEFAULT                                                                                                   \
	"TERM;COLORTERM;LANG;LANGUAGE;LC_ALL;LC_ADDRESS;LC_COLLATE;LC_CTYPE;LC_IDENTIFICATION;LC_MEASUREMENT;"         \
	"LC_MESSAGES;LC_MONETARY;LC_NAME;LC_NUMERIC;LC_PAPER;LC_TELEPHONE;LC_TIME;TZ;NO_COLOR;XCURSOR_SIZE;"           \
	"XCURSOR_THEME;http_proxy;https_proxy;ftp_proxy;all_proxy;no_proxy;HTTP_PROXY;HTTPS_PROXY;FTP_PROXY;"          \
	"ALL_PROXY;NO_PROXY"

#define SELECTION "guarded|private|ask|allow|deny"

/* Each key once. A value that no part of this version can carry out is known but not honoured: it is refused, so that
 * nobody believes in a protection or a permission that is not there. */
static const struct config_row rows[CONFIG_N_KEYS] = {
	// clang-format off
	[CONFIG_TRAITS] = {"Project", "Traits", CONFIG_LIST, .check = value_project_name},
	[CONFIG_TITLE] = {"Project", "Title", CONFIG_TEXT},
	[CONFIG_COLOR] = {"Project", "Color", CONFIG_TEXT, .check = value_color},
	[CONFIG_HOSTNAME] = {"Project", "Hostname", CONFIG_TEXT, .check = value_hostname},
	[CONFIG_CWD] = {"Project", "Cwd", CONFIG_PATH},
	[CONFIG_LINGER] = {"Project", "Linger", CONFIG_DURATION, .initial = "30s"},
	[CONFIG_APPS] = {"Project", "Apps", CONFIG_LIST, .check = value_app_name},
	[CONFIG_ENGINE] = {"Project", "Engine", CONFIG_CHOICE, "bwrap"},
	[CONFIG_GATE] = {"Project", "Gate", CONFIG_CHOICE, "changed|always|never"},

	[CONFIG_BASE] = {"Root", "Base", CONFIG_CHOICE, "host|nix:|dir:|image:"},
	[CONFIG_LAYER] = {"Root", "Layer", CONFIG_CHOICE, "none|persistent|ephemeral"},

	[CONFIG_HOME_MODE] = {"Home", "Mode", CONFIG_CHOICE, "persistent|ephemeral"},
	[CONFIG_DOTFILES] = {"Home", "Dotfiles", CONFIG_HOME_PATHS},

	[CONFIG_SHARE] = {"Files", "Share", CONFIG_PATHS},
	[CONFIG_READ_ONLY] = {"Files", "ReadOnly", CONFIG_PATHS},
	[CONFIG_HIDE] = {"Files", "Hide", CONFIG_PATHS},
	[CONFIG_GIT] = {"Files", "Git", CONFIG_CHOICE, "readonly|guard|hidden|full"},

	[CONFIG_WAYLAND] = {"Display", "Wayland", CONFIG_CHOICE, "yes|no"},
	[CONFIG_X11] = {"Display", "X11", CONFIG_CHOICE, "auto|no"},
	[CONFIG_CLIPBOARD] = {"Display", "Clipboard", CONFIG_CHOICE, SELECTION},
	[CONFIG_PRIMARY] = {"Display", "Primary", CONFIG_CHOICE, SELECTION},
	[CONFIG_DRAG_AND_DROP] = {"Display", "DragAndDrop", CONFIG_CHOICE, "allow|deny"},
	[CONFIG_FULLSCREEN] = {"Display", "Fullscreen", CONFIG_CHOICE, "allow|deny"},
	[CONFIG_POINTER_LOCK] = {"Display", "PointerLock", CONFIG_CHOICE, "allow|deny"},
	[CONFIG_INHIBIT_IDLE] = {"Display", "InhibitIdle", CONFIG_CHOICE, "allow|deny"},
	[CONFIG_INHIBIT_SHORTCUTS] = {"Display", "InhibitShortcuts", CONFIG_CHOICE, "ask|allow|deny"},
	[CONFIG_STEAL_FOCUS] = {"Display", "StealFocus", CONFIG_CHOICE, "ask|allow|deny"},
	[CONFIG_TEXT_INPUT] = {"Display", "TextInput", CONFIG_CHOICE, "yes|no"},
	[CONFIG_ALLOW_GLOBALS] = {"Display", "AllowGlobals", CONFIG_LIST, .check = value_interface, .refuse = global_refuse_offer},
	[CONFIG_DENY_GLOBALS] = {"Display", "DenyGlobals", CONFIG_LIST, .check = value_interface, .refuse = global_refuse_unknown},
	[CONFIG_TITLE_PREFIX] = {"Display", "TitlePrefix", CONFIG_TEXT, .check = value_title_prefix},

	[CONFIG_GPU] = {"Graphics", "Gpu", CONFIG_CHOICE, "none|render|compute|full", "none"},
	[CONFIG_DEVICE] = {"Graphics", "Device", CONFIG_TEXT, .honoured = "", .initial = "auto"},

	[CONFIG_NETWORK_MODE] = {"Network", "Mode", CONFIG_CHOICE, "internet|none|private|host", "internet|none|host"},
	[CONFIG_LAN] = {"Network", "Lan", CONFIG_CHOICE, "deny|allow"},
	[CONFIG_FORWARD] = {"Network", "Forward", CONFIG_LIST, .check = value_forward},
	[CONFIG_ALLOW] = {"Network", "Allow", CONFIG_LIST, .check = value_subnet},
	[CONFIG_DENY] = {"Network", "Deny", CONFIG_LIST, .check = value_subnet},

	[CONFIG_PORTALS] = {"Bus", "Portals", CONFIG_CHOICE, "yes|no"},
	[CONFIG_TALK] = {"Bus", "Talk", CONFIG_LIST, .check = value_bus_names},
	[CONFIG_CALL] = {"Bus", "Call", CONFIG_LIST, .check = value_bus_call},
	[CONFIG_OWN] = {"Bus", "Own", CONFIG_LIST, .check = value_bus_name},

	[CONFIG_PLAYBACK] = {"Audio", "Playback", CONFIG_CHOICE, "yes|no"},
	[CONFIG_RECORD] = {"Audio", "Record", CONFIG_CHOICE, "no|yes"},

	[CONFIG_CAMERA] = {"Devices", "Camera", CONFIG_CHOICE, "no|yes", "no"},
	[CONFIG_USB] = {"Devices", "Usb", CONFIG_LIST, .honoured = ""},
	[CONFIG_INPUT] = {"Devices", "Input", CONFIG_CHOICE, "no|yes", "no"},

	[CONFIG_DEBUG] = {"Security", "Debug", CONFIG_CHOICE, "yes|no"},
	[CONFIG_NESTED_SANDBOX] = {"Security", "NestedSandbox", CONFIG_CHOICE, "no|yes"},
	[CONFIG_SSH_AGENT] = {"Security", "SshAgent", CONFIG_CHOICE, "no|ask", "no"},

	[CONFIG_MEMORY] = {"Resources", "Memory", CONFIG_TEXT, .check = value_memory},
	[CONFIG_CPU] = {"Resources", "Cpu", CONFIG_TEXT, .check = value_cpu},
	[CONFIG_TASKS] = {"Resources", "Tasks", CONFIG_TEXT, .check = value_tasks},

	[CONFIG_PASS] = {"Environment", "Pass", CONFIG_LIST, .initial = PASS_DEFAULT, .check = value_variable},
	// clang-format on
};

const struct config_row *config_row(enum config_key key)
{
	return &rows[key];
}

enum config_key config_find(const char *group, const char *key)
{
	for (int i = 0; i < CONFIG_N_KEYS; i++)
		if (strcmp(rows[i].group, group) == 0 && strcmp(rows[i].key, key) == 0)
			return (enum config_key)i;
	return CONFIG_N_KEYS;
}

const struct config_row *config_find_elsewhere(const char *key)
{
	const struct config_row *found = NULL;
	for (int i = 0; i < CONFIG_N_KEYS; i++) {
		if (g_ascii_strcasecmp(rows[i].key, key) != 0)
			continue;
		if (found)
			return NULL;
		found = &rows[i];
	}
	return found;
}

const char **config_groups(void)
{
	const char **groups = g_new0(const char *, CONFIG_N_KEYS + 2);
	size_t n = 0;
	for (int i = 0; i < CONFIG_N_KEYS; i++)
		if (n == 0 || strcmp(groups[n - 1], rows[i].group) != 0)
			groups[n++] = rows[i].group;
	groups[n] = "App";
	return groups;
}

const char **config_keys(const char *group)
{
	const char **keys = g_new0(const char *, CONFIG_N_KEYS + 1);
	size_t n = 0;
	for (int i = 0; i < CONFIG_N_KEYS; i++)
		if (strcmp(rows[i].group, group) == 0)
			keys[n++] = rows[i].key;
	return keys;
}

char **config_choices(const char *values)
{
	return g_strsplit(values, "|", -1);
}
