#include "polkit.h"

#include "error.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* polkitd gives a rule 15 s before it ends it: more than that is no answer any more. */
enum { ALLOW_USER_INTERACTION = 1, QUICK_TIMEOUT_MS = 20 * 1000 };

struct polkit {
	GDBusConnection *bus;
};

struct question {
	GMainLoop *loop;
	GVariant *reply;
	GError *error;
};

/* The other side of the socket must not be this very user: DBUS_SYSTEM_BUS_ADDRESS can name any bus, and one of our own
 * would say yes to everything. An error is a refusal. */
static gboolean check_bus_owner(GDBusConnection *bus, GError **error)
{
	GIOStream *stream = g_dbus_connection_get_stream(bus);
	if (!G_IS_SOCKET_CONNECTION(stream))
		return error_set(error, "the system bus is not a local socket");
	GSocket *socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream));
	g_autoptr(GCredentials) credentials = g_socket_get_credentials(socket, error);
	if (!credentials)
		return FALSE;
	uid_t owner = g_credentials_get_unix_user(credentials, error);
	if (owner == (uid_t)-1)
		return FALSE;
	if (owner == getuid() && getuid() != 0)
		return error_set(error, "the system bus at $DBUS_SYSTEM_BUS_ADDRESS is run by yourself: unset it");
	return TRUE;
}

struct polkit *polkit_connect(GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SYSTEM, NULL, &cause);
	// A connection of our own: polkit drops the question when it closes, and g_bus_get()'s would end the process
	// with the bus.
	g_autoptr(GDBusConnection) bus = address ? g_dbus_connection_new_for_address_sync(address,
							   G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
								   G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
							   NULL, NULL, &cause)
						 : NULL;
	if (!bus) {
		error_set(error,
			"polkit cannot be asked without a system bus (%s): start dbus, or set Gate=never in the "
			"project",
			cause->message);
		return NULL;
	}
	if (!check_bus_owner(bus, error))
		return NULL;
	struct polkit *polkit = g_new0(struct polkit, 1);
	polkit->bus = g_steal_pointer(&bus);
	return polkit;
}

void polkit_free(struct polkit *polkit)
{
	if (!polkit)
		return;
	g_dbus_connection_close_sync(polkit->bus, NULL, NULL);
	g_object_unref(polkit->bus);
	g_free(polkit);
}

/* Turns what GDBus says into one line that names the missing part. */
static gboolean explain(GError *cause, const char *action, GError **error)
{
	if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return error_set(error, "cancelled");
	if (g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
		g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
		g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND) ||
		g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_EXEC_FAILED) ||
		g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_CHILD_EXITED))
		return error_set(
			error, "polkitd is not there: install and start polkit, or set Gate=never in the project");
	if (g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
		g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT) ||
		g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT) ||
		g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
		return error_set(error, "polkitd does not answer: see `systemctl status polkit`, then try again");
	if (g_error_matches(cause, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
		g_error_matches(cause, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED))
		return error_set(error, "the system bus went away while polkit was asked: try again");
	if (strstr(cause->message, "is not registered"))
		return error_set(error,
			"polkit does not know the action %s: put org.isolate.policy into /usr/share/polkit-1/actions "
			"(meson install does)",
			action);
	g_dbus_error_strip_remote_error(cause);
	g_autofree char *shown = text_dup_sanitized(cause->message, 400);
	return error_set(error, "polkit failed: %s", shown);
}

static void answered(GObject *source, GAsyncResult *result, gpointer data)
{
	struct question *question = data;
	question->reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &question->error);
	g_main_loop_quit(question->loop);
}

static enum polkit_answer read_answer(GVariant *reply)
{
	gboolean authorized, challenge;
	const char *dismissed = NULL;
	g_autoptr(GVariant) details = NULL;
	g_variant_get(reply, "((bb@a{ss}))", &authorized, &challenge, &details);
	if (authorized)
		return POLKIT_YES;
	if (g_variant_lookup(details, "polkit.dismissed", "&s", &dismissed))
		return POLKIT_DISMISSED;
	return challenge ? POLKIT_CHALLENGE : POLKIT_NO;
}

gboolean polkit_check(struct polkit *polkit, const char *action, gboolean interactive, GCancellable *cancellable,
	enum polkit_answer *answer, GError **error)
{
	GVariantBuilder subject;
	g_variant_builder_init(&subject, G_VARIANT_TYPE_VARDICT);
	g_variant_builder_add(
		&subject, "{sv}", "name", g_variant_new_string(g_dbus_connection_get_unique_name(polkit->bus)));
	GVariant *parameters = g_variant_new("((sa{sv})sa{ss}us)", "system-bus-name", &subject, action, NULL,
		interactive ? ALLOW_USER_INTERACTION : 0, "");
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	struct question question = {.loop = loop};
	g_dbus_connection_call(polkit->bus, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE, "CheckAuthorization",
		parameters, G_VARIANT_TYPE("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE,
		interactive ? G_MAXINT : QUICK_TIMEOUT_MS, cancellable, answered, &question);
	g_main_loop_run(loop);
	g_autoptr(GError) cause = question.error;
	g_autoptr(GVariant) reply = question.reply;
	if (!reply)
		return explain(cause, action, error);
	*answer = read_answer(reply);
	return TRUE;
}
