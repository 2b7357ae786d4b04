/* isolate-network --control-fd N: started by isolate-session for a container with Mode=internet. It joins the user namespace
 * that owns the container's network and stays in the host's, so that it can look at the one and set up the other. One thread:
 * setns(2) wants that. The messages are in docs/control-protocol.md. */
#include "error.h"
#include "fd.h"
#include "log.h"
#include "message.h"
#include "network.h"
#include "routes.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

// The resolver is written some time after an address has come.
enum { SETTLE_MS = 20, LATER_MS = 3000 };

struct program {
	int control, watch, children;
	struct network network;
};

static void forward_free(gpointer data)
{
	pasta_stop(data);
	g_free(data);
}

static gboolean take_subnets(GVariant *body, const char *key, GArray *subnets, GError **error)
{
	g_autofree const char **texts = NULL;
	if (!g_variant_lookup(body, key, "^a&s", &texts))
		return error_set(error, "%s is missing", key);
	for (const char **text = texts; *text; text++) {
		struct subnet subnet;
		if (!subnet_parse(*text, &subnet))
			return error_set(error, "%s is no network", *text);
		g_array_append_val(subnets, subnet);
	}
	return TRUE;
}

static gboolean take_forwards(GVariant *body, struct network *network, GError **error)
{
	g_autofree const char **texts = NULL;
	g_autoptr(GString) ports = g_string_new(NULL);
	if (!g_variant_lookup(body, "forward", "^a&s", &texts))
		return error_set(error, "forward is missing");
	for (const char **text = texts; *text; text++) {
		struct pasta forward = {.errors = -1};
		if (!forward_parse(*text, &forward.port, &forward.inside))
			return error_set(error, "%s is no port", *text);
		g_array_append_val(network->configured, forward);
		g_string_append_printf(
			ports, "%s%u:%u", ports->len > 0 ? "," : "127.0.0.1/", forward.port, forward.inside);
	}
	network->ports = ports->len > 0 ? g_strdup(ports->str) : NULL;
	return TRUE;
}

/* The first message says everything. */
static gboolean attach(struct program *program, GError **error)
{
	struct network *network = &program->network;
	automessage message;
	gint32 parent = 0;
	gboolean layered = FALSE;
	int n = message_recv(program->control, &message, error);
	if (n <= 0)
		return n < 0 ? FALSE : error_set(error, "this is started by isolate-session");
	autofd info = message_take_fd(&message, 0);
	GVariant *body = message.body;
	if (strcmp(message.name, "Attach") != 0 || info < 0 || !g_variant_lookup(body, "parent", "i", &parent) ||
		!g_variant_lookup(body, "project", "s", &network->project) ||
		!g_variant_lookup(body, "nft", "s", &network->nft) ||
		!g_variant_lookup(body, "pasta", "s", &network->program) ||
		!g_variant_lookup(body, "layered", "b", &layered) ||
		!g_variant_lookup(body, "lan", "b", &network->rules.lan))
		return error_set(error, "the first message is not Attach");
	if (!take_subnets(body, "allow", network->rules.allow, error) ||
		!take_subnets(body, "deny", network->rules.deny, error) || !take_forwards(body, network, error))
		return FALSE;
	network->namespace = enter_container(info, parent, layered, error);
	if (network->namespace < 0)
		return FALSE;
	// The change of rights has undone it, and the session may have ended meanwhile.
	struct pollfd session = {.fd = program->control};
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || poll(&session, 1, 0) != 0)
		return error_set(error, "the session has ended");
	return network_start(network, error);
}

static void send_state(struct program *program)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "up", "b", program->network.up);
	g_variant_dict_insert_value(&body, "forwards", network_list(&program->network));
	message_send(program->control, 0, "State", g_variant_dict_end(&body), NULL, 0, NULL);
}

static void send_error(struct program *program, guint32 serial, const GError *error)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "message", "s", error->message);
	message_send(program->control, serial, "Error", g_variant_dict_end(&body), NULL, 0, NULL);
}

static void serve_forward(struct program *program, const struct message *message)
{
	g_autoptr(GError) error = NULL;
	guint16 port = 0, inside = 0;
	gboolean removed = FALSE;
	g_variant_lookup(message->body, "port", "q", &port);
	g_variant_lookup(message->body, "inside", "q", &inside);
	g_variant_lookup(message->body, "remove", "b", &removed);
	gboolean done = removed ? network_unforward(&program->network, port, &error)
				: network_forward(&program->network, port, inside, &error);
	if (done) {
		send_state(program);
		message_send(program->control, message->serial, "Done", NULL, NULL, 0, NULL);
	} else {
		send_error(program, message->serial, error);
	}
}

