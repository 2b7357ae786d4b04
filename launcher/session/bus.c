#include "bus.h"

#include "args.h"
#include "error.h"
#include "fd.h"
#include "log.h"
#include "restart.h"
#include "sandbox.h"
#include "socket.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
	READY_MS = 5000,
	PAUSE_MS = 1000,
};

#define FILTERED "filtered"

/* Nothing runs until a program inside connects. Then the proxy is started, and once it listens, isolate-names, which takes whoever
 * waits at the door:
 *
 *   application ─ sockets/bus ─ isolate-names ─ bus/filtered ─ xdg-dbus-proxy ─ the session bus
 *
 * When one of the two ends, so does the other, and the door is watched again. */
struct bus {
	struct session *session;
	char *address;	// of the host's
	char *socket;	// its path on the host, NULL when it has none
	char *instance; // folder of bwrapinfo.json
	int listener;	// of sockets/bus
	GPid proxy, names;
	int ready;  // a byte comes when the proxy listens; it ends when this is closed
	int status; // what bwrap says of its child
	guint door, ready_source, status_source, proxy_child, names_child, timer;
	struct restarts restarts;
};

/* Of the first address that is a Unix socket's: its path, or "" for an abstract one; NULL: none of them is. */
static char *socket_of(const char *address)
{
	static const char path[] = "unix:path=", abstract[] = "unix:abstract=";
	g_auto(GStrv) addresses = g_strsplit(address, ";", -1);
	for (char **a = addresses; *a; a++) {
		if (g_str_has_prefix(*a, abstract))
			return g_strdup("");
		if (!g_str_has_prefix(*a, path))
			continue;
		g_autofree char *escaped = g_strndup(*a + strlen(path), strcspn(*a + strlen(path), ","));
		char *plain = g_uri_unescape_string(escaped, NULL);
		if (plain && *plain == '/')
			return plain;
		g_free(plain);
	}
	return NULL;
}

/* Where the host's session bus is: FALSE and the reason when it has none. */
static gboolean find_bus(struct bus *bus, GError **error)
{
	const char *named = g_getenv("DBUS_SESSION_BUS_ADDRESS");
	g_autofree char *usual = g_build_filename(g_getenv("XDG_RUNTIME_DIR"), "bus", NULL);
	bus->address = named && *named ? g_strdup(named) : g_strdup_printf("unix:path=%s", usual);
	g_autofree char *socket = socket_of(bus->address);
	if (!socket)
		return error_set(error, "the session bus at %s is no local socket", bus->address);
	if (*socket && access(socket, F_OK) < 0)
		return error_set(error, "there is no session bus at %s", socket);
	bus->socket = *socket ? g_steal_pointer(&socket) : NULL;
	return TRUE;
}

