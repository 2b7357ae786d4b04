/* isolate-wlproxy: options, and what is started in which order. */
#include "connector.h"
#include "control.h"
#include "engine.h"
#include "error.h"
#include "fd.h"
#include "listener.h"
#include "log.h"
#include "policy-parse.h"
#include "proxy.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <wayland-server-core.h>

struct options {
	const char *listen, *upstream, *policy;
	int ready_fd, control_fd;
};

struct program {
	struct wl_event_loop *loop;
	struct connector *connector; // the proxy's, once that is there
	struct filter *filter;
	struct proxy *proxy;
	struct control *control;
	char *listen_path;
	bool listens; // there: to be removed at the end
	int lock_fd;
	bool ended;
};

static const char help[] =
	"isolate-wlproxy: a Wayland proxy that lets through what a policy allows.\n"
	"\n"
	"usage: isolate-wlproxy --listen SOCKET [--upstream SOCKET] [--policy FILE] [--ready-fd N]\n"
	"       isolate-wlproxy --control-fd N | --check\n"
	"\n"
	"  --listen SOCKET    listen here: a path, or a name in XDG_RUNTIME_DIR. Clients are started with\n"
	"                     WAYLAND_DISPLAY=SOCKET\n"
	"  --upstream SOCKET  the compositor (default: WAYLAND_DISPLAY)\n"
	"  --policy FILE      a keyfile with the groups Display and Graphics of isolate.conf(5); without it the\n"
	"                     defaults apply. Profile=permissive in [Display] offers everything and changes nothing\n"
	"  --ready-fd N       write a newline to this descriptor when clients can connect, and close it\n"
	"  --control-fd N     take policy and listening sockets from isolate-session\n"
	"  --check            print how it is confined on this machine; exit status 1 when that is less than there "
	"could be\n"
	"  --help, --version\n"
	"\n"
	"ISOLATE_DEBUG=wire prints every message and what became of it; =attach lets debuggers look into it.\n"
	"Exit status: 0 after SIGTERM or SIGINT, 125 when it could not start or go on.\n";

static int parse_fd(const char *text, const char *option)
{
	char *end;
	errno = 0;
	long fd = strtol(text, &end, 10);
	if (errno || end == text || *end || fd < 0 || fd > INT_MAX || fd_set_cloexec((int)fd, true) < 0) {
		log_error("%s needs the number of an open descriptor, not '%s'", option, text);
		return -1;
	}
	return (int)fd;
}

/* What this host lets the proxy have, for isolate doctor. */
static int check(void)
{
	struct sandbox sandbox;
	char text[256];
	if (sandbox_enter(&sandbox) < 0) {
		log_error("cannot confine itself (%s): %s", sandbox.failed, strerror(errno));
		return ISOLATE_ERROR_FAILED;
	}
	sandbox_describe(&sandbox, text, sizeof text);
	puts(text);
	return sandbox_is_whole(&sandbox) ? 0 : 1;
}

