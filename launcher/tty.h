/* The person's terminal while an application has one of its own inside: raw, so that every key goes there, and always
 * given back as it was. */
#pragma once

#include <glib.h>

/* Raw mode, if fd is a terminal of which this process is in the foreground group; else nothing is done. TRUE when raw. */
gboolean tty_raw(int fd);

/* As it was before tty_raw(). Also done at exit. */
void tty_restore(void);

gboolean tty_is_raw(void);

/* Whether this process may read from the terminal fd without being stopped. */
gboolean tty_foreground(int fd);

/* Rows and columns of fd; 24 and 80 where they are not known. */
void tty_size(int fd, guint16 *rows, guint16 *cols);

/* Sets the size of the pty behind master to that of fd. */
void tty_copy_size(int fd, int master);
