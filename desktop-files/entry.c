#include "entry.h"

#include "category.h"
#include "error.h"
#include "exec.h"
#include "host-entry.h"
#include "seal.h"
#include "text.h"

#include <string.h>
#include <unistd.h>

#define GROUP G_KEY_FILE_DESKTOP_GROUP

#define TERMINAL_ACTION "isolate-terminal"
#define STOP_ACTION "isolate-stop"

enum { TEXT_MAX = 1000 };

char *desktop_entry_id(const char *project, const char *app)
{
	return g_strdup_printf("isolate.%s.%s", project, app);
}

char *desktop_entry_file(const char *project, const char *app)
{
	return g_strdup_printf("isolate.%s.%s.desktop", project, app);
}

static void set(GKeyFile *file, const char *group, const char *key, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Text that is shown: one line without anything that acts on a terminal or on the reading direction. */
static void set(GKeyFile *file, const char *group, const char *key, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *shown = text_dup_sanitized(text, TEXT_MAX);
	g_key_file_set_string(file, group, key, g_strstrip(shown));
}

/* Not shown, so not sanitised: what changes it must not go unnoticed. */
static void set_exec(GKeyFile *file, const char *group, const char *const *argv, const char *field)
{
	g_autofree char *line = desktop_exec(argv, field);
	g_key_file_set_string(file, group, "Exec", line);
}

/* A name in icon themes. Not a path: it would be read by every menu, and a container's is not the host's. */
static gboolean is_icon_name(const char *icon)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";
	return *icon && *icon != '.' && strspn(icon, allowed) == strlen(icon) && strlen(icon) <= 128;
}

/* The specification wants the name without an extension. */
static char *icon_name(const char *icon)
{
	static const char *const extensions[] = {".png", ".svg", ".xpm"};
	if (!icon || !is_icon_name(icon))
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(extensions); i++)
		if (g_str_has_suffix(icon, extensions[i]) && strlen(icon) > strlen(extensions[i]))
			return g_strndup(icon, strlen(icon) - strlen(extensions[i]));
	return g_strdup(icon);
}

static void set_icon(GKeyFile *file, const struct config_app *app, GKeyFile *host)
{
	g_autofree char *hosts = host ? host_entry_text(host, "Icon") : NULL;
	g_autofree char *icon = icon_name(app->icon);
	if (!icon)
		icon = icon_name(hosts);
	const char *fallback = app->terminal ? "utilities-terminal" : "application-x-executable";
	g_key_file_set_string(file, GROUP, "Icon", icon ? icon : fallback);
}

/* The name in each language, and whose it is. */
static void set_names(GKeyFile *file, const char *group, GKeyFile *host, const char *project)
{
	g_auto(GStrv) all = g_key_file_get_keys(host, group, NULL, NULL);
	for (char **key = all; key && *key; key++) {
		g_autofree char *text = g_key_file_get_string(host, group, *key, NULL);
		if ((strcmp(*key, "Name") == 0 || g_str_has_prefix(*key, "Name[")) && text && *text)
			set(file, group, *key, "%s (%s)", text, project);
	}
}

/* What the host's entry for the same program says, in all its languages. */
static void borrow(GKeyFile *file, GKeyFile *host)
{
	static const char *const keys[] = {"GenericName", "Comment", "Keywords", NULL};
	g_auto(GStrv) all = g_key_file_get_keys(host, GROUP, NULL, NULL);
	for (char **key = all; key && *key; key++) {
		g_autofree char *base = g_strndup(*key, strcspn(*key, "["));
		g_autofree char *text = g_key_file_get_string(host, GROUP, *key, NULL);
		if (!g_strv_contains(keys, base) || !text || !*text || strlen(text) > TEXT_MAX)
			continue;
		g_autofree char *generic_key = g_strconcat("GenericName", *key + strlen(base), NULL);
		g_autofree char *generic = g_key_file_get_string(host, GROUP, generic_key, NULL);
		if (strcmp(base, "Comment") == 0 && g_strcmp0(text, generic) == 0)
			continue; // says nothing, and the validator says so
		gboolean open = strcmp(base, "Keywords") == 0 && !g_str_has_suffix(text, ";"); // a list ends with one
		set(file, GROUP, *key, "%s%s", text, open ? ";" : "");
	}
}

static const char *title_of(const struct project *project)
{
	const char *title = project_text(project, CONFIG_TITLE);
	return *title ? title : project->name;
}

/* A terminal emulator that opens a shell in the project: one of its applications, else one of the host that the container
 * sees. NULL when there is none. */
static const char *find_terminal(const struct project *project)
{
	static const char *const known[] = {"foot", "kitty", "alacritty", "wezterm", "ptyxis", "gnome-terminal",
		"konsole", "xfce4-terminal", "lxterminal", "xterm"};
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (project_app(project, known[i]))
			return known[i];
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		g_autofree char *path = g_build_filename("/usr/bin", known[i], NULL);
		if (access(path, X_OK) == 0)
			return known[i];
	}
	return NULL;
}

static gboolean is_own_action(const char *id)
{
	return strcmp(id, TERMINAL_ACTION) == 0 || strcmp(id, STOP_ACTION) == 0;
}

