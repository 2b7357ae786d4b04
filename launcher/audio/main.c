/* isolate-audio --listener FD --server PATH [--playback] [--record]: started by isolate-session when the first program of a
 * container wants sound. It ends when nobody has for a while. */
#include "door.h"
#include "fd.h"
#include "log.h"
#include "relay.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_MS = 10 * 1000, EXIT_USAGE = 125 };

static bool parse(int argc, char **argv, struct door *door, unsigned *rights)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--listener") == 0 && i + 1 < argc)
			door->listener = atoi(argv[++i]);
		else if (strcmp(argv[i], "--server") == 0 && i + 1 < argc)
			door->server = argv[++i];
		else if (strcmp(argv[i], "--playback") == 0)
			*rights |= FILTER_PLAYBACK;
		else if (strcmp(argv[i], "--record") == 0)
			*rights |= FILTER_RECORD;
		else
			return false;
	}
	return door->listener > STDERR_FILENO && door->server && fd_set_nonblocking(door->listener, true) == 0;
}

int main(int argc, char **argv)
{
	unsigned rights = 0;
	struct door door = {.listener = -1,
		.what = "sound server",
		.idle_ms = IDLE_MS,
		.data = &rights,
		.open = relay_open,
		.close = relay_close,
		.poll = relay_poll,
		.work = relay_work};
	if (fd_fill_stdio() < 0)
		return EXIT_USAGE;
	log_init("isolate-audio");
	if (!parse(argc, argv, &door, &rights)) {
		log_error("this is started by isolate-session");
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	door_serve(&door);
	return 0;
}
