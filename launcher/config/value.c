#include "value.h"

#include "subnet.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

enum { TEXT_MAX = 1024, TITLE_PREFIX_MAX = 128 };

static gboolean only(const char *value, const char *set, size_t max)
{
	size_t length = strlen(value);
	return length > 0 && length <= max && strspn(value, set) == length;
}

const char *value_project_name(const char *value)
{
	return text_is_project_name(value) ? NULL : "a lower-case letter, then at most 31 of a-z, 0-9, _ and -";
}

const char *value_app_name(const char *value)
{
	return text_is_app_name(value) ? NULL
				       : "a letter or digit, then at most 63 of letters, digits, '.', '_' and '-'";
}

const char *value_color(const char *value)
{
	return value[0] == '#' && strlen(value) == 7 && only(value + 1, DIGITS "abcdefABCDEF", 6) ? NULL
												  : "like #2e8b57";
}

const char *value_hostname(const char *value)
{
	size_t length = strlen(value);
	return only(value, LETTERS DIGITS "-", 63) && value[0] != '-' && value[length - 1] != '-'
		       ? NULL
		       : "at most 63 letters, digits and '-', which does not begin or end it";
}

const char *value_interface(const char *value)
{
	return only(value, LETTERS DIGITS "_", 127) ? NULL : "the name of a Wayland interface";
}

const char *value_title_prefix(const char *value)
{
	return strlen(value) <= TITLE_PREFIX_MAX ? NULL : "at most 128 bytes";
}

const char *value_variable(const char *value)
{
	static const char *const ours[] = {
		"HOME",
		"USER",
		"LOGNAME",
		"XDG_RUNTIME_DIR",
		"WAYLAND_DISPLAY",
		"WAYLAND_SOCKET",
		"DISPLAY",
		"XAUTHORITY",
		"DBUS_SESSION_BUS_ADDRESS",
		"ISOLATE_PROJECT",
		"container",
	};
	if (!only(value, LETTERS DIGITS "_", 255) || g_ascii_isdigit(value[0]))
		return "a name of letters, digits and '_' that does not begin with a digit";
	for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
		if (strcmp(ours[i], value) == 0)
			return "a variable that isolate does not set itself";
	return NULL;
}

const char *value_forward(const char *value)
{
	unsigned port, inside;
	return forward_parse(value, &port, &inside) ? NULL : "a port, or PORT:INSIDE, such as 3000 or 8080:80";
}

const char *value_subnet(const char *value)
{
	struct subnet subnet;
	return subnet_parse(value, &subnet) ? NULL
					    : "an address or a network, such as 192.168.1.7, 10.1.0.0/16 or fd00::/8";
}

const char *value_text(const char *value)
{
	g_autofree char *clean = text_dup_sanitized(value, TEXT_MAX);
	return clean && strcmp(clean, value) == 0
		       ? NULL
		       : "one line of at most 1024 bytes without control or invisible characters";
}

/* [A-Za-z_][A-Za-z0-9_-]*, at least two of them between dots: a unique name (":1.5") is none. */
static gboolean is_bus_name(const char *value)
{
	gboolean first = TRUE;
	int elements = 1;
	for (const char *p = value; *p; p++) {
		if (first ? !strchr(LETTERS "_", *p) : !strchr(LETTERS DIGITS "_-.", *p))
			return FALSE;
		first = *p == '.';
		elements += first;
	}
	return !first && elements > 1 && strlen(value) <= 255;
}

const char *value_bus_name(const char *value)
{
	return is_bus_name(value) ? NULL : "a name on the session bus, such as org.gnome.TextEditor";
}

/* All names of a vendor are one thing, all of the desktop's another: among those of org.freedesktop are some that start
 * programs on the host. */
const char *value_bus_names(const char *value)
{
	if (!g_str_has_suffix(value, ".*"))
		return value_bus_name(value);
	g_autofree char *prefix = g_strndup(value, strlen(value) - 2);
	return is_bus_name(prefix) && !g_str_has_prefix(prefix, "org.freedesktop")
		       ? NULL
		       : "a name on the session bus, or one with .* at its end that has two parts before and is not "
			 "org.freedesktop's";
}

