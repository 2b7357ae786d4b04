/* The host's own addresses and what its links lead to, from the kernel's routing tables. */
#pragma once

#include <glib.h>

/* A socket that can be read when an address or a route of the host has changed; -1 and errno. Read it with routes_drain(). */
int routes_watch(void);
void routes_drain(int watch);

/* struct subnet: every address that is the host's (local routes, of all interfaces and tables), and every network that is
 * reached over a link without a gateway. A route to nearly everything, such as a VPN's, is no link's. NULL with an error. */
GArray *routes_nearby(GError **error);
