/* xdg-dbus-proxy between the container and the session bus, in a sandbox of its own whose /.flatpak-info says who the container
 * is: portals look at the process that connects to the bus, which is the proxy. */
#pragma once

#include "session.h"

/* *bus is NULL where the plan asks for no bus, and where this machine has none or no proxy:
 * that is an error if the plan names what is on it (Talk=, Call=, Own=), else it is said in the log. Portals' documents are
 * made ready before it returns, since the container is given their folder. */
gboolean bus_start(struct session *session, struct bus **bus, GError **error);
void bus_free(struct bus *bus);
