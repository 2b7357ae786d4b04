/* What may be said on the session bus: the arguments of xdg-dbus-proxy, which refuses the rest.
 *
 * Portals are listed by interface and method. Never org.freedesktop.portal.*: among what that matches are Background, whose
 * autostart runs a command line on the host, and Flatpak's own, which starts programs there. Left out as well, since a project
 * has a key for it or nobody may have it unasked: Camera, Device, Location, RemoteDesktop, ScreenCast, Screenshot,
 * GlobalShortcuts, InputCapture, DynamicLauncher, Secret, Wallpaper, Realtime, Usb. */
#include "build.h"

#include <string.h>

#define DESKTOP "org.freedesktop.portal.Desktop"
#define DOCUMENTS "org.freedesktop.portal.Documents"
#define PATH "@/org/freedesktop/portal/desktop"

static const char *const portal_rules[] = {
	"--call=" DESKTOP "=org.freedesktop.portal.FileChooser.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.OpenURI.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.Notification.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.Print.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.Settings.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.Account.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.MemoryMonitor.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.PowerProfileMonitor.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.NetworkMonitor.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.ProxyResolver.*" PATH,
	"--call=" DESKTOP "=org.freedesktop.portal.Request.Close" PATH "/request/*",
	"--call=" DESKTOP "=org.freedesktop.portal.Session.Close" PATH "/session/*",
	"--call=" DESKTOP "=org.freedesktop.DBus.Properties.Get" PATH,
	"--call=" DESKTOP "=org.freedesktop.DBus.Properties.GetAll" PATH,
	"--call=" DESKTOP "=org.freedesktop.DBus.Introspectable.Introspect" PATH,
	"--call=" DOCUMENTS "=org.freedesktop.portal.Documents.GetMountPoint@/org/freedesktop/portal/documents",
	// Signals to everybody. Answers to a request and clicks on a notification come to its sender alone and need no rule.
	"--broadcast=" DESKTOP "=org.freedesktop.portal.Settings.SettingChanged" PATH,
	"--broadcast=" DESKTOP "=org.freedesktop.portal.NetworkMonitor.changed" PATH,
	"--broadcast=" DESKTOP "=org.freedesktop.portal.MemoryMonitor.LowMemoryWarning" PATH,
	"--broadcast=" DESKTOP "=org.freedesktop.DBus.Properties.PropertiesChanged" PATH,
};

// A link or a mail address that a program opens without asking the portal itself.
#define SHARE "/run/isolate/share"
#define OPENER "isolate-open.desktop"
static const char handlers[] = "[Default Applications]\n"
			       "x-scheme-handler/http=" OPENER "\n"
			       "x-scheme-handler/https=" OPENER "\n"
			       "x-scheme-handler/mailto=" OPENER "\n";
static const char opener[] = "[Desktop Entry]\n"
			     "Type=Application\n"
			     "Name=Desktop\n"
			     "Exec=xdg-open %u\n"
			     "NoDisplay=true\n"
			     "MimeType=x-scheme-handler/http;x-scheme-handler/https;x-scheme-handler/mailto;\n";

static void add_list(struct build *build, enum config_key key, const char *option)
{
	const GPtrArray *items = project_items(build->project, key);
	for (guint i = 0; i < items->len; i++)
		g_ptr_array_add(build->plan->bus,
			g_strconcat(option, ((const struct config_item *)items->pdata[i])->value, NULL));
}

void build_bus(struct build *build)
{
	GPtrArray *bus = build->plan->bus;
	for (gsize i = 0; build->plan->portals && i < G_N_ELEMENTS(portal_rules); i++)
		g_ptr_array_add(bus, g_strdup(portal_rules[i]));
	add_list(build, CONFIG_TALK, "--talk=");
	add_list(build, CONFIG_CALL, "--call=");
	add_list(build, CONFIG_OWN, "--own=");
	if (bus->len > 0)
		g_ptr_array_add(bus, g_strconcat("--own=" PLAN_APP_ID_PREFIX, build->plan->project, ".*", NULL));
}

/* In a folder that is the container's own: what it changes there is its own loss. */
static void add_file(struct build *build, const char *content, const char *dest)
{
	plan_op_file(build->plan, content, dest, project_origin(build->project, CONFIG_PORTALS))->flags = 0;
}

static void add_portal_files(struct build *build)
{
	struct plan *plan = build->plan;
	const char *reason = project_origin(build->project, CONFIG_PORTALS);
	// xdg-open and GTK 3 ask portals where there is one. The real one is the proxy's: a container has no say in who it is.
	g_autofree char *info = g_build_filename(build->runtime_dir, "flatpak-info", NULL);
	add_file(build, "", info);
	add_file(build, handlers, SHARE "/applications/mimeapps.list");
	add_file(build, opener, SHARE "/applications/" OPENER);
	// What was picked in a dialog: at the path that its answer names, which is the host's.
	g_autofree char *host_runtime = g_path_get_dirname(build->host->runtime);
	g_autofree char *documents = g_build_filename(host_runtime, "doc", NULL);
	g_autofree char *app = g_strconcat(PLAN_APP_ID_PREFIX, plan->project, NULL);
	g_autofree char *source = g_build_filename(documents, "by-app", app, NULL);
	plan_op_bind(plan, source, documents, PLAN_OPTIONAL, reason);
}

void build_bus_files(struct build *build)
{
	if (build->plan->bus->len == 0)
		return;
	g_autofree char *name = g_build_filename(build->runtime_dir, PLAN_BUS_NAME, NULL);
	plan_op_symlink(build->plan, "isolate/" PLAN_BUS_NAME, name);
	if (build->plan->portals)
		add_portal_files(build);
}

const char *build_bus_data_dir(const struct build *build)
{
	return build->plan->portals ? SHARE : NULL;
}
