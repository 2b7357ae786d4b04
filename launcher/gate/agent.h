/* A text agent of polkit's own (pkttyagent) on the controlling terminal, for as long as a question lasts. It is a fallback:
 * polkit prefers the agent of the session when there is one. */
#pragma once

#include <glib.h>
#include <sys/types.h>
#include <termios.h>

struct agent {
	pid_t pid;
	int terminal; // of which saved is the state to go back to, or -1
	struct termios saved;
};

/* Starts it and waits until it is registered, or has failed, which is not an error: polkit then says that nobody could
 * ask. False when there is no pkttyagent. */
gboolean agent_start(struct agent *agent, int terminal);
void agent_stop(struct agent *agent);
