/* One connection of a program inside, and one to xdg-dbus-proxy for it: the functions of a struct door, whose data is the
 * struct names. What comes from the bus is passed on as it is; messages to it get the project's names. Descriptors go with the
 * message that they came with. */
#pragma once

#include "names.h"

#include <poll.h>
#include <stdbool.h>

void *link_open(int client, int bus, const void *names);
void link_close(void *link);
void link_poll(const void *link, struct pollfd *fds);
bool link_work(void *link);
