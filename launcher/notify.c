#include "notify.h"

#include "args.h"
#include "fd.h"
#include "spawn.h"

#include <fcntl.h>

static gboolean on_terminal(void)
{
	autofd tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return tty >= 0;
}

static gboolean on_desktop(void)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	g_autofree char *bus = g_build_filename(runtime ? runtime : "/", "bus", NULL);
	return (g_getenv("WAYLAND_DISPLAY") || g_getenv("DISPLAY")) &&
	       (g_getenv("DBUS_SESSION_BUS_ADDRESS") || g_file_test(bus, G_FILE_TEST_EXISTS));
}

void notify_error(const char *message)
{
	if (on_terminal() || !on_desktop())
		return;
	g_autofree char *path = spawn_find_own("isolate-notify", NULL);
	autofd null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (!path || null < 0)
		return;
	autoargs args;
	args_init(&args);
	args_add_all(&args, path, "isolate", message, NULL);
	g_auto(GStrv) env = spawn_environment();
	const struct spawn how = {.path = path, .args = &args, .env = env, .error_fd = null};
	spawn(&how, NULL);
}
