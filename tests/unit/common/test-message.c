/* Messages over a socket: what the other end said before it closed is not lost. */
#include "fd.h"
#include "message.h"

#include <glib.h>
#include <sys/socket.h>

static void pair(int ends[2])
{
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), ==, 0);
}

static void test_carries(void)
{
	int ends[2];
	automessage message;
	g_autoptr(GError) error = NULL;
	pair(ends);
	autofd ours = ends[0];
	autofd theirs = ends[1];
	g_assert_true(message_send(theirs, 7, "Done", NULL, &theirs, 1, &error));
	g_assert_cmpint(message_recv(ours, &message, &error), ==, 1);
	g_assert_no_error(error);
	g_assert_cmpuint(message.serial, ==, 7);
	g_assert_cmpstr(message.name, ==, "Done");
	autofd passed = message_take_fd(&message, 0);
	g_assert_cmpint(passed, >=, 0);
}

/* The kernel reports a reset first when the peer closes with something of ours unread. */
static void test_closed_unread(void)
{
	int ends[2];
	automessage message;
	g_autoptr(GError) error = NULL;
	pair(ends);
	autofd ours = ends[0];
	g_assert_true(message_send(ends[1], 1, "Exited", NULL, NULL, 0, &error));
	g_assert_true(message_send(ours, 2, "Signal", NULL, NULL, 0, &error));
	close(ends[1]);
	g_assert_cmpint(message_recv(ours, &message, &error), ==, 1);
	g_assert_cmpstr(message.name, ==, "Exited");
	automessage nothing;
	g_assert_cmpint(message_recv(ours, &nothing, &error), ==, 0);
	g_assert_no_error(error);
}

int main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/message/carries", test_carries);
	g_test_add_func("/message/closed-unread", test_closed_unread);
	return g_test_run();
}
