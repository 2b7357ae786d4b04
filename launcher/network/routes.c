#include "routes.h"

#include "error.h"
#include "fd.h"
#include "subnet.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* Shorter prefixes are those of tunnels that take everything, often in halves. */
enum { LINK_PREFIX_MIN_4 = 6, LINK_PREFIX_MIN_6 = 16, BUFFER = 64 * 1024 };

static int open_netlink(unsigned groups)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
	autofd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	return fd_steal(&fd);
}

int routes_watch(void)
{
	return open_netlink(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
}

void routes_drain(int watch)
{
	char buffer[4096];
	// What did not fit into the queue (ENOBUFS) is a change like the others.
	while (recv(watch, buffer, sizeof buffer, MSG_DONTWAIT | MSG_TRUNC) > 0 || errno == ENOBUFS || errno == EINTR)
		;
}

static void take_route(const struct nlmsghdr *header, GArray *found)
{
	const struct rtmsg *route = NLMSG_DATA(header);
	struct subnet subnet = {.family = route->rtm_family, .prefix = route->rtm_dst_len};
	gboolean v4 = route->rtm_family == AF_INET, gateway = FALSE;
	if ((!v4 && route->rtm_family != AF_INET6) || route->rtm_dst_len > (v4 ? 32 : 128))
		return;
	size_t left = RTM_PAYLOAD(header);
	for (const struct rtattr *a = RTM_RTA(route); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == RTA_DST && RTA_PAYLOAD(a) == (v4 ? 4 : 16))
			memcpy(subnet.address, RTA_DATA(a), RTA_PAYLOAD(a));
		if (a->rta_type == RTA_GATEWAY || a->rta_type == RTA_VIA)
			gateway = TRUE;
	}
	unsigned least = v4 ? LINK_PREFIX_MIN_4 : LINK_PREFIX_MIN_6;
	gboolean link = route->rtm_type == RTN_UNICAST && !gateway && subnet.prefix >= least;
	gboolean own =
		route->rtm_type == RTN_LOCAL || route->rtm_type == RTN_ANYCAST || route->rtm_type == RTN_BROADCAST;
	if (link || own)
		g_array_append_val(found, subnet);
}

/* FALSE at the end of the answer, or with *failure set. */
static gboolean take_messages(const char *buffer, size_t size, GArray *found, int *failure)
{
	for (const struct nlmsghdr *h = (const void *)buffer; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
		// The tables changed while they were read: what we have may be incomplete.
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			*failure = EAGAIN;
		if (h->nlmsg_type == NLMSG_ERROR)
			*failure = -((const struct nlmsgerr *)NLMSG_DATA(h))->error;
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return FALSE;
		if (h->nlmsg_type == RTM_NEWROUTE && h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)))
			take_route(h, found);
	}
	return TRUE;
}

static int dump(int family, GArray *found)
{
	struct {
		struct nlmsghdr header;
		struct rtmsg route;
	} request = {
		{.nlmsg_len = sizeof request,		      .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		{.rtm_family = (unsigned char)family}
	     };
	autofd fd = open_netlink(0);
	if (fd < 0 || send(fd, &request, sizeof request, 0) < 0)
		return errno;
	g_autofree char *buffer = g_malloc(BUFFER);
	int failure = 0;
	for (;;) {
		ssize_t n = recv(fd, buffer, BUFFER, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0 || !take_messages(buffer, (size_t)n, found, &failure))
			return failure;
	}
}

GArray *routes_nearby(GError **error)
{
	enum { TRIES = 10 };
	int failure = EAGAIN;
	for (int i = 0; i < TRIES && failure == EAGAIN; i++) {
		g_autoptr(GArray) found = g_array_new(FALSE, TRUE, sizeof(struct subnet));
		failure = dump(AF_INET, found);
		int other = dump(AF_INET6, found);
		// A kernel without IPv6 has no such table.
		if (failure == 0 && other != EOPNOTSUPP && other != EAFNOSUPPORT)
			failure = other;
		if (failure == 0)
			return g_steal_pointer(&found);
	}
	error_set_errno(error, failure, "cannot read the addresses of this machine");
	return NULL;
}
