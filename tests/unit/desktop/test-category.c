/* An entry stands in one place of a menu, and the validator has nothing to say about its categories. */
#include "category.h"

#include <string.h>

static void test_pick(void)
{
	static const char *const rows[][2] = {
		{NULL,				  "Utility;"		 },
		    {"",					 "Utility;"		   },
		      {";;",				     "Utility;"		       },
		  {"X-Own;GNOME;GTK;",		       "Utility;"		 },
		{"System;TerminalEmulator;",	     "System;TerminalEmulator;" },
		{"TerminalEmulator;System",		    "System;TerminalEmulator;" },
		{"GNOME;GTK;Development;IDE;Building;", "Development;Building;IDE;"},
		{"Audio;Player;",			  "AudioVideo;Player;"	      },
		{"Network;WebBrowser;Office;Email;",    "Network;Email;WebBrowser;"},
		{"Office;Office;Email;Email;",	       "Office;Email;"	      },
		 {"Development Building;",		   "Utility;"		     },
		{"Screensaver;System;",			"System;"			 }
	  };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *picked = category_pick(rows[i][0]);
		g_assert_cmpstr(picked, ==, rows[i][1]);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/category/pick", test_pick);
	return g_test_run();
}