/* Returns the exit status when there is nothing more to do, -1 otherwise. */
static int parse_options(struct options *options, int argc, char *argv[])
{
	enum {
		OPTION_LISTEN,
		OPTION_UPSTREAM,
		OPTION_POLICY,
		OPTION_READY,
		OPTION_CONTROL,
		OPTION_CHECK,
		OPTION_HELP,
		OPTION_VERSION
	};
	static const struct option table[] = {
		{"listen",	   required_argument, NULL, OPTION_LISTEN},
		{"upstream",		     required_argument, NULL, OPTION_UPSTREAM},
		{"policy",		   required_argument, NULL, OPTION_POLICY},
		{"ready-fd",required_argument, NULL, OPTION_READY},
		{"control-fd",   required_argument, NULL, OPTION_CONTROL},
		{"check",		  no_argument, NULL, OPTION_CHECK},
		{"help",		 no_argument, NULL, OPTION_HELP},
		{"version",		    no_argument, NULL, OPTION_VERSION},
		{0		  },
	};
	int option;
	while ((option = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		switch (option) {
		case OPTION_LISTEN:
			options->listen = optarg;
			break;
		case OPTION_UPSTREAM:
			options->upstream = optarg;
			break;
		case OPTION_POLICY:
			options->policy = optarg;
			break;
		case OPTION_READY:
			if ((options->ready_fd = parse_fd(optarg, "--ready-fd")) < 0)
				return ISOLATE_ERROR_FAILED;
			break;
		case OPTION_CONTROL:
			if ((options->control_fd = parse_fd(optarg, "--control-fd")) < 0)
				return ISOLATE_ERROR_FAILED;
			break;
		case OPTION_CHECK:
			return check();
		case OPTION_HELP:
			fputs(help, stdout);
			return 0;
		case OPTION_VERSION:
			puts("isolate-wlproxy " ISOLATE_VERSION);
			return 0;
		default:
			return ISOLATE_ERROR_FAILED;
		}
	}
	if (optind < argc) {
		log_error("unexpected argument '%s': see isolate-wlproxy --help", argv[optind]);
		return ISOLATE_ERROR_FAILED;
	}
	if (!options->listen == (options->control_fd < 0)) {
		log_error("needs either --listen SOCKET or --control-fd N: see isolate-wlproxy --help");
		return ISOLATE_ERROR_FAILED;
	}
	if (options->control_fd >= 0 && (options->upstream || options->policy)) {
		log_error("--upstream and --policy come over the control socket: leave them away with --control-fd");
		return ISOLATE_ERROR_FAILED;
	}
	return -1;
}

/* Every client takes several descriptors, and those that wait for the compositor to read come on top. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* As WAYLAND_DISPLAY has it: a path, or a name in XDG_RUNTIME_DIR. */
static char *resolve_socket(const char *name, GError **error)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	if (strchr(name, '/'))
		return g_canonicalize_filename(name, NULL);
	if (!runtime || runtime[0] != '/') {
		error_set(error, "cannot find the socket %s: set XDG_RUNTIME_DIR, or give a path", name);
		return NULL;
	}
	return g_build_filename(runtime, name, NULL);
}

static int on_signal(int number, void *data)
{
	struct program *program = data;
	program->ended = true;
	return 0;
}

static gboolean start_filter(
	struct program *program, struct policy *policy, const char *directory, audit_sink sink, GError **error)
{
	if (program->proxy) {
		filter_set_policy(program->filter, policy);
		proxy_set_policy(program->proxy, policy, directory);
		return TRUE;
	}
	program->filter = filter_create(program->loop, policy, sink, program->control);
	if (program->filter)
		program->proxy = proxy_create(program->loop, program->filter, program->connector);
	if (!program->proxy)
		return error_set_errno(error, errno, "cannot start the filter");
	if (program->control)
		filter_set_ask(program->filter, control_ask_sink, program->control);
	proxy_set_policy(program->proxy, policy, directory);
	return TRUE;
}

/* Standing alone -------------------------------------------------------------------------------------------------- */

static void report_ready(int fd)
{
	if (fd < 0)
		return;
	if (write(fd, "\n", 1) < 0)
		log_warning("nobody reads --ready-fd: %s", strerror(errno));
	close(fd);
}

static gboolean start_alone(struct program *program, const struct options *options, GError **error)
{
	const char *upstream = options->upstream ? options->upstream : g_getenv("WAYLAND_DISPLAY");
	g_autofree char *upstream_path = resolve_socket(upstream && *upstream ? upstream : "wayland-0", error);
	if (!upstream_path)
		return FALSE;
	if (strcmp(program->listen_path, upstream_path) == 0)
		return error_set(error, "%s cannot be its own compositor: name another with --upstream", upstream_path);
	struct policy *policy = options->policy ? policy_from_file(options->policy, error) : policy_new("default");
	if (!policy)
		return FALSE;
	gboolean started = start_filter(program, policy, "", audit_log_sink, error);
	policy_unref(policy);
	if (!started)
		return FALSE;
	char *why = NULL;
	int fd = listener_open(program->listen_path, &program->lock_fd, &why);
	if (fd < 0) {
		error_set(error, "%s", why ? why : "out of memory");
		free(why);
		return FALSE;
	}
	program->listens = true;
	if (proxy_listen(program->proxy, upstream_path, fd) < 0)
		return error_set_errno(error, errno, "cannot listen on %s", program->listen_path);
	return TRUE;
}

