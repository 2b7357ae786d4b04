#include "doctor.h"

#include "fd.h"
#include "host.h"
#include "landlock.h"
#include "plan.h"
#include "project.h"
#include "socket.h"
#include "spawn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static void finding_free(void *data)
{
	struct doctor_finding *finding = data;
	g_free(finding->detail);
	g_free(finding->advice);
	g_free(finding);
}

/* Takes detail. */
static void add(GPtrArray *findings, const char *subject, enum doctor_state state, char *detail, const char *advice)
{
	struct doctor_finding *finding = g_new0(struct doctor_finding, 1);
	finding->subject = subject;
	finding->state = state;
	finding->detail = detail;
	finding->advice = g_strdup(advice);
	g_ptr_array_add(findings, finding);
}

/* Runs a program with an environment of ours; what it printed, both ways, in one line. Returns its exit status, -1 when it
 * did not get that far. */
static int run_status(const char *const *argv, char **said)
{
	g_auto(GStrv) env = spawn_environment();
	g_autofree char *out = NULL, *errors = NULL;
	g_autoptr(GError) error = NULL;
	int status = 0;
	if (!g_spawn_sync("/", (char **)argv, env, G_SPAWN_DEFAULT, NULL, NULL, &out, &errors, &status, &error)) {
		*said = g_strdup(error->message);
		return -1;
	}
	*said = g_strdelimit(g_strstrip(g_strdup(out && *out ? out : errors)), "\n", ' ');
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static gboolean run(const char *const *argv, char **said)
{
	return run_status(argv, said) == 0;
}

enum { NOT_THERE = -2 };

/* The same, of one of our own programs with --check. NOT_THERE: it is not installed, which was told already. */
static int check_with(const char *program, char **said)
{
	g_autofree char *path = spawn_find_own(program, NULL);
	const char *const argv[] = {path, "--check", NULL};
	return path ? run_status(argv, said) : NOT_THERE;
}

static void examine_runtime_dir(GPtrArray *findings)
{
	const char *path = g_getenv("XDG_RUNTIME_DIR");
	struct stat st;
	const char *advice = "log in through a session manager (package libpam-systemd or elogind), or set "
			     "XDG_RUNTIME_DIR to a folder of your own with mode 0700";
	if (!path || !g_path_is_absolute(path))
		add(findings, "runtime folder", DOCTOR_MISSING, g_strdup("XDG_RUNTIME_DIR is not set"), advice);
	else if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		add(findings, "runtime folder", DOCTOR_MISSING, g_strdup_printf("%s is no folder", path), advice);
	else if (st.st_uid != getuid() || (st.st_mode & 077) != 0)
		add(findings, "runtime folder", DOCTOR_MISSING, g_strdup_printf("others can reach %s", path),
			"it must be your own, with mode 0700");
	else
		add(findings, "runtime folder", DOCTOR_OK, g_strdup(path), NULL);
}

/* A number below /proc/sys, or -1. */
static gint64 read_sysctl(const char *name)
{
	g_autofree char *path = g_build_filename("/proc/sys", name, NULL), *text = NULL;
	return g_file_get_contents(path, &text, NULL, NULL) ? g_ascii_strtoll(text, NULL, 10) : -1;
}

static const char *namespace_advice(void)
{
	if (read_sysctl("kernel/unprivileged_userns_clone") == 0)
		return "sysctl kernel.unprivileged_userns_clone=1, as root, allows them";
	if (read_sysctl("user/max_user_namespaces") == 0)
		return "sysctl user.max_user_namespaces=10000, as root, allows them";
	if (read_sysctl("kernel/apparmor_restrict_unprivileged_userns") == 1)
		return "AppArmor restricts them: install a profile that lets bwrap have them (package "
		       "apparmor-profiles)";
	return "inside a container or virtual machine, its own restrictions may forbid them";
}

static void examine_bwrap(GPtrArray *findings)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *bwrap = spawn_find_system("bwrap", "bubblewrap", &error);
	g_autofree char *version = NULL, *help = NULL, *said = NULL;
	if (!bwrap) {
		add(findings, "bubblewrap", DOCTOR_MISSING, g_strdup("bwrap is not installed"),
			"install the package bubblewrap");
		return;
	}
	const char *const ask_version[] = {bwrap, "--version", NULL}, *const ask_help[] = {bwrap, "--help", NULL};
	run(ask_version, &version);
	run(ask_help, &help);
	if (!strstr(help, "--bind-fd") || !strstr(help, "--perms")) {
		add(findings, "bubblewrap", DOCTOR_MISSING, g_strdup_printf("%s is too old", version),
			"isolate needs bubblewrap 0.8, or a newer one");
		return;
	}
	add(findings, "bubblewrap", DOCTOR_OK, g_strdup(version), NULL);
	const char *const try[] = {bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc",
		"--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true", NULL};
	if (run(try, &said))
		add(findings, "namespaces", DOCTOR_OK, g_strdup("an ordinary user can make them"), NULL);
	else
		add(findings, "namespaces", DOCTOR_MISSING, g_strdup(said), namespace_advice());
}

