#include "tty.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct {
	int fd; // -1 when nothing is to be given back
	struct termios before;
} raw = {.fd = -1};

gboolean tty_foreground(int fd)
{
	return tcgetpgrp(fd) == getpgrp();
}

gboolean tty_is_raw(void)
{
	return raw.fd >= 0;
}

void tty_restore(void)
{
	// From the background this would stop us, and the terminal is somebody else's then.
	if (raw.fd >= 0 && tty_foreground(raw.fd))
		tcsetattr(raw.fd, TCSADRAIN, &raw.before);
	raw.fd = -1;
}

gboolean tty_raw(int fd)
{
	static gboolean registered;
	struct termios modes;
	if (raw.fd >= 0)
		return TRUE;
	if (!tty_foreground(fd) || tcgetattr(fd, &modes) < 0)
		return FALSE;
	if (!registered)
		atexit(tty_restore);
	registered = TRUE;
	raw.before = modes;
	cfmakeraw(&modes);
	if (tcsetattr(fd, TCSADRAIN, &modes) < 0)
		return FALSE;
	raw.fd = fd;
	return TRUE;
}

void tty_size(int fd, guint16 *rows, guint16 *cols)
{
	struct winsize size = {0};
	gboolean known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
	*rows = known ? size.ws_row : 24;
	*cols = known ? size.ws_col : 80;
}

void tty_copy_size(int fd, int master)
{
	struct winsize size;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		ioctl(master, TIOCSWINSZ, &size);
}
