/* Signals that the client passes on, as bytes of a pipe that a poll loop can wait for. */
#pragma once

#include <glib.h>

struct signal_note {
	int number;
	gboolean from_terminal; // the kernel sent it, to the whole process group: Ctrl-C, a terminal that went away
};

/* Catches what is passed on. The read end of the pipe, not to be closed; -1 with errno. */
int signals_catch(void);

/* FALSE when there is nothing more to read. */
gboolean signals_next(struct signal_note *note);

/* Stops this process and those that share its job, as the terminal would have. Returns when continued. */
void signals_stop_ourselves(void);