static gboolean is_bus_path(const char *path)
{
	return *path == '/' && only(path, LETTERS DIGITS "_/*", 255) && !strstr(path, "//") &&
	       (!strchr(path, '*') || (g_str_has_suffix(path, "/*") && strchr(path, '*')[1] == '\0'));
}

const char *value_bus_call(const char *value)
{
	static const char wrong[] = "like org.example.Name=org.example.Interface.Method@/org/example/path";
	const char *equals = strchr(value, '=');
	const char *at = equals ? strchr(equals, '@') : NULL;
	if (!equals || (at && !is_bus_path(at + 1)))
		return wrong;
	g_autofree char *name = g_strndup(value, (gsize)(equals - value));
	g_autofree char *method = at ? g_strndup(equals + 1, (gsize)(at - equals - 1)) : g_strdup(equals + 1);
	// "INTERFACE.METHOD" and "INTERFACE.x" have the form of names as well.
	g_autofree char *shape = g_strdup(method);
	if (g_str_has_suffix(shape, ".*"))
		shape[strlen(shape) - 1] = 'x';
	return is_bus_name(name) && is_bus_name(shape) && !strchr(shape, '-') ? NULL : wrong;
}

gint64 value_duration(const char *value)
{
	static const struct {
		const char *name;
		gint64 ms;
	} units[] = {
		{"ms",  1	},
		{"s",   1000	  },
		{"m",   60000  },
		{"min", 60000  },
		{"h",   3600000},
	};
	if (strcmp(value, "forever") == 0)
		return -1;
	if (strcmp(value, "0") == 0)
		return 0;
	size_t digits = strspn(value, DIGITS);
	if (digits == 0 || digits > 7)
		return -2;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (strcmp(value + digits, units[i].name) == 0)
			return strtol(value, NULL, 10) * units[i].ms;
	return -2;
}

/* Digits and then suffix alone; 0 when it is no number from min to max. */
static gint64 number_between(const char *value, const char *suffix, gint64 min, gint64 max)
{
	size_t digits = strspn(value, DIGITS);
	if (digits == 0 || digits > 15 || strcmp(value + digits, suffix) != 0)
		return 0;
	gint64 number = g_ascii_strtoll(value, NULL, 10);
	return number >= min && number <= max ? number : 0;
}

// Below these nothing starts that is more than a shell, and the error would be a riddle.
enum { TASKS_MIN = 8, TASKS_MAX = 4194304, CPU_MAX = 100000, MEMORY_MIN_MIB = 16 };

gint64 value_memory_number(const char *value)
{
	static const char units[] = "KMGT";
	const gint64 min = MEMORY_MIN_MIB * (gint64)1024 * 1024, max = (gint64)1 << 50;
	gint64 unit = 1;
	for (const char *name = units; *name; name++) {
		unit *= 1024;
		const char suffix[] = {*name, '\0'};
		gint64 number = number_between(value, suffix, 1, max / unit);
		if (number > 0)
			return number * unit >= min ? number * unit : 0;
	}
	return number_between(value, "", min, max);
}

gint64 value_cpu_number(const char *value)
{
	return number_between(value, "%", 1, CPU_MAX);
}

gint64 value_tasks_number(const char *value)
{
	return number_between(value, "", TASKS_MIN, TASKS_MAX);
}

const char *value_memory(const char *value)
{
	return value_memory_number(value) > 0 ? NULL : "at least 16M: a number of bytes, or with K, M, G or T";
}

const char *value_cpu(const char *value)
{
	return value_cpu_number(value) > 0 ? NULL : "a percentage of one processor: 50%, or 200% for two";
}

const char *value_tasks(const char *value)
{
	return value_tasks_number(value) > 0 ? NULL : "a number of processes and threads, from 8 to 4194304";
}

static gboolean has_dots(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	for (char **p = parts; *p; p++)
		if (strcmp(*p, ".") == 0 || strcmp(*p, "..") == 0)
			return TRUE;
	return FALSE;
}