/* {"child-pid": N, …}: portals want to know it to tell processes of the container apart. */
static gboolean status_came(gint fd, GIOCondition condition, gpointer data)
{
	struct bus *bus = data;
	char text[512];
	ssize_t n = read(fd, text, sizeof text - 1);
	bus->status_source = 0;
	text[MAX(n, 0)] = '\0';
	const char *pid = strstr(text, "\"child-pid\":");
	long number = pid ? strtol(pid + strlen("\"child-pid\":"), NULL, 10) : 0;
	g_autofree char *path = g_build_filename(bus->instance, "bwrapinfo.json", NULL);
	g_autofree char *content = g_strdup_printf("{\"child-pid\": %ld}\n", number);
	g_autoptr(GError) error = NULL;
	if (number > 0 && !g_file_set_contents_full(path, content, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
		log_warning("%s", error->message);
	return G_SOURCE_REMOVE;
}

static void watch_door(struct bus *bus);

static void end_process(GPid *pid, guint *child)
{
	if (*child)
		g_source_remove(*child);
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*child = 0;
	*pid = 0;
}

static void end_all(struct bus *bus)
{
	guint *sources[] = {&bus->door, &bus->ready_source, &bus->status_source, &bus->timer};
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++) {
		if (*sources[i])
			g_source_remove(*sources[i]);
		*sources[i] = 0;
	}
	end_process(&bus->names, &bus->names_child);
	end_process(&bus->proxy, &bus->proxy_child);
	fd_closep(&bus->ready);
	fd_closep(&bus->status);
}

static gboolean pause_over(gpointer data)
{
	struct bus *bus = data;
	bus->timer = 0;
	watch_door(bus);
	return G_SOURCE_REMOVE;
}

/* Whoever is connected loses the bus; whoever comes next has it again. */
static void begin_anew(struct bus *bus, const char *why)
{
	log_warning("programs of %s have lost the session bus: %s", bus->session->project, why);
	end_all(bus);
	if (restart_may(&bus->restarts))
		watch_door(bus);
	else
		bus->timer = g_timeout_add(PAUSE_MS, pause_over, bus);
}

static void proxy_ended(GPid pid, gint status, gpointer data)
{
	struct bus *bus = data;
	bus->proxy = 0;
	bus->proxy_child = 0;
	begin_anew(bus, "xdg-dbus-proxy has ended");
}

static void names_ended(GPid pid, gint status, gpointer data)
{
	struct bus *bus = data;
	bus->names = 0;
	bus->names_child = 0;
	begin_anew(bus, "isolate-names has ended");
}

static gboolean not_ready(gpointer data)
{
	struct bus *bus = data;
	bus->timer = 0;
	begin_anew(bus, "xdg-dbus-proxy does not get ready");
	return G_SOURCE_REMOVE;
}

/* A number of the project's own, so that what a killed session leaves is replaced by the next. */
static char *instance_id(const char *project)
{
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, project, -1);
	sum[8] = '\0';
	return g_strdup_printf("%" G_GUINT64_FORMAT, g_ascii_strtoull(sum, NULL, 16));
}

static char *identity(const struct plan *plan)
{
	g_autofree char *instance = instance_id(plan->project);
	return g_strdup_printf("[Application]\nname=" PLAN_APP_ID_PREFIX "%s\n"
			       "\n[Instance]\ninstance-id=%s\n"
			       "\n[Context]\n%s",
		plan->project, instance, plan->network != PLAN_NETWORK_NONE ? "shared=network;\n" : "");
}

/* The proxy's own words, over a descriptor: nothing of them shows in a list of processes. */
static int proxy_words(const struct bus *bus, GError **error)
{
	const GPtrArray *rules = bus->session->plan->bus;
	autoargs args;
	args_init(&args);
	args_add_all(&args, bus->socket ? "unix:path=/host-bus" : bus->address, "/bus/" FILTERED, "--filter", NULL);
	for (guint i = 0; i < rules->len; i++)
		args_add(&args, rules->pdata[i]);
	return args_to_memory(&args, error);
}

/* The sandbox of the proxy: programs of the host, the bus, where it listens, and who the container is. */
static gboolean add_sandbox(const struct bus *bus, struct args *inner, const char *folder, GError **error)
{
	g_autofree char *info = identity(bus->session->plan);
	int file = fd_memfd_sealed("isolate-info", info, strlen(info));
	if (file < 0)
		return error_set_errno(error, errno, "cannot make a memory file");
	sandbox_add_programs(inner);
	// An abstract socket is the network namespace's.
	if (bus->socket)
		args_add_all(inner, "--unshare-net", "--ro-bind", bus->socket, "/host-bus", NULL);
	args_add_all(inner, "--bind", folder, "/bus", "--ro-bind-data", NULL);
	args_add_fd(inner, file);
	args_add_all(inner, "/.flatpak-info", "--remount-ro", "/", NULL);
	return TRUE;
}

