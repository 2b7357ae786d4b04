/* Into a container's namespaces from outside, with the rights that their owner, the user, has over them. */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Reads bubblewrap's {"child-pid": N} from info, and returns the network namespace of that process, which must be a child of
 * parent, or with a layer a descendant of isolate-layer, which is parent then. This process, which must have one thread, joins the user namespace that owns it and gets all capabilities there: it
 * stays in the host's network namespace. -1 with an error; without one when the container has ended, whose own words say why. */
int enter_container(int info, pid_t parent, gboolean layered, GError **error);

/* Runs a program to its end in this network namespace, with input as its stdin; what it says is the error. */
gboolean enter_and_run(int network, const char *const *argv, const char *input, GError **error);

/* Datagram sockets that belong to a network namespace, for enter_leads_out(); FALSE and errno. */
struct enter_probe {
	int v4, v6; // -1 where the kernel has no such family
};
gboolean enter_open_probe(int network, struct enter_probe *probe); // network -1: this process's own

/* Whether packets for the internet have a way out of the probe's namespace, of either family. Nothing is sent. */
gboolean enter_leads_out(const struct enter_probe *probe);

/* Between fork and exec: capabilities that survive an exec. */
int enter_keep_capabilities(void);
