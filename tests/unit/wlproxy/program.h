/* isolate-wlproxy as a process, and a compositor of libwayland's server as another, in a folder of their own. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: %s: not true: %s (%m)\n", __FILE__, __LINE__, __func__, #condition);   \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* Makes the folder, which is XDG_RUNTIME_DIR from now on; removes it at exit with all that is in it. */
const char *program_start_folder(void);
/* A path in it, to be freed. */
char *program_path(const char *name);
void program_write(const char *name, const char *text);

/* A compositor at this name in the folder. */
struct stub_options {
	bool context;	      // has wp_security_context_manager_v1
	const char *withheld; // a global that clients with a context do not see, or NULL
	bool mute;	      // listens and answers nothing
};
pid_t program_start_stub(const char *name, const struct stub_options *options);

/* isolate-wlproxy with these arguments and --ready-fd when ready is not NULL: waits for it, and says whether it came.
 * stderr goes to the file log in the folder. */
pid_t program_start_proxy(bool *ready, const char *const *arguments, int kept_fd);
/* Ends it, unless it has ended, and returns waitpid's status. */
int program_end(pid_t pid, int signal);
/* What it wrote so far; to be freed. */
char *program_log(void);

/* Connects to this name, binds wl_seat and returns the name of the seat, which says how the stub was reached: "raw", or
 * engine, application and instance. A connection that fails is "error: " and the text of wl_display.error, or
 * "closed". To be freed. */
char *program_ask(const char *name);