/* Under isolate-session -------------------------------------------------------------------------------------------- */

static gboolean on_policy(struct policy *policy, const char *directory, void *data, GError **error)
{
	struct program *program = data;
	gboolean ok = start_filter(program, policy, directory, control_audit_sink, error);
	policy_unref(policy);
	return ok;
}

static gboolean on_listen(const char *name, const char *upstream, int fd, void *data, GError **error)
{
	struct program *program = data;
	if (proxy_listen(program->proxy, upstream, fd) < 0)
		return error_set_errno(error, errno, "cannot listen for %s", name);
	return TRUE;
}

static gboolean on_activation(const char *token, void *data, GError **error)
{
	struct program *program = data;
	if (!program->filter)
		return error_set(error, "Activation came before Policy");
	filter_add_activation_token(program->filter, token);
	return TRUE;
}

/* Always FALSE. */
static gboolean refuse_move(bool push, bool primary, int number, GError **error)
{
	switch (number) {
	case ENODATA:
		return error_set(error,
			"there is nothing to move: %s, or %s=private was not set when its programs started",
			push ? "nothing was copied in the project"
			     : "the host has nothing, or no window of the project has the keyboard",
			primary ? "Primary" : "Clipboard");
	case EHOSTUNREACH:
		return error_set(error, "no window of the project has had input yet: click on one and try again");
	case EBUSY:
		return error_set(error, "it is being moved already: wait for that");
	case EFBIG:
		return error_set(error, "it is larger than a clipboard may be (MaxClipboard): nothing was moved");
	case ETIMEDOUT:
		return error_set(error, "the program in which it was copied does not send it: copy it again");
	default:
		return error_set_errno(error, number, "cannot move the selection");
	}
}

/* Who waits for what is copied from the host. */
struct pull {
	struct program *program;
	bool primary;
	uint32_t serial;
};

static void on_pulled(int number, void *data)
{
	g_autofree struct pull *pull = data;
	g_autoptr(GError) error = NULL;
	if (number != 0)
		refuse_move(false, pull->primary, number, &error);
	control_reply(pull->program->control, pull->serial, error);
}

static gboolean on_move(bool push, bool primary, uint32_t serial, bool *later, void *data, GError **error)
{
	struct program *program = data;
	if (!program->filter)
		return error_set(error, "Move came before Policy");
	if (push)
		return filter_push_selection(program->filter, primary) == 0 || refuse_move(push, primary, errno, error);
	struct pull *pull = g_new(struct pull, 1);
	*pull = (struct pull){program, primary, serial};
	if (filter_pull_selection(program->filter, primary, on_pulled, pull) < 0) {
		int number = errno;
		g_free(pull);
		return refuse_move(push, primary, number, error);
	}
	*later = true;
	return TRUE;
}

static bool on_answer(uint32_t id, enum ask_answer answer, void *data)
{
	struct program *program = data;
	return program->filter && filter_answer(program->filter, id, answer);
}

static void on_ended(void *data)
{
	struct program *program = data;
	program->ended = true;
}

static gboolean start_controlled(struct program *program, const struct options *options, GError **error)
{
	static const struct control_callbacks callbacks = {
		on_policy, on_listen, on_activation, on_move, on_answer, on_ended};
	program->control = control_create(program->loop, options->control_fd, &callbacks, program);
	if (!program->control)
		return error_set_errno(error, errno, "cannot use the control socket");
	return TRUE;
}

/* ---------------------------------------------------------------------------------------------------------------- */

