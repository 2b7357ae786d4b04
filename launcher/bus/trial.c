#include "trial.h"

#include "error.h"
#include "fd.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALL_MS = 5000 };

struct trial {
	char *folder, *socket, *address;
	pid_t pid;
	int ready;
};

static gboolean start(struct trial *trial, const char *bus, GError **error)
{
	g_autofree char *proxy = spawn_find_system("xdg-dbus-proxy", "xdg-dbus-proxy", error);
	int pair[2];
	char byte;
	if (!proxy)
		return FALSE;
	trial->folder = g_dir_make_tmp("isolate-XXXXXX", error);
	if (!trial->folder)
		return FALSE;
	trial->socket = g_build_filename(trial->folder, "bus", NULL);
	trial->address = g_strconcat("unix:path=", trial->socket, NULL);
	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot make a pipe");
	trial->ready = pair[0];
	autoargs args;
	args_init(&args);
	args_add(&args, proxy);
	args_add_fd_option(&args, "--fd", pair[1]);
	args_add_all(&args, bus, trial->socket, "--filter", NULL);
	g_auto(GStrv) env = spawn_environment();
	const struct spawn how = {.path = proxy, .args = &args, .env = env, .error_fd = -1, .die_with_us = TRUE};
	trial->pid = spawn(&how, error);
	args_clear(&args);
	return trial->pid > 0 &&
	       (read(trial->ready, &byte, 1) == 1 || error_set(error, "xdg-dbus-proxy does not start"));
}

static void finish(struct trial *trial)
{
	if (trial->pid > 0) {
		kill(trial->pid, SIGKILL);
		waitpid(trial->pid, NULL, 0);
	}
	fd_closep(&trial->ready);
	if (trial->socket)
		g_unlink(trial->socket);
	if (trial->folder)
		g_rmdir(trial->folder);
	g_free(trial->socket);
	g_free(trial->folder);
	g_free(trial->address);
}

/* Whether a call to the bus itself is refused. */
static gboolean refused(GDBusConnection *connection, const char *method, GVariant *arguments)
{
	g_autoptr(GVariant) answer =
		g_dbus_connection_call_sync(connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
			"org.freedesktop.DBus", method, arguments, NULL, G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, NULL);
	return !answer;
}

static gboolean try(GDBusConnection *connection, GError **error)
{
	static const char *const matches[] = {"eavesdrop=true", "eavesdrop='true'", "eavesdrop =true",
		"type='signal', eavesdrop='true'", "eavesdrop=tr'u'e"};
	for (gsize i = 0; i < G_N_ELEMENTS(matches); i++)
		if (!refused(connection, "AddMatch", g_variant_new("(s)", matches[i])))
			return error_set(error,
				"it lets a container listen to all that is said on the session bus (%s)", matches[i]);
	if (!refused(connection, "RequestName", g_variant_new("(su)", "org.isolate.Trial", 4u)))
		return error_set(error, "it lets a container take any name on the session bus");
	return !refused(connection, "GetId", NULL) || error_set(error, "it refuses what it should not");
}

gboolean trial_run(GError **error)
{
	struct trial trial = {.ready = -1};
	g_autofree char *bus = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SESSION, NULL, error);
	gboolean good = bus && start(&trial, bus, error);
	g_autoptr(GDBusConnection) connection = NULL;
	if (good)
		connection = g_dbus_connection_new_for_address_sync(trial.address,
			G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
			NULL, NULL, error);
	good = connection && try(connection, error);
	if (connection)
		g_dbus_connection_close_sync(connection, NULL, NULL);
	finish(&trial);
	return good;
}
