/* One connection of a program inside, and one to xdg-dbus-proxy for it: the functions of a struct door, whose data is the
 * struct names. Messages to the bus get the project's names, and what the bus says of those the plain ones. Descriptors go with
 * the message that they came with. */
#pragma once

#include "names.h"

#include <poll.h>
#include <stdbool.h>

void *link_open(int client, int bus, const void *names);
void link_close(void *link);
void link_poll(const void *link, struct pollfd *fds);
bool link_work(void *link);
