/* Stays with an application in a container until it ends: its streams, its terminal, its signals. */
#pragma once

#include "streams.h"

#include <glib.h>

/* socket: to the session, where job has been started by this connection. signals: of signals_catch(). Returns the exit
 * status that a shell would give it; with an error set when the session or the container ended first. */
int attend(int socket, guint32 job, struct streams *streams, int signals, GError **error);
