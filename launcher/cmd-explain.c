#include "cmd.h"

#include "error.h"
#include "host-app.h"
#include "host.h"
#include "plan.h"
#include "project.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each value of a key means. A value that is not here has nothing to say. */
static const struct {
	enum config_key key;
	const char *value;
	gboolean may;
	const char *words;
} sentences[] = {
	// clang-format off
	{CONFIG_NETWORK_MODE, "none", FALSE, "reach any network, this machine's own services included"},
	{CONFIG_NETWORK_MODE, "internet", TRUE, "use the internet"},
	{CONFIG_NETWORK_MODE, "internet", FALSE, "connect to services that listen on this machine's loopback"},
	{CONFIG_NETWORK_MODE, "host", TRUE, "use the network as this machine does, with every service that listens on it"},
	{CONFIG_LAN, "allow", TRUE, "connect to your local network, and to this machine's addresses in it"},
	{CONFIG_LAN, "deny", FALSE, "connect to your local network, or to this machine's addresses in it"},
	{CONFIG_WAYLAND, "yes", TRUE, "show windows, through a Wayland connection that is filtered message by message"},
	{CONFIG_WAYLAND, "no", FALSE, "show windows"},
	{CONFIG_X11, "auto", FALSE, "use X11: this version has no X server for containers"},
	{CONFIG_X11, "no", FALSE, "use X11"},
	{CONFIG_CLIPBOARD, "guarded", TRUE, "read and set the clipboard while you use one of its windows"},
	{CONFIG_CLIPBOARD, "private", FALSE, "read or set your clipboard: it has one of its own"},
	{CONFIG_CLIPBOARD, "ask", TRUE, "set the clipboard while you use one of its windows, and read it then after asking you"},
	{CONFIG_CLIPBOARD, "allow", TRUE, "read and set the clipboard whenever a window of it has the focus"},
	{CONFIG_CLIPBOARD, "deny", FALSE, "read or set the clipboard"},
	{CONFIG_PRIMARY, "guarded", TRUE, "read and set the middle-click selection while you use one of its windows"},
	{CONFIG_PRIMARY, "private", FALSE, "read or set your middle-click selection: it has one of its own"},
	{CONFIG_PRIMARY, "ask", TRUE,
		"set the middle-click selection while you use one of its windows, and read it then after asking you"},
	{CONFIG_PRIMARY, "allow", TRUE, "read and set the middle-click selection whenever a window of it has the focus"},
	{CONFIG_PRIMARY, "deny", FALSE, "read or set the middle-click selection"},
	{CONFIG_DRAG_AND_DROP, "allow", TRUE, "take what you drop on its windows, and let you drag out of them"},
	{CONFIG_DRAG_AND_DROP, "deny", FALSE, "drag and drop"},
	{CONFIG_FULLSCREEN, "allow", TRUE, "fill the screen"},
	{CONFIG_FULLSCREEN, "deny", FALSE, "fill the screen"},
	{CONFIG_POINTER_LOCK, "allow", TRUE, "hold the pointer in a window, as games do"},
	{CONFIG_POINTER_LOCK, "deny", FALSE, "hold the pointer in a window"},
	{CONFIG_INHIBIT_IDLE, "allow", TRUE, "keep the screen from going dark"},
	{CONFIG_INHIBIT_IDLE, "deny", FALSE, "keep the screen from going dark"},
	{CONFIG_INHIBIT_SHORTCUTS, "ask", TRUE, "have the desktop's own keys after asking you"},
	{CONFIG_INHIBIT_SHORTCUTS, "allow", TRUE, "have the desktop's own keys"},
	{CONFIG_INHIBIT_SHORTCUTS, "deny", FALSE, "have the desktop's own keys"},
	{CONFIG_STEAL_FOCUS, "ask", TRUE, "raise its windows when you have just used one of them, else after asking you"},
	{CONFIG_STEAL_FOCUS, "allow", TRUE, "raise its windows at any time"},
	{CONFIG_STEAL_FOCUS, "deny", FALSE, "raise its windows, unless you have just used one of them"},
	{CONFIG_TEXT_INPUT, "yes", TRUE, "be typed into through your input method"},
	{CONFIG_TEXT_INPUT, "no", FALSE, "use your input method"},
	{CONFIG_GPU, "none", FALSE, "use the graphics card"},
	{CONFIG_PLAYBACK, "yes", TRUE, "play sound"},
	{CONFIG_PLAYBACK, "no", FALSE, "play sound"},
	{CONFIG_RECORD, "yes", TRUE, "record sound: your microphone, and what other programs play"},
	{CONFIG_RECORD, "no", FALSE, "record sound, or change what other programs play"},
	{CONFIG_PORTALS, "yes", TRUE, "open the files that you choose in a dialog of your desktop, and keep them until you revoke it"},
	{CONFIG_PORTALS, "yes", TRUE, "open links in your browser, show notifications as isolate's, print, and know your desktop's settings"},
	{CONFIG_PORTALS, "yes", FALSE, "say anything else on your session bus, nor take a picture of your screen, nor start programs through it"},
	{CONFIG_PORTALS, "no", FALSE, "use portals: the dialogs of your desktop, your browser, notifications"},
	{CONFIG_CAMERA, "no", FALSE, "use a camera"},
	{CONFIG_INPUT, "no", FALSE, "read input devices"},
	{CONFIG_SSH_AGENT, "no", FALSE, "use your SSH agent"},
	{CONFIG_DEBUG, "yes", TRUE, "debug and trace its own processes"},
	{CONFIG_DEBUG, "no", FALSE, "debug or trace processes"},
	{CONFIG_NESTED_SANDBOX, "yes", TRUE, "make sandboxes of its own (user namespaces), which opens more of the kernel to it"},
	{CONFIG_NESTED_SANDBOX, "no", FALSE, "make sandboxes of its own (user namespaces): browsers need [Security] NestedSandbox=yes"},
	{CONFIG_GATE, "changed", TRUE, "start without a question as long as it may reach no more than you approved"},
	{CONFIG_GATE, "always", FALSE, "start without your consent, each time"},
	{CONFIG_GATE, "never", TRUE, "start without any question"},
	// clang-format on
};

