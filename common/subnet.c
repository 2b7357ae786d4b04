#include "subnet.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void clear_rest(struct subnet *subnet)
{
	for (unsigned bit = subnet->prefix; bit < 128; bit++)
		subnet->address[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
}

/* A decimal number of at most max, without sign or leading zeros, that ends at end. */
static bool number(const char *text, const char *end, unsigned max, unsigned *value)
{
	*value = 0;
	if (text == end || end - text > 5 || (*text == '0' && end - text > 1))
		return false;
	for (; text < end; text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		*value = *value * 10 + (unsigned)(*text - '0');
	}
	return *value <= max;
}

bool subnet_parse(const char *text, struct subnet *subnet)
{
	char address[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "/");
	*subnet = (struct subnet){.family = AF_INET};
	if (length >= sizeof address)
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (strchr(address, ':'))
		subnet->family = AF_INET6;
	unsigned most = subnet->family == AF_INET ? 32 : 128;
	subnet->prefix = most;
	if (inet_pton(subnet->family, address, subnet->address) != 1)
		return false;
	if (text[length] && !number(text + length + 1, text + strlen(text), most, &subnet->prefix))
		return false;
	clear_rest(subnet);
	if (subnet->family == AF_INET6 && subnet->prefix >= 96 && memcmp(subnet->address, mapped, 12) == 0) {
		memmove(subnet->address, subnet->address + 12, 4);
		memset(subnet->address + 4, 0, 12);
		subnet->family = AF_INET;
		subnet->prefix -= 96;
	}
	return true;
}

void subnet_text(const struct subnet *subnet, char text[SUBNET_TEXT_MAX])
{
	char address[INET6_ADDRSTRLEN] = "";
	inet_ntop(subnet->family, subnet->address, address, sizeof address);
	snprintf(text, SUBNET_TEXT_MAX, "%s/%u", address, subnet->prefix);
}

bool subnet_contains(const struct subnet *outer, const struct subnet *inner)
{
	struct subnet cut = *inner;
	cut.prefix = outer->prefix;
	clear_rest(&cut);
	return outer->family == inner->family && outer->prefix <= inner->prefix &&
	       memcmp(cut.address, outer->address, sizeof cut.address) == 0;
}

struct subnet subnet_embed(const struct subnet *v4, const struct subnet *below)
{
	struct subnet whole = *below;
	memcpy(whole.address + below->prefix / 8, v4->address, 4);
	whole.prefix = below->prefix + v4->prefix;
	return whole;
}

bool forward_parse(const char *text, unsigned *port, unsigned *inside)
{
	const char *end = text + strlen(text), *colon = strchr(text, ':');
	if (!number(text, colon ? colon : end, 65535, port) || *port == 0)
		return false;
	*inside = *port;
	return !colon || (number(colon + 1, end, 65535, inside) && *inside > 0);
}