static void add_action(GKeyFile *file, GString *ids, const char *id, const char *const *argv)
{
	g_autofree char *group = g_strconcat("Desktop Action ", id, NULL);
	g_string_append_printf(ids, "%s;", id);
	set_exec(file, group, argv, NULL);
}

/* Those of the host's entry, which are started by their names: what they run is isolate's to look up. */
static void add_host_actions(GKeyFile *file, GString *ids, const struct project *project, const struct config_app *app,
	GKeyFile *host, const char *command)
{
	for (guint i = 0; app->actions && i < app->actions->len; i++) {
		const char *id = ((const struct config_action *)app->actions->pdata[i])->id;
		g_autofree char *group = g_strconcat("Desktop Action ", id, NULL);
		const char *const argv[] = {
			command, "run", "--project", project->name, "--action", id, "--", app->name, NULL};
		set_names(file, group, host, title_of(project));
		if (g_key_file_has_key(file, group, "Name", NULL) && !is_own_action(id))
			add_action(file, ids, id, argv);
		else
			g_key_file_remove_group(file, group, NULL);
	}
}

static void add_actions(GKeyFile *file, const struct project *project, const struct config_app *app, GKeyFile *host,
	const char *command)
{
	g_autoptr(GString) ids = g_string_new(NULL);
	const char *terminal = find_terminal(project);
	g_key_file_set_string(file, GROUP, "Actions", ""); // its place: before the groups
	if (host)
		add_host_actions(file, ids, project, app, host, command);
	if (terminal && strcmp(terminal, app->name) != 0) {
		const char *const argv[] = {command, "run", "--project", project->name, "--", terminal, NULL};
		set(file, "Desktop Action " TERMINAL_ACTION, "Name", "New terminal in %s", title_of(project));
		add_action(file, ids, TERMINAL_ACTION, argv);
	}
	const char *const stop[] = {command, "stop", project->name, NULL};
	set(file, "Desktop Action " STOP_ACTION, "Name", "Stop %s", title_of(project));
	add_action(file, ids, STOP_ACTION, stop);
	g_key_file_set_string(file, GROUP, "Actions", ids->str);
}

/* The host's entry that Apps= named; else one for the same program: by the application's name, or by its program's. */
static GKeyFile *find_host_entry(const struct config_app *app)
{
	GKeyFile *host = host_entry_find(app->entry ? app->entry : app->name);
	g_autofree char *program = g_path_get_basename(app->exec[0]);
	return host || app->entry ? host : host_entry_find(program);
}

static void fill_texts(GKeyFile *file, const struct project *project, const struct config_app *app, GKeyFile *host)
{
	g_autofree char *categories = host ? host_entry_text(host, "Categories") : NULL;
	g_autofree char *picked = category_pick(categories);
	g_key_file_set_string(file, GROUP, "Type", "Application");
	if (app->entry && host)
		set_names(file, GROUP, host, title_of(project));
	else
		set(file, GROUP, "Name", "%s (%s)", app->title ? app->title : app->name, title_of(project));
	if (host)
		borrow(file, host);
	set_icon(file, app, host);
	g_key_file_set_string(file, GROUP, "Categories", picked);
}

/* An application of Apps= keeps what its entry says about being shown and about the mark of a start. */
static void fill_flags(GKeyFile *file, const struct config_app *app, GKeyFile *host)
{
	gboolean notify = !app->terminal;
	if (app->entry && host) {
		notify = g_key_file_get_boolean(host, GROUP, "StartupNotify", NULL);
		if (g_key_file_get_boolean(host, GROUP, "NoDisplay", NULL))
			g_key_file_set_boolean(file, GROUP, "NoDisplay", TRUE);
	}
	g_key_file_set_boolean(file, GROUP, "Terminal", app->terminal);
	g_key_file_set_boolean(file, GROUP, "StartupNotify", notify);
}

static void fill(GKeyFile *file, const struct project *project, const struct config_app *app, const char *command)
{
	g_autoptr(GKeyFile) host = find_host_entry(app);
	g_autofree char *id = desktop_entry_id(project->name, app->name);
	const char *const argv[] = {command, "run", "--project", project->name, "--", app->name, NULL};
	fill_texts(file, project, app, host);
	set_exec(file, GROUP, argv, app->files);
	fill_flags(file, app, host);
	g_key_file_set_string(file, GROUP, "StartupWMClass", id);
	g_key_file_set_string(file, GROUP, "X-Isolate-Project", project->name);
	g_key_file_set_string(file, GROUP, "X-Isolate-App", app->name);
	g_key_file_set_string(file, GROUP, SEAL_KEY, "");
	add_actions(file, project, app, app->entry ? host : NULL, command);
}

char *desktop_entry(const struct project *project, const struct config_app *app, const char *command, GError **error)
{
	// A menu takes a word with = for an assignment, and keyfiles are UTF-8.
	if (!g_path_is_absolute(command) || strchr(command, '=') || !g_utf8_validate(command, -1, NULL)) {
		g_autofree char *shown = text_dup_sanitized(command, 1000);
		error_set(
			error, "no menu entry can start %s: install isolate at a path without = that is UTF-8", shown);
		return NULL;
	}
	g_autoptr(GKeyFile) file = g_key_file_new();
	fill(file, project, app, command);
	g_autofree char *name = desktop_entry_file(project->name, app->name);
	g_autofree char *content = g_key_file_to_data(file, NULL, NULL);
	return seal_set(name, content);
}