static void examine_programs(GPtrArray *findings)
{
	static const char *const names[] = {"isolate-session", "isolate-init", "isolate-layer", "isolate-network",
		"isolate-wlproxy", "isolate-gate", "isolate-bus", "isolate-names", "isolate-audio"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *path = spawn_find_own(names[i], &error);
		if (path)
			add(findings, names[i], DOCTOR_OK, g_steal_pointer(&path), NULL);
		else
			add(findings, names[i], DOCTOR_MISSING, g_strdup(error->message), "install isolate completely");
	}
}

/* The proxy's own confinement, which not every host allows to be whole. */
static void examine_confinement(GPtrArray *findings)
{
	enum { PARTIAL = 1 };
	g_autofree char *said = NULL;
	int status = check_with("isolate-wlproxy", &said);
	if (status == NOT_THERE)
		return;
	if (status == 0)
		add(findings, "confinement", DOCTOR_OK, g_strdup_printf("of the Wayland proxy: %s", said), NULL);
	else if (status == PARTIAL)
		add(findings, "confinement", DOCTOR_NOTE, g_strdup_printf("of the Wayland proxy: %s", said),
			"the filter holds by itself; an ordinary user's namespaces and Landlock of Linux 6.12 would "
			"come on "
			"top");
	else
		add(findings, "confinement", DOCTOR_MISSING, g_strdup(said),
			"the Wayland proxy does not run without a filter of system calls: this kernel needs seccomp");
}

