/* What a container may send where, as a script for nft(8) in its network namespace. Text in, text out: no I/O. */
#pragma once

#include "subnet.h"

#include <glib.h>

struct rules {
	gboolean lan;	// Lan=allow
	GArray *allow;	// struct subnet, of Allow=
	GArray *deny;	// of Deny=
	GArray *nearby; // the host's own addresses and the networks on its links
};

/* To stand before a script that replaces another, in the same transaction. The first goes without: to delete takes the kernel
 * ten times as long as to add. */
#define RULES_REPLACE "add table inet isolate\ndelete table inet isolate\n"

/* In this order: names are asked for; Deny= is refused; Allow= passes; private,
 * local and nearby addresses are refused unless lan; the rest passes. */
void rules_write(const struct rules *rules, GString *script);