/* Names that the rules are about: "--call=NAME=…", "--talk=NAME" and so on. */
static void add_real_names(struct args *command, const GPtrArray *rules)
{
	for (guint i = 0; i < rules->len; i++) {
		const char *name = strchr(rules->pdata[i], '=') + 1;
		g_autofree char *plain = g_strndup(name, strcspn(name, "="));
		if (i == 0 || !g_ptr_array_find_with_equal_func(command->words, plain, g_str_equal, NULL))
			args_add(command, plain);
	}
}

static gboolean start_names(struct bus *bus, GError **error)
{
	const struct plan *plan = bus->session->plan;
	g_autofree char *folder = g_build_filename(bus->session->runtime.path, RUNTIME_BUS, NULL);
	g_autofree char *prefix = g_strconcat(PLAN_APP_ID_PREFIX, plan->project, ".", NULL);
	autoargs inner, command;
	args_init(&inner);
	args_init(&command);
	if (!sandbox_add_own(&inner, "isolate-names", error))
		return FALSE;
	args_add_all(&inner, "--ro-bind", folder, "/bus", "--remount-ro", "/", NULL);
	int listener = fcntl(bus->listener, F_DUPFD_CLOEXEC, 3);
	if (listener < 0)
		return error_set_errno(error, errno, "cannot copy a descriptor");
	args_add_all(&command, "/isolate-names", "--bus", "/bus/" FILTERED, "--prefix", prefix, "--listener", NULL);
	args_add_fd(&command, listener);
	add_real_names(&command, plan->bus);
	bus->names = sandbox_spawn(&inner, &command, error);
	if (bus->names < 0)
		return FALSE;
	bus->names_child = g_child_watch_add(bus->names, names_ended, bus);
	return TRUE;
}

static gboolean proxy_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct bus *bus = data;
	g_autoptr(GError) error = NULL;
	char byte;
	bus->ready_source = 0;
	// At the end of file instead of a byte, its end follows.
	if (read(fd, &byte, 1) != 1)
		return G_SOURCE_REMOVE;
	g_source_remove(bus->timer);
	bus->timer = 0;
	if (!start_names(bus, &error))
		begin_anew(bus, error->message);
	return G_SOURCE_REMOVE;
}

