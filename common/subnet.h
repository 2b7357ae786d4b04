/* Networks of addresses, "192.168.1.0/24" or "fd00::/8", and forwarded ports, "3000" or "3000:80": as text and as numbers. */
#pragma once

#include <stdbool.h>

/* Where programs in a container with a network of its own ask for names; it is passed on to the host's resolver. */
#define NETWORK_DNS "169.254.1.1"

struct subnet {
	int family; // AF_INET or AF_INET6
	unsigned char address[16];
	unsigned prefix;
};

enum { SUBNET_TEXT_MAX = 64 };

/* ADDRESS[/LENGTH]. What the length does not cover is cleared, and an IPv6 form of an IPv4 network is that network. */
bool subnet_parse(const char *text, struct subnet *subnet);
void subnet_text(const struct subnet *subnet, char text[SUBNET_TEXT_MAX]);

/* Whether every address of inner is one of outer. */
bool subnet_contains(const struct subnet *outer, const struct subnet *inner);

/* The form of an IPv4 network below an IPv6 prefix of this length, in which translators embed it. */
struct subnet subnet_embed(const struct subnet *v4, const struct subnet *below);

/* PORT[:INSIDE], each 1 to 65535. */
bool forward_parse(const char *text, unsigned *port, unsigned *inside);
