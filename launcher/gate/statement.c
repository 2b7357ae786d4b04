#include "statement.h"

#include "text.h"

#include <string.h>

enum { LINE_MAX_SHOWN = 8192, TITLE_MAX_SHOWN = 80, BODY_LINES = 6, BODY_LINE_MAX = 160 };

/* The words for "KIND ACCESS VALUE". A prefix that ends with a space is followed by a value; what is not in the table is
 * shown as it is. */
static const struct {
	const char *prefix, *words;
} phrases[] = {
	{"files ro ",		      "read the files in "								    },
	{"files rw ",		      "read and change the files in "							 },
	{"files git ro",		 "read the git repositories in what it may change"					  },
	{"files git full",		   "change hooks and settings of git repositories, which then run outside the container"	},
	{"network host",		 "use the network as this computer does, with all that listens on it"		     },
	{"network internet",	     "use the internet"								      },
	{"network internet but not ",  "use the internet, but not "								  },
	{"network lan",		"use your own network: its devices, and what listens on this computer's addresses in it"},
	{"network allow ",		   "connect to "									   },
	{"network forward ",	     "be reached at a port of this computer, for itself alone: "				},
	{"wayland",		    "show windows"									  },
	{"wayland without ",	     "show windows, but not use "							    },
	{"wayland clipboard ",	       "use the clipboard: "								   },
	{"wayland primary ",	     "use the primary selection: "							   },
	{"wayland drag-and-drop",	  "drag and drop"									 },
	{"wayland fullscreen",	       "fill the screen"								       },
	{"wayland pointer-lock",	 "lock the pointer to a window"							       },
	{"wayland inhibit-idle",	 "keep the screen on"								    },
	{"wayland inhibit-shortcuts ", "take the keyboard shortcuts of the desktop: "					     },
	{"wayland steal-focus ",	 "take the focus: "								      },
	{"wayland text-input",	       "use input methods"								     },
	{"wayland global ",	    "use the Wayland interface "							    },
	{"bus portals",		"use portals of the desktop: file dialogs, links, notifications, printing"		  },
	{"bus talk ",		      "use all of what offers this on your session bus: "					 },
	{"bus call ",		      "call this on your session bus: "						       },
	{"bus own ",		     "appear on your session bus as "							},
	{"audio playback",		   "play sound"									    },
	{"audio record",		 "record sound: the microphone, and what other programs play"			     },
	{"environment pass ",	      "know your environment variable "						       },
	{"security debug",		   "trace its own processes"							       },
	{"root layer ",		"change the programs and settings of its own that it sees: "			    },
	{"root base nix ",		   "run the programs of the Nix profile "							 },
	{"root base image ",	     "run the programs of the image "							     },
	{"root shell",		       "give you a shell of its root, which is root in it alone"				},
	{"security nested-sandbox",    "make namespaces of its own, and reach more of the kernel"			      },
};

static gboolean within(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Whether what is written to path is run by the person's own session sooner or later. */
static gboolean is_started_from(const char *path)
{
	static const char *const places[] = {".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".ssh",
		".gitconfig", ".config/autostart", ".config/environment.d", ".config/fish", ".config/git",
		".config/hypr", ".config/sway", ".config/systemd", ".local/bin", ".local/share/applications",
		".local/share/dbus-1", "bin"};
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *place = g_build_filename(g_get_home_dir(), places[i], NULL);
		if (within(path, place) || within(place, path))
			return TRUE;
	}
	return FALSE;
}

/* What is offered by these starts programs, or acts as the person does. */
static gboolean leads_out(const char *permission)
{
	static const char *const names[] = {"org.freedesktop.systemd1", "org.freedesktop.Flatpak",
		"org.freedesktop.portal.Flatpak", "org.freedesktop.impl.", "org.gnome.Shell",
		"org.gnome.SessionManager", "org.gnome.Terminal", "org.kde.KWin", "org.kde.plasmashell",
		"org.kde.klauncher", "org.kde.kded", "org.kde.krunner", "org.freedesktop.portal.Desktop",
		"org.freedesktop.portal.Documents"};
	static const char *const kinds[] = {"bus talk ", "bus call ", "bus own "};
	for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++)
		for (gsize i = 0; g_str_has_prefix(permission, kinds[k]) && i < G_N_ELEMENTS(names); i++)
			if (g_str_has_prefix(permission + strlen(kinds[k]), names[i]))
				return TRUE;
	return FALSE;
}