static gboolean start_proxy(struct bus *bus, GError **error)
{
	g_autofree char *folder = g_build_filename(bus->session->runtime.path, RUNTIME_BUS, NULL);
	g_autofree char *proxy = spawn_find_system("xdg-dbus-proxy", "xdg-dbus-proxy", error);
	int ready[2], status[2];
	autoargs inner, outer;
	args_init(&inner);
	args_init(&outer);
	if (!proxy || !add_sandbox(bus, &inner, folder, error))
		return FALSE;
	if (pipe2(ready, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot make a pipe");
	autofd ready_read = ready[0], ready_write = ready[1];
	if (pipe2(status, O_CLOEXEC) < 0)
		return error_set_errno(error, errno, "cannot make a pipe");
	autofd status_read = status[0];
	args_add(&inner, "--info-fd");
	args_add_fd(&inner, status[1]);
	int words = proxy_words(bus, error);
	if (words < 0)
		return FALSE;
	args_add(&outer, proxy);
	args_add_fd_option(&outer, "--args", words);
	args_add_fd_option(&outer, "--fd", fd_steal(&ready_write));
	bus->proxy = sandbox_spawn(&inner, &outer, error);
	if (bus->proxy < 0)
		return FALSE;
	bus->ready = fd_steal(&ready_read);
	bus->status = fd_steal(&status_read);
	bus->ready_source = g_unix_fd_add(bus->ready, G_IO_IN | G_IO_HUP, proxy_ready, bus);
	bus->status_source = g_unix_fd_add(bus->status, G_IO_IN | G_IO_HUP, status_came, bus);
	bus->proxy_child = g_child_watch_add(bus->proxy, proxy_ended, bus);
	bus->timer = g_timeout_add(READY_MS, not_ready, bus);
	return TRUE;
}

static gboolean somebody_came(gint listener, GIOCondition condition, gpointer data)
{
	struct bus *bus = data;
	g_autoptr(GError) error = NULL;
	bus->door = 0;
	if (!start_proxy(bus, &error))
		begin_anew(bus, error->message);
	return G_SOURCE_REMOVE;
}

static void watch_door(struct bus *bus)
{
	bus->door = g_unix_fd_add(bus->listener, G_IO_IN, somebody_came, bus);
}

/* The folder of documents is there once its service runs, and it runs once somebody asked. Later in a login session this is
 * two system calls. */
static void make_documents_ready(const char *project)
{
	struct stat above, found;
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	g_autofree char *documents = g_build_filename(runtime, "doc", NULL);
	// A file system of its own is mounted there; it answers no statfs().
	if (stat(runtime, &above) == 0 && stat(documents, &found) == 0 && above.st_dev != found.st_dev)
		return;
	g_autoptr(GError) error = NULL;
	g_autofree char *helper = spawn_find_own("isolate-bus", &error);
	const char *const argv[] = {helper, "--documents", NULL};
	g_auto(GStrv) env = spawn_environment();
	int status = 0;
	if (helper &&
		g_spawn_sync(
			"/", (char **)argv, env, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error) &&
		g_spawn_check_wait_status(status, &error))
		return;
	log_info("%s has no document portal, so it cannot read what is picked in a dialog: %s", project,
		error ? error->message : "it does not start");
}

static gboolean is_named(const struct plan *plan)
{
	for (guint i = 0; i < plan->permissions->len; i++)
		if (g_str_has_prefix(plan->permissions->pdata[i], "bus ") &&
			strcmp(plan->permissions->pdata[i], "bus portals") != 0)
			return TRUE;
	return FALSE;
}

static gboolean begin(struct bus *bus, GError **error)
{
	const struct plan *plan = bus->session->plan;
	g_autofree char *id = instance_id(plan->project);
	bus->instance = g_build_filename(g_getenv("XDG_RUNTIME_DIR"), ".flatpak", id, NULL);
	if (!find_bus(bus, error))
		return FALSE;
	if (g_mkdir_with_parents(bus->instance, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", bus->instance);
	g_autofree char *proxy = spawn_find_system("xdg-dbus-proxy", "xdg-dbus-proxy", error);
	g_autofree char *door = g_build_filename(bus->session->runtime.path, PLAN_SOCKETS_DIR, PLAN_BUS_NAME, NULL);
	if (!proxy)
		return FALSE;
	bus->listener = socket_listen(door, SOCK_STREAM | SOCK_NONBLOCK);
	if (bus->listener < 0)
		return error_set_errno(error, errno, "cannot listen at %s", door);
	watch_door(bus);
	if (plan->portals)
		make_documents_ready(plan->project);
	return TRUE;
}

gboolean bus_start(struct session *session, struct bus **bus, GError **error)
{
	g_autoptr(GError) cause = NULL;
	*bus = NULL;
	if (session->plan->bus->len == 0)
		return TRUE;
	struct bus *made = g_new0(struct bus, 1);
	*made = (struct bus){.session = session, .listener = -1, .ready = -1, .status = -1};
	if (begin(made, &cause)) {
		*bus = made;
		return TRUE;
	}
	bus_free(made);
	if (is_named(session->plan))
		return error_set(error, "cannot give %s what [Bus] names: %s", session->project, cause->message);
	log_info("%s has no session bus: %s", session->project, cause->message);
	return TRUE;
}

void bus_free(struct bus *bus)
{
	if (!bus)
		return;
	end_all(bus);
	fd_closep(&bus->listener);
	if (bus->instance) {
		g_autofree char *info = g_build_filename(bus->instance, "bwrapinfo.json", NULL);
		g_unlink(info);
		g_rmdir(bus->instance);
	}
	g_free(bus->address);
	g_free(bus->socket);
	g_free(bus->instance);
	g_free(bus);
}