/* What the caller had open is none of ours: neither a file nor the terminal of stdin. stderr stays. */
static int drop_inherited(const struct options *options)
{
	int first = options->ready_fd < options->control_fd ? options->ready_fd : options->control_fd;
	int second = options->ready_fd < options->control_fd ? options->control_fd : options->ready_fd;
	int kept[] = {STDERR_FILENO, first, second};
	int next = STDERR_FILENO;
	autofd null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -1;
	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
		if (fd != first && fd != second && dup2(null, fd) < 0)
			return -1;
	fd_closep(&null);
	for (size_t i = 0; i < G_N_ELEMENTS(kept); i++) {
		if (kept[i] > next && close_range((unsigned)next, (unsigned)kept[i] - 1, 0) < 0)
			return -1;
		next = MAX(next, kept[i] + 1);
	}
	return close_range((unsigned)next, ~0u, 0);
}

static gboolean confine(GError **error)
{
	struct sandbox sandbox;
	char text[256];
	if (sandbox_enter(&sandbox) < 0)
		return error_set_errno(error, errno, "cannot confine itself (%s)", sandbox.failed);
	sandbox_describe(&sandbox, text, sizeof text);
	if (sandbox.namespaces != 0)
		log_warning("is confined by %s: isolate doctor tells more", text);
	else
		log_debug("is confined by %s", text);
	return TRUE;
}

static int turn(struct program *program)
{
	return program->filter ? engine_dispatch(filter_engine(program->filter), -1)
			       : wl_event_loop_dispatch(program->loop, -1);
}

static gboolean run(struct program *program, const struct options *options, int connector_fd, GError **error)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	struct wl_event_source *sources[G_N_ELEMENTS(signals)] = {0};
	program->connector = connector_create(program->loop, connector_fd);
	if (!program->connector)
		return error_set_errno(error, errno, "cannot start");
	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		sources[i] = wl_event_loop_add_signal(program->loop, signals[i], on_signal, program);
	gboolean ok =
		options->listen ? start_alone(program, options, error) : start_controlled(program, options, error);
	// Before the first byte that a client wrote is read.
	ok = ok && confine(error);
	if (ok)
		report_ready(options->ready_fd);
	while (ok && !program->ended)
		if (turn(program) < 0 && errno != EINTR)
			ok = error_set_errno(error, errno, "the event loop failed");
	for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
		if (sources[i])
			wl_event_source_remove(sources[i]);
	return ok;
}

static void finish(struct program *program)
{
	if (program->listens)
		connector_remove_listener(program->connector);
	if (!program->proxy)
		connector_destroy(program->connector);
	proxy_destroy(program->proxy);
	filter_destroy(program->filter);
	control_destroy(program->control);
	wl_event_loop_destroy(program->loop);
	fd_closep(&program->lock_fd);
	g_free(program->listen_path);
}

int main(int argc, char *argv[])
{
	struct options options = {.ready_fd = -1, .control_fd = -1};
	struct program program = {.lock_fd = -1};
	g_autoptr(GError) error = NULL;
	if (fd_fill_stdio() < 0)
		return ISOLATE_ERROR_FAILED;
	log_init("isolate-wlproxy");
	if (argc < 1)
		return ISOLATE_ERROR_FAILED;
	int status = parse_options(&options, argc, argv);
	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	raise_descriptor_limit();
	if (options.listen && !(program.listen_path = resolve_socket(options.listen, &error))) {
		log_error("%s", error->message);
		return ISOLATE_ERROR_FAILED;
	}
	int connector_fd = drop_inherited(&options) < 0 ? -1 : connector_spawn(program.listen_path);
	program.loop = connector_fd < 0 ? NULL : wl_event_loop_create();
	if (!program.loop) {
		log_error("cannot start: %s", strerror(errno));
		return ISOLATE_ERROR_FAILED;
	}
	if (!run(&program, &options, connector_fd, &error))
		log_error("%s", error->message);
	finish(&program);
	return error ? ISOLATE_ERROR_FAILED : 0;
}
