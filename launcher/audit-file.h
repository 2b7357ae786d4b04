/* Reading what the session keeps of denials (session/audit.h). */
#pragma once

#include <glib.h>

struct audit_reader {
	char *folder;  // of the project's state
	int fd;	       // of the newer file, -1 while there is none
	int watch;     // of inotify, -1 without
	GString *rest; // of a line that is not complete yet
};

gboolean audit_reader_open(struct audit_reader *reader, const char *project, GError **error);
void audit_reader_close(struct audit_reader *reader);

/* Calls take for each record that has come since the last call; the first time that is all there are, oldest first. What
 * does not parse is passed over. */
void audit_reader_read(struct audit_reader *reader, void (*take)(GVariant *record, gpointer data), gpointer data);

/* For those who wait: to be called before the first read. wait blocks until there may be more; FALSE when nothing will come. */
gboolean audit_reader_follow(struct audit_reader *reader, GError **error);
gboolean audit_reader_wait(struct audit_reader *reader);