static char *normal_path(const char *text, const char *home, char **reason)
{
	if (strcmp(text, "~") == 0)
		return g_strdup(home);
	if (text[0] == '~' && text[1] != '/') {
		*reason = g_strdup("~ stands for your own home only: begin with ~/ or /");
	} else if (text[0] != '~' && text[0] != '/') {
		*reason = g_strdup("a path begins with / or ~/");
	} else if (has_dots(text)) {
		*reason = g_strdup("a path has no . or .. in it");
	} else {
		g_autofree char *full = text[0] == '~' ? g_build_filename(home, text + 1, NULL) : g_strdup(text);
		return g_canonicalize_filename(full, "/");
	}
	return NULL;
}

/* PATH:DEST is cut where a colon stands before a / or ~, so that other colons may be in a name. */
static char *normal_paths(const char *text, const char *home, char **dest, char **reason)
{
	const char *colon = strchr(text, ':');
	while (colon && colon[1] != '/' && colon[1] != '~')
		colon = strchr(colon + 1, ':');
	g_autofree char *source = colon ? g_strndup(text, (size_t)(colon - text)) : g_strdup(text);
	char *path = normal_path(source, home, reason);
	if (!path)
		return NULL;
	*dest = colon ? normal_path(colon + 1, home, reason) : g_strdup(path);
	if (!*dest)
		g_clear_pointer(&path, g_free);
	return path;
}

static char *normal_home_path(const char *text, const char *home, char **reason)
{
	g_autofree char *below = text[0] == '~' || text[0] == '/' ? g_strdup(text) : g_strconcat("~/", text, NULL);
	char *path = normal_path(below, home, reason);
	if (path && !(g_str_has_prefix(path, home) && path[strlen(home)] == '/')) {
		*reason = g_strdup("it is a file or folder below your home");
		g_clear_pointer(&path, g_free);
	}
	return path;
}

/* The user's part of "dir:PATH" and the like: a path, but for an image, which has a name of its own kind. */
static char *normal_prefixed(const char *prefix, const char *rest, const char *home, char **reason)
{
	if (!*rest)
		*reason = g_strdup_printf("what comes after %s is missing", prefix);
	else if (strcmp(prefix, "image:") == 0)
		return g_strconcat(prefix, rest, NULL);
	g_autofree char *path = *rest ? normal_path(rest, home, reason) : NULL;
	return path ? g_strconcat(prefix, path, NULL) : NULL;
}

static char *normal_choice(const struct config_row *row, const char *text, const char *home, char **reason)
{
	g_auto(GStrv) values = config_choices(row->values);
	for (char **v = values; *v; v++) {
		if (strcmp(text, *v) == 0 && !g_str_has_suffix(*v, ":"))
			return g_strdup(text);
		if (g_str_has_suffix(*v, ":") && g_str_has_prefix(text, *v))
			return normal_prefixed(*v, text + strlen(*v), home, reason);
	}
	const char *nearest = text_nearest(text, (const char *const *)values);
	g_autofree char *list = g_strjoinv(", ", values);
	*reason = nearest ? g_strdup_printf("did you mean \"%s\"? It is one of: %s", nearest, list)
			  : g_strdup_printf("it is one of: %s", list);
	return NULL;
}

char *value_normal(const struct config_row *row, const char *text, const char *home, char **dest, char **reason)
{
	const char *wrong = value_text(text);
	if (!wrong && row->check)
		wrong = row->check(text);
	if (!wrong && row->type == CONFIG_DURATION && value_duration(text) < -1)
		wrong = "0, forever, or a number with ms, s, m or h, such as 30s";
	if (wrong) {
		*reason = g_strdup_printf("it must be %s", wrong);
		return NULL;
	}
	if (row->refuse && (*reason = row->refuse(text)))
		return NULL;
	switch (row->type) {
	case CONFIG_CHOICE:
		return normal_choice(row, text, home, reason);
	case CONFIG_PATH:
		return normal_path(text, home, reason);
	case CONFIG_PATHS:
		return normal_paths(text, home, dest, reason);
	case CONFIG_HOME_PATHS:
		return normal_home_path(text, home, reason);
	case CONFIG_TEXT:
	case CONFIG_DURATION:
	case CONFIG_LIST:
		return g_strdup(text);
	}
	g_assert_not_reached();
}
