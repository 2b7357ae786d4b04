/* Reading, line by line, the files that the session keeps of a project (session/kept.h), and following them. */
#pragma once

#include <glib.h>

struct kept_reader {
	char *folder;		// of the project's state
	const char *name, *old; // of the files; old may be NULL
	int fd;			// of the newer file, -1 while there is none
	gboolean begun;
	int watch;     // of inotify, -1 without
	GString *rest; // of a line that is not complete yet
};

gboolean kept_reader_open(
	struct kept_reader *reader, const char *project, const char *name, const char *old, GError **error);
void kept_reader_close(struct kept_reader *reader);

/* Calls take for each line that has come since the last call; the first time that is all there are, oldest first. */
void kept_reader_read(struct kept_reader *reader, void (*take)(const char *line, gpointer data), gpointer data);

/* For those who wait: to be called before the first read. wait blocks until there may be more; FALSE when nothing will come. */
gboolean kept_reader_follow(struct kept_reader *reader, GError **error);
gboolean kept_reader_wait(struct kept_reader *reader);
