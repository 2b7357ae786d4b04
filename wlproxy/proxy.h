/* Listening sockets, each with the compositor that its clients get, over one filter. */
#pragma once

#include "connector.h"
#include "filter.h"

struct proxy;

/* connector is owned; filter and loop stay the caller's and outlive the proxy. NULL with errno. */
struct proxy *proxy_create(struct wl_event_loop *loop, struct filter *filter, struct connector *connector);
void proxy_destroy(struct proxy *proxy);

/* For what it hands to the connector from now on; directory as in struct connect_to. The policy decides whether a
 * security context would take away what it grants, and is looked at again. */
void proxy_set_policy(struct proxy *proxy, const struct policy *policy, const char *directory);

/* fd is a listening socket, owned, also when it fails. -1 with errno. */
int proxy_listen(struct proxy *proxy, const char *upstream, int fd);
