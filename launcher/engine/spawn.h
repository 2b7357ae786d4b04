/* Starts a helper on the host: nothing of the caller reaches it but what is named here. */
#pragma once

#include "args.h"

#include <glib.h>
#include <sys/types.h>

struct spawn {
	const char *path;	 // absolute: no search path of the caller's is asked
	const struct args *args; // argv, and the descriptors that stay open, under their numbers
	char **env;		 // the whole environment
	int error_fd;		 // becomes stderr; -1: the caller's stays
	gboolean die_with_us;	 // SIGKILL when this process dies
	gboolean keep_stdio;	 // stdin and stdout stay the caller's; else they are /dev/null
	const int *stdio;	 // or these two, where they are not -1; NULL: none
};

/* The process, or -1 with an error that names the program when it could not be executed. */
pid_t spawn(const struct spawn *spawn, GError **error);

/* Lets this process have as many descriptors as it may; those that it spawns get the limit that it came with, since programs
 * that use select(2) count on it. */
void spawn_raise_descriptors(void);

/* The absolute path of a program of the host, NULL with an error that says which package has it. Only folders of the system
 * are searched: a container may well be able to write into a folder of the caller's PATH. */
char *spawn_find_system(const char *name, const char *package, GError **error);

/* The absolute path of one of our own programs: ISOLATE_LIBEXECDIR, a list of folders, is asked first. */
char *spawn_find_own(const char *name, GError **error);

/* Variables of the host's environment that one of our helpers may see, ending with NULL. */
char **spawn_environment(void);