/* FALSE at the end of the session. */
static gboolean serve(struct program *program)
{
	automessage message;
	if (message_recv(program->control, &message, NULL) <= 0)
		return FALSE;
	if (strcmp(message.name, "Forward") == 0 && g_variant_is_of_type(message.body, G_VARIANT_TYPE_VARDICT))
		serve_forward(program, &message);
	return TRUE;
}

static void refresh(struct program *program)
{
	g_autoptr(GError) error = NULL;
	gboolean was = program->network.up;
	if (!network_refresh(&program->network, &error))
		log_error("the network of %s is stopped: %s", program->network.project, error->message);
	if (was != program->network.up)
		send_state(program);
}

/* What the pastas say, and that they have ended. */
static void listen_to(struct pasta *pasta, const struct pollfd *poll_)
{
	if (poll_->revents && pasta->errors >= 0)
		pasta_listen(pasta);
}

static void loop(struct program *program)
{
	struct network *network = &program->network;
	int wait = -1;
	for (;;) {
		guint n = network->forwards->len;
		g_autofree struct pollfd *polls = g_new0(struct pollfd, 4 + n);
		polls[0] = (struct pollfd){.fd = program->control, .events = POLLIN};
		polls[1] = (struct pollfd){.fd = program->watch, .events = POLLIN};
		polls[2] = (struct pollfd){.fd = program->children, .events = POLLIN};
		polls[3] = (struct pollfd){.fd = network->pasta.errors, .events = POLLIN};
		for (guint i = 0; i < n; i++)
			polls[4 + i].fd = ((struct pasta *)network->forwards->pdata[i])->errors,
				  polls[4 + i].events = POLLIN;
		int ready = poll(polls, 4 + n, wait);
		if (ready < 0 && errno != EINTR)
			return;
		if (ready == 0) {
			// The host's addresses have come to rest.
			wait = wait == SETTLE_MS ? LATER_MS : -1;
			refresh(program);
			continue;
		}
		listen_to(&network->pasta, &polls[3]);
		for (guint i = 0; i < n; i++)
			listen_to(network->forwards->pdata[i], &polls[4 + i]);
		if (polls[2].revents) {
			struct signalfd_siginfo ignored;
			while (read(program->children, &ignored, sizeof ignored) > 0)
				;
			if (network_reap(network))
				send_state(program);
		}
		if (polls[1].revents) {
			routes_drain(program->watch);
			wait = SETTLE_MS;
		}
		if (polls[0].revents && !serve(program))
			return;
	}
}

static gboolean set_up(struct program *program, GError **error)
{
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	// Watched before it is read: what changes in between is seen.
	program->watch = routes_watch();
	if (sigprocmask(SIG_BLOCK, &child, NULL) < 0 || program->watch < 0)
		return error_set_errno(error, errno, "cannot watch this machine's addresses");
	program->children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	return program->children >= 0 || error_set_errno(error, errno, "cannot watch processes");
}

int main(int argc, char **argv)
{
	struct program program = {.watch = -1, .children = -1};
	struct network *network = &program.network;
	g_autoptr(GError) error = NULL;
	if (fd_fill_stdio() < 0)
		return ISOLATE_ERROR_FAILED;
	log_init("isolate-network");
	program.control = argc == 3 && strcmp(argv[1], "--control-fd") == 0 ? atoi(argv[2]) : -1;
	if (program.control <= STDERR_FILENO || fd_set_cloexec(program.control, true) < 0) {
		log_error("this is started by isolate-session");
		return ISOLATE_ERROR_FAILED;
	}
	*network = (struct network){
		.namespace = -1, .inside = {-1,	-1},
		     .host = {-1,	  -1},
		       .pasta = {.errors = -1}
	      };
	network->rules.allow = g_array_new(FALSE, FALSE, sizeof(struct subnet));
	network->rules.deny = g_array_new(FALSE, FALSE, sizeof(struct subnet));
	network->configured = g_array_new(FALSE, FALSE, sizeof(struct pasta));
	network->forwards = g_ptr_array_new_with_free_func(forward_free);
	if (set_up(&program, &error) && attach(&program, &error)) {
		send_state(&program);
		loop(&program);
	} else if (error) {
		send_error(&program, 0, error);
	}
	network_stop(network);
	return error ? ISOLATE_ERROR_FAILED : 0;
}
