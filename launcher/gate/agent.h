/* A text agent of polkit's own (pkttyagent) on the controlling terminal, for as long as a question lasts. */
#pragma once

#include <glib.h>
#include <sys/types.h>
#include <termios.h>

struct agent {
	pid_t pid;
	int terminal; // of which saved is the state to go back to, or -1
	struct termios saved;
};

/* Starts it for this process and waits until it is registered, or has failed, which is not an error: polkit then says that
 * nobody could ask. With fallback the agent of the person's session goes first; but polkit overlooks a fallback where there
 * is no session (no logind). False when there is no pkttyagent. */
gboolean agent_start(struct agent *agent, gboolean fallback, int terminal);
void agent_stop(struct agent *agent);
