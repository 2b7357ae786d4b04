/* isolate-bus --documents | --portals | --trial | --forget APP: what isolate-session and commands of isolate have to ask on the session
 * bus. One line on stdout, or on stderr and status 1. */
#include "fd.h"
#include "trial.h"

#include <stdio.h>
#include <string.h>

enum { CALL_MS = 5000 };

static GVariant *call(const char *name, const char *path, const char *interface, const char *method,
	GVariant *arguments, const char *type, GError **error)
{
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, error);
	return bus ? g_dbus_connection_call_sync(bus, name, path, interface, method, arguments, G_VARIANT_TYPE(type),
			     G_DBUS_CALL_FLAGS_NONE, CALL_MS, NULL, error)
		   : NULL;
}

#define DOCUMENTS                                                                                                      \
	"org.freedesktop.portal.Documents", "/org/freedesktop/portal/documents", "org.freedesktop.portal.Documents"

/* Starts the service of documents and waits until its folder is there. */
static gboolean documents(const char *app, GError **error)
{
	g_autoptr(GVariant) answer = call(DOCUMENTS, "GetMountPoint", NULL, "(ay)", error);
	const char *path;
	if (!answer)
		return FALSE;
	g_variant_get(answer, "(^&ay)", &path);
	puts(path);
	return TRUE;
}

static gboolean portals(const char *app, GError **error)
{
	g_autoptr(GVariant) answer = call("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
		"org.freedesktop.DBus.Properties", "Get",
		g_variant_new("(ss)", "org.freedesktop.portal.FileChooser", "version"), "(v)", error);
	g_autoptr(GVariant) version = NULL;
	if (!answer)
		return FALSE;
	g_variant_get(answer, "(v)", &version);
	g_autofree char *text = g_variant_print(version, FALSE);
	printf("file chooser version %s\n", text);
	return TRUE;
}

/* The next project of this name shall not have what was picked for this one. */
static gboolean forget(const char *app, GError **error)
{
	static const char *const rights[] = {"read", "write", "grant-permissions", "delete", NULL};
	g_autoptr(GVariant) answer = call(DOCUMENTS, "List", g_variant_new("(s)", app), "(a{say})", error);
	g_autoptr(GVariantIter) found = NULL;
	const char *document;
	if (!answer)
		return FALSE;
	g_variant_get(answer, "(a{say})", &found);
	while (g_variant_iter_loop(found, "{&s@ay}", &document, NULL)) {
		g_autoptr(GVariant) done = call(
			DOCUMENTS, "RevokePermissions", g_variant_new("(ss^as)", document, app, rights), "()", error);
		if (!done)
			return FALSE;
	}
	return TRUE;
}

static gboolean trial(const char *app, GError **error)
{
	if (!trial_run(error))
		return FALSE;
	puts("it keeps containers from listening to others");
	return TRUE;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *option;
		gboolean (*run)(const char *app, GError **error);
		int words;
	} tasks[] = {
		{"--documents", documents, 2},
		{"--portals",   portals,   2},
		{"--trial",	    trial,	   2},
		{"--forget",    forget,    3},
	};
	g_autoptr(GError) error = NULL;
	if (fd_fill_stdio() < 0)
		return 1;
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(tasks); i++) {
		if (strcmp(argv[1], tasks[i].option) != 0 || argc != tasks[i].words)
			continue;
		if (tasks[i].run(argv[2], &error))
			return 0;
		g_dbus_error_strip_remote_error(error);
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	fputs("isolate-bus: this is started by isolate\n", stderr);
	return 1;
}