static void examine_compositor(GPtrArray *findings)
{
	const char *display = g_getenv("WAYLAND_DISPLAY"), *runtime = g_getenv("XDG_RUNTIME_DIR");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (!display || !*display) {
		add(findings, "compositor", DOCTOR_MISSING, g_strdup("WAYLAND_DISPLAY is not set"),
			"start isolate in a Wayland session");
		return;
	}
	g_autofree char *path = g_path_is_absolute(display) ? g_strdup(display)
							    : g_build_filename(runtime ? runtime : "/", display, NULL);
	autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	gboolean fits = g_strlcpy(address.sun_path, path, sizeof address.sun_path) < sizeof address.sun_path;
	if (fits && fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		add(findings, "compositor", DOCTOR_OK, g_steal_pointer(&path), NULL);
	else
		add(findings, "compositor", DOCTOR_MISSING,
			g_strdup_printf("%s: %s", path, fits ? g_strerror(errno) : "the path is too long"),
			"is the session that WAYLAND_DISPLAY names still there?");
}

static void examine_polkit(GPtrArray *findings)
{
	g_autofree char *said = NULL;
	int status = check_with("isolate-gate", &said);
	if (status == NOT_THERE)
		return;
	if (status == 0)
		add(findings, "polkit", DOCTOR_OK, g_strdup(said), NULL);
	else
		add(findings, "polkit", DOCTOR_MISSING, g_strdup(said),
			"install the package polkitd (policykit-1 on older systems); until then only projects with "
			"Gate=never "
			"start");
}

/* What isolate-bus says to one of its questions. */
static gboolean ask_bus(const char *question, char **said)
{
	g_autofree char *helper = spawn_find_own("isolate-bus", NULL);
	const char *const argv[] = {helper, question, NULL};
	if (helper)
		return run(argv, said);
	*said = g_strdup("isolate-bus is not installed");
	return FALSE;
}

/* A container is as closed without a bus as it can be; a proxy that leaks is another matter. */
static void examine_bus(GPtrArray *findings)
{
	const char *named = g_getenv("DBUS_SESSION_BUS_ADDRESS"), *runtime = g_getenv("XDG_RUNTIME_DIR");
	g_autofree char *usual = g_build_filename(runtime ? runtime : "/", "bus", NULL), *said = NULL, *version = NULL;
	g_autofree char *proxy = spawn_find_system("xdg-dbus-proxy", "xdg-dbus-proxy", NULL);
	if (!proxy) {
		add(findings, "xdg-dbus-proxy", DOCTOR_NOTE,
			g_strdup("not installed: containers have no session bus and no portals"),
			"install the package xdg-dbus-proxy");
		return;
	}
	if (!(named && *named) && access(usual, F_OK) < 0) {
		add(findings, "session bus", DOCTOR_NOTE, g_strdup("there is none: containers have no portals"),
			"install the package dbus-user-session and log in again");
		return;
	}
	const char *const ask_version[] = {proxy, "--version", NULL};
	run(ask_version, &version);
	if (ask_bus("--trial", &said))
		add(findings, "xdg-dbus-proxy", DOCTOR_OK, g_strdup_printf("%s; %s", version, said), NULL);
	else
		add(findings, "xdg-dbus-proxy", DOCTOR_MISSING, g_strdup_printf("%s: %s", version, said),
			"it needs 0.1.7, or a distribution's version with the fixes of CVE-2026-34080; until then, set "
			"[Bus] Portals=no");
}

static void examine_portals(GPtrArray *findings)
{
	g_autofree char *portals = NULL, *documents = NULL;
	if (ask_bus("--portals", &portals))
		add(findings, "portals", DOCTOR_OK, g_steal_pointer(&portals), NULL);
	else
		add(findings, "portals", DOCTOR_NOTE, g_steal_pointer(&portals),
			"for file dialogs, links and notifications install xdg-desktop-portal and a backend of your "
			"desktop, "
			"such as xdg-desktop-portal-gtk");
	if (ask_bus("--documents", &documents))
		add(findings, "documents", DOCTOR_OK, g_steal_pointer(&documents), NULL);
	else
		add(findings, "documents", DOCTOR_NOTE, g_steal_pointer(&documents),
			"without the document portal (package xdg-desktop-portal, and fuse3) a container cannot read "
			"what is "
			"picked in a dialog");
}

static void examine_sound(GPtrArray *findings)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	g_autofree char *path = g_build_filename(runtime ? runtime : "/", "pulse/native", NULL);
	autofd fd = socket_connect(path, SOCK_STREAM | SOCK_NONBLOCK);
	if (fd >= 0 || errno == EAGAIN)
		add(findings, "sound", DOCTOR_OK,
			g_strdup_printf("%s; isolate-audio keeps containers from recording", path), NULL);
	else
		add(findings, "sound", DOCTOR_NOTE, g_strdup_printf("%s: %s", path, g_strerror(errno)),
			"containers are silent without a server that speaks PulseAudio's protocol: install "
			"pipewire-pulse or "
			"pulseaudio");
}

static void examine_landlock(GPtrArray *findings)
{
	int abi = landlock_abi();
	if (abi >= LANDLOCK_ABI_SCOPES)
		add(findings, "Landlock", DOCTOR_OK, g_strdup_printf("ABI %d", abi), NULL);
	else
		add(findings, "Landlock", DOCTOR_NOTE,
			abi > 0 ? g_strdup_printf("ABI %d, without scopes", abi) : g_strdup("not in this kernel"),
			"[Network] Mode=host needs Linux 6.12 or newer; nothing else does");
}

