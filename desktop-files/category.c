#include "category.h"

#include <string.h>

/* A main category, and the additional ones that belong to it and that a menu may show a folder for. */
static const char *const table[] = {
	"AudioVideo AudioVideoEditing Player Recorder DiscBurning Music",
	"Development Building Debugger IDE GUIDesigner Profiling RevisionControl Translation Database WebDevelopment",
	"Education Art Languages Astronomy Biology Chemistry ComputerScience Geography History Maps Math Physics",
	"Game ActionGame AdventureGame ArcadeGame BoardGame CardGame KidsGame LogicGame RolePlaying Simulation "
	"SportsGame",
	"Graphics 2DGraphics 3DGraphics Scanning Photography Publishing Viewer",
	"Network Chat Email Feed FileTransfer InstantMessaging IRCClient Monitor News P2P RemoteAccess WebBrowser",
	"Office Calendar Chart ContactManagement Database Dictionary Email Finance Presentation Spreadsheet "
	"WordProcessor",
	"Science Art Languages Astronomy Biology Chemistry ComputerScience Geography History Maps Math Physics",
	"Settings DesktopSettings HardwareSettings PackageManager Accessibility Security",
	"System Emulator FileTools Filesystem Monitor Security TerminalEmulator",
	"Utility Accessibility Archiving Calculator Clock FileTools TelephonyTools TextEditor TextTools",
};

/* The words of the row whose main category this is, or NULL. */
static char **find_row(const char *main)
{
	if (strcmp(main, "Audio") == 0 || strcmp(main, "Video") == 0)
		main = "AudioVideo";
	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		g_auto(GStrv) row = g_strsplit(table[i], " ", -1);
		if (strcmp(row[0], main) == 0)
			return g_steal_pointer(&row);
	}
	return NULL;
}

char *category_pick(const char *categories)
{
	g_auto(GStrv) words = g_strsplit(categories ? categories : "", ";", -1);
	g_auto(GStrv) row = NULL;
	for (char **word = words; *word && !row; word++)
		row = find_row(*word);
	if (!row)
		return g_strdup("Utility;");
	GString *out = g_string_new(row[0]);
	g_string_append_c(out, ';');
	for (char **word = row + 1; *word; word++)
		if (g_strv_contains((const char *const *)words, *word))
			g_string_append_printf(out, "%s;", *word);
	return g_string_free(out, FALSE);
}
