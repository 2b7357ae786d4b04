/* One client's connection and the server's, with the filter between them: the functions of a struct door, whose data is the
 * rights (unsigned). */
#pragma once

#include "filter.h"

#include <poll.h>
#include <stdbool.h>

void *relay_open(int client, int server, const void *rights);
void relay_close(void *relay);
void relay_poll(const void *relay, struct pollfd *fds);
bool relay_work(void *relay);
