/* isolate-names --listener FD --bus PATH --prefix PREFIX [REAL…]: started by isolate-session when the first program of a container
 * connects to the session bus, between it and xdg-dbus-proxy. */
#include "door.h"
#include "fd.h"
#include "link.h"
#include "log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 125 };

static bool parse(int argc, char **argv, struct door *door, struct names *names)
{
	int i = 1;
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (strcmp(argv[i], "--listener") == 0)
			door->listener = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--bus") == 0)
			door->server = argv[i + 1];
		else if (strcmp(argv[i], "--prefix") == 0)
			names->prefix = argv[i + 1];
		else
			return false;
	}
	names->real = (const char *const *)argv + i;
	return i <= argc && door->listener > STDERR_FILENO && door->server && names->prefix &&
	       strlen(names->prefix) < NAMES_NAME_MAX && fd_set_nonblocking(door->listener, true) == 0;
}

int main(int argc, char **argv)
{
	struct names names = {0};
	struct door door = {.listener = -1,
		.what = "session bus",
		.idle_ms = -1,
		.data = &names,
		.open = link_open,
		.close = link_close,
		.poll = link_poll,
		.work = link_work};
	if (fd_fill_stdio() < 0)
		return EXIT_USAGE;
	log_init("isolate-names");
	if (argc < 1 || !parse(argc, argv, &door, &names)) {
		log_error("this is started by isolate-session");
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	door_serve(&door);
	return 0;
}