static void examine_network(GPtrArray *findings)
{
	static const char until[] = "until then only projects with [Network] Mode=none or host start";
	static const char *const programs[][2] = {
		{"nft",	"nftables"},
		{"pasta", "passt"	 },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autofree char *path = spawn_find_system(programs[i][0], programs[i][1], NULL), *advice = NULL;
		if (path) {
			add(findings, programs[i][0], DOCTOR_OK, g_steal_pointer(&path), NULL);
			continue;
		}
		advice = g_strdup_printf("install the package %s; %s", programs[i][1], until);
		add(findings, programs[i][0], DOCTOR_MISSING, g_strdup("not installed"), advice);
	}
	if (access("/dev/net/tun", R_OK | W_OK) == 0) {
		add(findings, "network device", DOCTOR_OK, g_strdup("/dev/net/tun"), NULL);
		return;
	}
	g_autofree char *what = g_strdup_printf("/dev/net/tun: %s", g_strerror(errno));
	g_autofree char *how = g_strdup_printf("load the module tun, and see to the mode 0666; %s", until);
	add(findings, "network device", DOCTOR_MISSING, g_steal_pointer(&what), how);
}

/* [Resources]: what is enforced here, and how far. */
static void examine_limits(GPtrArray *findings)
{
	autohost struct host *host = host_new();
	host->uid = getuid();
	host_gather_limits(host);
	static const char *const less[PLAN_N_RESOURCES][2] = {
		[PLAN_MEMORY] = {"Memory= counts each process alone",			      ""			},
		[PLAN_CPU] = {"",							       "Cpu= is not enforced"},
		[PLAN_TASKS] = {"Tasks= is a limit of the user namespace, as good as a cgroup's",
				 "Tasks= is not enforced"								},
	};
	g_autoptr(GString) said = g_string_new(NULL);
	for (int i = 0; i < PLAN_N_RESOURCES; i++) {
		enum plan_enforcement by = plan_limit_by(host, (enum plan_resource)i);
		if (by != PLAN_CGROUP)
			g_string_append_printf(said, "%s%s", said->len > 0 ? "; " : "", less[i][by == PLAN_UNENFORCED]);
	}
	if (said->len == 0)
		add(findings, "limits", DOCTOR_OK,
			g_strdup("the user's systemd limits memory, processors and tasks of a container"), NULL);
	else
		add(findings, "limits", DOCTOR_NOTE, g_string_free(g_steal_pointer(&said), FALSE),
			"a user's systemd that has been given the cgroup controllers cpu, memory and pids (Delegate= "
			"of "
			"user@.service, cgroup version 2) would limit all of a container together");
}

/* Only for [Root] Layer=. */
static void examine_layers(GPtrArray *findings)
{
	g_autofree char *said = NULL;
	int status = check_with("isolate-layer", &said);
	if (status == NOT_THERE)
		return;
	gboolean good = status == 0;
	const char *words = g_str_has_prefix(said, "isolate-layer: ") ? said + strlen("isolate-layer: ") : said;
	add(findings, "layers", good ? DOCTOR_OK : DOCTOR_NOTE, g_strdup(words),
		good ? NULL : "only projects with [Root] Layer= need it");
}

static void examine_projects(GPtrArray *findings)
{
	autodirs struct config_dirs *dirs = config_dirs_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = dirs ? project_names(dirs, &error) : NULL;
	guint wrong = 0;
	if (!names) {
		add(findings, "projects", DOCTOR_NOTE, g_strdup(error ? error->message : "HOME is not set"), NULL);
		return;
	}
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GError) cause = NULL;
		autoproject struct project *project = project_load(names->pdata[i], dirs, &cause);
		wrong += !project;
		if (!project)
			add(findings, "projects", DOCTOR_NOTE, g_strdup(cause->message), NULL);
	}
	if (wrong == 0)
		add(findings, "projects", DOCTOR_OK, g_strdup_printf("%u, none with a mistake", names->len),
			names->len == 0 ? "isolate create NAME --share DIR makes one" : NULL);
}

GPtrArray *doctor_examine(void)
{
	static void (*const examinations[])(GPtrArray *) = {
		examine_runtime_dir,
		examine_bwrap,
		examine_programs,
		examine_confinement,
		examine_compositor,
		examine_polkit,
		examine_bus,
		examine_portals,
		examine_sound,
		examine_landlock,
		examine_network,
		examine_layers,
		examine_limits,
		examine_projects,
	};
	GPtrArray *findings = g_ptr_array_new_with_free_func(finding_free);
	for (size_t i = 0; i < G_N_ELEMENTS(examinations); i++)
		examinations[i](findings);
	return findings;
}
