#include "emulator.h"

#include "error.h"

#include <string.h>

/* And what goes between it and the command. xdg-terminal-exec knows which one the person prefers. */
static const struct {
	const char *program, *option;
} emulators[] = {
	{"xdg-terminal-exec", NULL	  },
	{"foot",		 NULL   },
	{"kitty",		  NULL   },
	{"alacritty",	      "-e"	  },
	{"wezterm",	    "start"},
	{"ptyxis",		   "--"   },
	{"gnome-terminal",	   "--"   },
	{"konsole",	    "-e"	},
	{"xfce4-terminal",	   "-x"   },
	{"xterm",		  "-e"   },
};

char **emulator_argv(const char *const *command, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(emulators); i++) {
		g_autofree char *path = g_find_program_in_path(emulators[i].program);
		if (!path)
			continue;
		g_autoptr(GPtrArray) argv = g_ptr_array_new();
		g_ptr_array_add(argv, g_steal_pointer(&path));
		if (emulators[i].option)
			g_ptr_array_add(argv, g_strdup(emulators[i].option));
		for (; *command; command++)
			g_ptr_array_add(argv, g_strdup(*command));
		g_ptr_array_add(argv, NULL);
		return (char **)g_ptr_array_free(g_steal_pointer(&argv), FALSE);
	}
	g_autofree char *line = g_strjoinv(" ", (char **)command);
	error_set(error, "no terminal emulator was found: run %s in one", line);
	return NULL;
}
