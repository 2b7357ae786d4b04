/* The three standard streams of an application in a container. It gets anonymous pipes or a pty of the container's own,
 * never what this process has: a file or a folder as fd 0 would be a way out, through /proc/self/fd/0/.. */
#pragma once

#include <glib.h>

enum streams_mode { STREAMS_PIPES, STREAMS_TTY, STREAMS_NONE };

struct streams {
	enum streams_mode mode;
	guint32 mask;	  // bit i: fd i of the application is a pipe
	int theirs[3];	  // the application's ends, -1 without a bit
	int ours[3];	  // the other ends; [1] and [2] are the same pipe where the caller's are the same file
	int master;	  // of the pty, -1 until it is there
	int keys, screen; // descriptors of the caller's terminal, STREAMS_TTY only; not owned
};

/* Looks at fds 0-2 and makes the pipes. -1 with errno. */
int streams_open(struct streams *streams, enum streams_mode mode);

/* Once the application has them. */
void streams_close_theirs(struct streams *streams);
void streams_close(struct streams *streams);