static const char *warning(const char *permission)
{
	if (leads_out(permission))
		return ", WHICH CAN LEAD OUT OF THE CONTAINER: it may then do all that you can";
	static const char writable[] = "files rw ";
	if (!g_str_has_prefix(permission, writable))
		return "";
	const char *rest = permission + strlen(writable), *exceptions = strstr(rest, " but ");
	g_autofree char *path = g_strndup(rest, exceptions ? (size_t)(exceptions - rest) : strlen(rest));
	return is_started_from(path) ? ", FROM WHERE YOUR SESSION STARTS PROGRAMS: it can then do all that you can"
				     : "";
}

char *statement_permission(const char *permission)
{
	const char *words = "", *value = permission;
	for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++) {
		gboolean open = g_str_has_suffix(phrases[i].prefix, " ");
		if (open ? g_str_has_prefix(permission, phrases[i].prefix) : !strcmp(permission, phrases[i].prefix)) {
			words = phrases[i].words;
			value = permission + strlen(phrases[i].prefix);
			break;
		}
	}
	g_autofree char *shown = text_dup_sanitized(value, LINE_MAX_SHOWN);
	return g_strconcat(words, shown, warning(permission), NULL);
}

/* `first` or `first (Title)`. */
static char *name_of(const struct plan *plan)
{
	if (!plan->title || strcmp(plan->title, plan->project) == 0)
		return g_strdup(plan->project);
	g_autofree char *title = text_dup_sanitized(plan->title, TITLE_MAX_SHOWN);
	return g_strdup_printf("%s (%s)", plan->project, title);
}

static void append(GString *out, const char *mark, const GPtrArray *permissions)
{
	for (guint i = 0; i < permissions->len; i++) {
		g_autofree char *words = statement_permission(permissions->pdata[i]);
		g_string_append_printf(out, "  %s %s\n", mark, words);
	}
}

static char *date_of(const struct approval *approved)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_local(approved->time);
	return date ? g_date_time_format(date, "%Y-%m-%d %H:%M") : g_strdup("an earlier day");
}

char *statement_for_terminal(const struct plan *plan, const struct approval *approved, gboolean running)
{
	g_autofree char *name = name_of(plan);
	GString *out = g_string_new(NULL);
	const char *what = running ? "runs, and is to change" : "is to start";
	if (!approved) {
		g_string_printf(out, "The container %s %s%s. Besides its own home it may:\n", name, what,
			running ? "" : " for the first time");
		append(out, "-", plan->permissions);
		if (plan->permissions->len == 0)
			g_string_append(out, "  - nothing\n");
		return g_string_free(out, FALSE);
	}
	g_autoptr(GPtrArray) fresh = approval_new(approved->permissions, plan->permissions);
	g_autofree char *date = date_of(approved);
	if (fresh->len == 0) {
		g_string_printf(out, "The container %s %s. Besides its own home it may, as approved on %s:\n", name,
			what, date);
		append(out, "-", plan->permissions);
		return g_string_free(out, FALSE);
	}
	g_string_printf(out, "The container %s %s more than you approved on %s. New:\n", name,
		running ? "runs, and is to be allowed" : "is to start with", date);
	append(out, "+", fresh);
	guint kept = plan->permissions->len - fresh->len;
	if (kept > 0)
		g_string_append_printf(out, "  %u more as approved before: isolate explain %s\n", kept, plan->project);
	return g_string_free(out, FALSE);
}

char *statement_summary(const struct plan *plan, gboolean running)
{
	g_autofree char *name = name_of(plan);
	return running ? g_strdup_printf("Allow the container %s more while it runs?", name)
		       : g_strdup_printf("Start the container %s?", name);
}

char *statement_body(const struct plan *plan, const struct approval *approved)
{
	g_autoptr(GPtrArray) fresh = approval_new(approved ? approved->permissions : NULL, plan->permissions);
	const GPtrArray *shown = approved && fresh->len > 0 ? fresh : plan->permissions;
	GString *out = g_string_new(!approved	     ? "For the first time. It may:"
				    : fresh->len > 0 ? "New, it may:"
						     : "It may:");
	for (guint i = 0; i < shown->len && i < BODY_LINES; i++) {
		g_autofree char *words = statement_permission(shown->pdata[i]);
		gsize length = strlen(words), cut = text_utf8_cut(words, length, BODY_LINE_MAX);
		g_string_append_printf(out, "\n%s %.*s%s", approved && fresh->len > 0 ? "+" : "-", (int)cut, words,
			cut < length ? "…" : "");
	}
	if (shown->len > BODY_LINES)
		g_string_append_printf(out, "\nand %u more.", shown->len - BODY_LINES);
	g_string_append_printf(out, "\nTo read all of it: isolate start --review %s", plan->project);
	return g_string_free(out, FALSE);
}