static void add(GPtrArray *lines, const char *origin, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void add(GPtrArray *lines, const char *origin, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *line = strcmp(origin, "default") == 0 ? g_strdup_printf("  %s", text)
							       : g_strdup_printf("  %s  (%s)", text, origin);
	g_ptr_array_add(lines, text_dup_sanitized(line, 4096));
}

static void add_paths(GPtrArray *lines, const struct project *project, enum config_key key, const struct host *host,
	const char *words)
{
	const GPtrArray *items = project_items(project, key);
	for (guint i = 0; i < items->len; i++) {
		const struct config_item *item = items->pdata[i];
		const struct host_path *found = host_path(host, item->value);
		gboolean linked = found && strcmp(found->resolved, item->value) != 0;
		gboolean moved = item->dest && strcmp(item->dest, item->value) != 0;
		add(lines, item->origin, "%s %s%s%s%s%s%s", words, item->value, linked ? ", which is " : "",
			linked ? found->resolved : "", moved ? ", as " : "", moved ? item->dest : "",
			!found || found->kind == HOST_MISSING ? " (which is not there)" : "");
	}
}

static void explain_root(GPtrArray *may, GPtrArray *may_not, const struct project *project, const struct host *host)
{
	static const char *const words[] = {
		"read the programs and settings of this machine: /usr, /etc without its secrets",
		"run the programs of the Nix profile", "read, as its programs and settings, what is in",
		"run the programs of the image"};
	int base = project_choice(project, CONFIG_BASE), layer = project_choice(project, CONFIG_LAYER);
	const char *name = strchr(project_text(project, CONFIG_BASE), ':');
	const char *origin = project_origin(project, CONFIG_LAYER);
	add(may, project_origin(project, CONFIG_BASE), "%s%s%s", words[base], name ? " " : "", name ? name + 1 : "");
	if (layer == PLAN_LAYER_PERSISTENT)
		add(may, origin,
			"install and change programs for itself alone, as its own root in isolate shell --root: that "
			"is kept "
			"in %s/%s/layer",
			host->data, project->name);
	else if (layer == PLAN_LAYER_EPHEMERAL)
		add(may, origin,
			"install and change programs for itself alone, as its own root in isolate shell --root: that "
			"is "
			"forgotten when it ends");
	else
		add(may_not, origin, "change its programs and settings, or be root of itself");
	gboolean asked = strcmp(project_text(project, CONFIG_GATE), "never") != 0;
	if (layer != PLAN_LAYER_NONE)
		add(may_not, origin, "%s",
			asked ? "be that root without your consent, or root of anything outside"
			      : "be root of anything outside");
}

static void explain_files(GPtrArray *may, GPtrArray *may_not, const struct project *project, const struct host *host)
{
	const char *git = project_text(project, CONFIG_GIT), *origin = project_origin(project, CONFIG_GIT);
	gboolean ephemeral = strcmp(project_text(project, CONFIG_HOME_MODE), "ephemeral") == 0;
	explain_root(may, may_not, project, host);
	add(may, "default", "read the fonts, icons and themes in your home");
	const char *mode = project_origin(project, CONFIG_HOME_MODE);
	if (ephemeral)
		add(may, mode, "write to a home of its own, which is forgotten when it ends");
	else
		add(may, mode, "write to a home of its own, which is kept in %s/%s/home", host->data, project->name);
	add_paths(may, project, CONFIG_SHARE, host, "read and change");
	add_paths(may, project, CONFIG_READ_ONLY, host, "read");
	add_paths(may, project, CONFIG_DOTFILES, host, "read");
	add(may_not, "default", "see your home, other files, or other projects");
	add_paths(may_not, project, CONFIG_HIDE, host, "see");
	if (project_items(project, CONFIG_SHARE)->len == 0)
		return;
	if (strcmp(git, "readonly") == 0)
		add(may_not, origin, "change the .git of repositories that are in these folders when it starts");
	else if (strcmp(git, "guard") == 0)
		add(may_not, origin,
			"change the .git of repositories that are in these folders when it starts: it commits to "
			"copies of its "
			"own, and isolate git fetch %s brings that back",
			project->name);
	else if (strcmp(git, "hidden") == 0)
		add(may_not, origin, "see the .git of repositories that are in these folders when it starts");
	else
		add(may, origin, "change the .git of repositories, whose hooks and settings your own git obeys");
}

static void explain_lists(GPtrArray *may, GPtrArray *may_not, const struct project *project)
{
	static const struct {
		enum config_key key;
		gboolean may;
		const char *words;
	} rows[] = {
		{CONFIG_ALLOW_GLOBALS, TRUE,  "use the Wayland interface"			},
		{CONFIG_DENY_GLOBALS,  FALSE, "use the Wayland interface"			},
		{CONFIG_ALLOW,	       TRUE,  "connect to"					 },
		{CONFIG_DENY,	      FALSE, "connect to"					 },
		{CONFIG_FORWARD,	 TRUE,  "be reached from this machine alone at port"	   },
		{CONFIG_PASS,	      TRUE,  "read your environment variable"		    },
		{CONFIG_TALK,	      TRUE,  "use all of what is offered on your session bus by"},
		{CONFIG_CALL,	      TRUE,  "call on your session bus"			      },
		{CONFIG_OWN,	     TRUE,  "appear on your session bus as"			  },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const GPtrArray *items = project_items(project, rows[i].key);
		for (guint j = 0; j < items->len; j++) {
			const struct config_item *item = items->pdata[j];
			if (strcmp(item->origin, "default") != 0)
				add(rows[i].may ? may : may_not, item->origin, "%s %s", rows[i].words, item->value);
		}
	}
}

static void explain_prefix(GPtrArray *may_not, const struct project *project)
{
	const char *prefix = project_text(project, CONFIG_TITLE_PREFIX);
	if (*prefix)
		add(may_not, project_origin(project, CONFIG_TITLE_PREFIX),
			"show a window without \"%s\" before its title", prefix);
}

/* No permission, but what programs do depends on it. */
static void explain_environment(const struct project *project)
{
	if (project->environment->len == 0)
		return;
	puts("\nIts programs are given");
	for (guint i = 0; i < project->environment->len; i++) {
		const struct config_variable *variable = project->environment->pdata[i];
		g_autofree char *line =
			g_strdup_printf("  %s=%s  (%s)", variable->name, variable->value, variable->origin);
		g_autofree char *shown = text_dup_sanitized(line, 4096);
		puts(shown);
	}
}

static gboolean matters(const struct project *project, enum config_key key)
{
	gboolean display = strcmp(config_row(key)->group, "Display") == 0 && key != CONFIG_WAYLAND;
	if (key == CONFIG_LAN)
		return strcmp(project_text(project, CONFIG_NETWORK_MODE), "internet") == 0;
	return !display || project_flag(project, CONFIG_WAYLAND);
}

static void print(const char *heading, const GPtrArray *lines)
{
	puts(heading);
	for (guint i = 0; i < lines->len; i++)
		puts(lines->pdata[i]);
}

static void explain_limits(GPtrArray *may, const struct project *project, const struct plan *plan)
{
	static const enum config_key keys[PLAN_N_RESOURCES] = {CONFIG_MEMORY, CONFIG_CPU, CONFIG_TASKS};
	gboolean limited = FALSE;
	for (int i = 0; i < PLAN_N_RESOURCES; i++) {
		g_autofree char *limit = plan_limit_text((enum plan_resource)i, &plan->limits[i]);
		limited |= plan->limits[i].by != PLAN_UNLIMITED;
		if (plan->limits[i].by != PLAN_UNLIMITED)
			add(may, project_origin(project, keys[i]), "use at most %s", limit);
	}
	if (!limited)
		add(may, "default",
			"use as much memory, processor time and processes as this machine has: see [Resources]");
}

static void explain(const struct project *project, const struct host *host, const struct plan *plan)
{
	g_autoptr(GPtrArray) may = g_ptr_array_new_with_free_func(free);
	g_autoptr(GPtrArray) may_not = g_ptr_array_new_with_free_func(free);
	explain_files(may, may_not, project, host);
	for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++) {
		enum config_key key = sentences[i].key;
		if (matters(project, key) && strcmp(project_text(project, key), sentences[i].value) == 0)
			add(sentences[i].may ? may : may_not, project_origin(project, key), "%s", sentences[i].words);
	}
	if (project_flag(project, CONFIG_WAYLAND))
		explain_prefix(may_not, project);
	explain_lists(may, may_not, project);
	explain_limits(may, project, plan);
	g_autofree char *heading = g_strdup_printf("%s may", project->name);
	print(heading, may);
	print("\nIt may not", may_not);
	explain_environment(project);
	puts("\nRead from");
	for (guint i = 0; i < project->files->len; i++) {
		g_autofree char *shown = text_dup_sanitized(project->files->pdata[i], 4096);
		printf("  %s\n", shown);
	}
}

static int run(int argc, char **argv, GError **error)
{
	g_auto(GStrv) words = cmd_words(NULL, argc, argv, 1, 1, error);
	autodirs struct config_dirs *dirs = words ? config_dirs_new(error) : NULL;
	autoproject struct project *project = dirs ? project_open(words[0], dirs, error) : NULL;
	autohost struct host *host = project ? host_gather(project, error) : NULL;
	// What cannot be planned may reach nothing: its error says more than an explanation would.
	autoplan struct plan *plan = host ? plan_build(project, host, error) : NULL;
	if (plan)
		explain(project, host, plan);
	return 0;
}

const struct cmd cmd_explain = {
	.name = "explain",
	.arguments = "NAME",
	.summary = "Say in plain words what a project may reach, and which file said so",
	.details = "A line without a file is how it is when no file says otherwise.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
