/* Copies bytes from one descriptor to another, a buffer at a time, driven by a poll loop. */
#pragma once

#include <glib.h>
#include <poll.h>

struct pump {
	int from, to;		   // -1 when that end is done with
	gboolean own_from, own_to; // closed by the pump
	gsize chunk;	   // at most so much in one write: what a descriptor that we must not make nonblocking takes
	gboolean from_tty; // a terminal, of which only the foreground may read
	gboolean paused;   // nothing is read
	gboolean terminal; // to is a pty's master: the end of from is told as an end-of-file character
	gboolean in_line;  // the last byte that was read ended no line
	gboolean broken;   // to takes no more, and hold keeps what is left
	gboolean hold;	   // to and what was not written stay for whoever set this to look at
	gsize start, end;  // of what is in data
	guint64 total;	   // bytes that were read
	char data[64 * 1024];
};

/* from and to are not taken over unless own says so. */
void pump_init(struct pump *pump, int from, gboolean own_from, int to, gboolean own_to);
void pump_finish(struct pump *pump);

/* What to wait for now; FALSE for nothing. */
gboolean pump_poll(const struct pump *pump, struct pollfd *poll);

/* Copies what can be copied without waiting. */
void pump_run(struct pump *pump);

/* Copies what is there to be read now and waits until it is written; from must not block. */
void pump_drain(struct pump *pump);
