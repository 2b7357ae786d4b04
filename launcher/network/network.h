/* The network of one container: rules, pasta, and what the host's own network does meanwhile. */
#pragma once

#include "enter.h"
#include "pasta.h"
#include "rules.h"

struct network {
	char *nft, *program; // paths
	char *project;
	int namespace;
	struct rules rules;
	GString *script; // what is in force
	struct enter_probe inside, host;
	struct pasta pasta;
	char *resolver;	     // content of /etc/resolv.conf when pasta read it
	char *ports;	     // of Forward=, as pasta takes them; or NULL
	GArray *configured;  // struct pasta without a process, for their numbers
	GPtrArray *forwards; // struct pasta, owned
	gboolean up;
	gint64 restarts_since;
	guint restarts;
};

/* With namespace, paths and rules set: loads the rules, then gives the container its interface. Where the host has no network
 * now, the container gets one when it has. */
gboolean network_start(struct network *network, GError **error);
void network_stop(struct network *network);

/* The host's addresses or routes have changed. FALSE: the rules could not be replaced, and the network is stopped. */
gboolean network_refresh(struct network *network, GError **error);

/* Collects what has ended, and starts pasta again if it is that. TRUE when something has changed. */
gboolean network_reap(struct network *network);

gboolean network_forward(struct network *network, unsigned port, unsigned inside, GError **error);
gboolean network_unforward(struct network *network, unsigned port, GError **error);

/* "3000:80" and so on, to be unreffed. */
GVariant *network_list(const struct network *network);
