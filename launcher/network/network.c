#include "network.h"

#include "error.h"
#include "log.h"
#include "routes.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

enum { WAIT_US = 1000 * 1000, STEP_US = 250, RESTARTS_MAX = 5, RESTARTS_WITHIN_S = 10, FORWARDS_MAX = 32 };

static gboolean load_rules(struct network *network, GError **error)
{
	g_autoptr(GArray) nearby = routes_nearby(error);
	if (!nearby)
		return FALSE;
	network->rules.nearby = nearby;
	g_autoptr(GString) script = g_string_new(NULL);
	rules_write(&network->rules, script);
	network->rules.nearby = NULL;
	if (network->script && g_string_equal(script, network->script))
		return TRUE;
	const char *const argv[] = {network->nft, "-f", "-", NULL};
	g_autofree char *input = g_strconcat(network->script ? RULES_REPLACE : "", script->str, NULL);
	if (!enter_and_run(network->namespace, argv, input, error))
		return FALSE;
	if (network->script)
		g_string_free(network->script, TRUE);
	network->script = g_steal_pointer(&script);
	return TRUE;
}

static gboolean has_ended(struct pasta *pasta)
{
	if (pasta->pid == 0 || waitpid(pasta->pid, NULL, WNOHANG) != pasta->pid)
		return pasta->pid == 0;
	pasta->pid = 0;
	if (pasta->errors >= 0)
		pasta_listen(pasta);
	pasta_stop(pasta);
	return TRUE;
}

static const char *words(const struct pasta *pasta)
{
	return *pasta->last ? pasta->last : "it said nothing";
}

/* Until the interface is there, for a moment; a host whose network comes and goes can be that slow. */
static gboolean wait_for_interface(struct network *network, GError **error)
{
	for (int waited = 0; waited < WAIT_US; waited += STEP_US) {
		network->up = enter_leads_out(&network->inside);
		if (network->up)
			return TRUE;
		if (has_ended(&network->pasta))
			return error_set(error, "%s failed: %s", network->program, words(&network->pasta));
		g_usleep(STEP_US);
	}
	log_warning("the network of %s is slow to come", network->project);
	network->up = TRUE;
	return TRUE;
}

static char *read_resolver(void)
{
	char *content = NULL;
	return g_file_get_contents("/etc/resolv.conf", &content, NULL, NULL) ? content : g_strdup("");
}

static gboolean start_pasta(struct network *network, GError **error)
{
	g_free(network->resolver);
	network->resolver = read_resolver();
	return pasta_start(&network->pasta, network->program, network->namespace, network->ports, error);
}

gboolean network_start(struct network *network, GError **error)
{
	if (!enter_open_probe(-1, &network->host) || !enter_open_probe(network->namespace, &network->inside))
		return error_set_errno(error, errno, "cannot make a socket in the container's network");
	for (guint i = 0; i < network->configured->len; i++)
		if (!pasta_port_is_free(g_array_index(network->configured, struct pasta, i).port, error))
			return FALSE;
	gboolean online = enter_leads_out(&network->host);
	if (!online)
		log_warning("this machine has no network: %s gets one when there is", network->project);
	// Beside each other: nothing runs in the container before both are done.
	if (online && !start_pasta(network, error))
		return FALSE;
	return load_rules(network, error) && (!online || wait_for_interface(network, error));
}

void network_stop(struct network *network)
{
	pasta_stop(&network->pasta);
	g_ptr_array_set_size(network->forwards, 0);
	network->up = FALSE;
}

gboolean network_refresh(struct network *network, GError **error)
{
	if (!load_rules(network, error)) {
		// Without rules for what the host is now, rather none.
		network_stop(network);
		return FALSE;
	}
	// pasta reads it once, and a laptop that moves has another one.
	g_autofree char *resolver = read_resolver();
	if (network->pasta.pid > 0 && strcmp(resolver, network->resolver) != 0) {
		log_info("this machine asks another resolver for names: the network of %s starts anew",
			network->project);
		pasta_stop(&network->pasta);
	}
	if (network->pasta.pid > 0 || !enter_leads_out(&network->host))
		return TRUE;
	g_autoptr(GError) cause = NULL;
	if (start_pasta(network, &cause) && wait_for_interface(network, &cause))
		log_info("%s has a network again", network->project);
	else
		log_warning("%s has no network: %s", network->project, cause->message);
	return TRUE;
}

static void pasta_ended(struct network *network)
{
	g_autoptr(GError) error = NULL;
	gint64 now = g_get_monotonic_time();
	network->up = FALSE;
	if (now - network->restarts_since > RESTARTS_WITHIN_S * G_USEC_PER_SEC) {
		network->restarts_since = now;
		network->restarts = 0;
	}
	gboolean again = ++network->restarts <= RESTARTS_MAX && enter_leads_out(&network->host);
	log_warning("pasta has ended, and the network of %s with it (%s)%s", network->project, words(&network->pasta),
		again ? "; it is started again" : "");
	if (again && !(start_pasta(network, &error) && wait_for_interface(network, &error)))
		log_warning("%s has no network: %s", network->project, error->message);
}

gboolean network_reap(struct network *network)
{
	gboolean changed = FALSE;
	if (network->pasta.pid > 0 && has_ended(&network->pasta)) {
		pasta_ended(network);
		changed = TRUE;
	}
	for (guint i = network->forwards->len; i-- > 0;) {
		struct pasta *forward = network->forwards->pdata[i];
		if (!has_ended(forward))
			continue;
		log_warning(
			"port %u is no longer forwarded to %s: %s", forward->port, network->project, words(forward));
		g_ptr_array_remove_index(network->forwards, i);
		changed = TRUE;
	}
	return changed;
}

static struct pasta *find(const struct network *network, unsigned port)
{
	for (guint i = 0; i < network->forwards->len; i++)
		if (((struct pasta *)network->forwards->pdata[i])->port == port)
			return network->forwards->pdata[i];
	return NULL;
}

static gboolean is_configured(const struct network *network, unsigned port)
{
	for (guint i = 0; i < network->configured->len; i++)
		if (g_array_index(network->configured, struct pasta, i).port == port)
			return TRUE;
	return FALSE;
}

/* It listens once nobody else can. */
static gboolean wait_for_port(struct pasta *forward, GError **error)
{
	for (int waited = 0; waited < WAIT_US; waited += STEP_US) {
		if (has_ended(forward))
			return error_set(error, "port %u cannot be forwarded: %s", forward->port, words(forward));
		if (!pasta_port_is_free(forward->port, NULL))
			return TRUE;
		g_usleep(STEP_US);
	}
	return error_set(error, "port %u cannot be forwarded: pasta does not answer", forward->port);
}

gboolean network_forward(struct network *network, unsigned port, unsigned inside, GError **error)
{
	if (find(network, port) || is_configured(network, port))
		return error_set(error, "port %u is forwarded to %s already", port, network->project);
	if (network->forwards->len >= FORWARDS_MAX)
		return error_set(error, "%s has %d ports that were forwarded later: that is the most", network->project,
			FORWARDS_MAX);
	if (!network->up)
		return error_set(error, "%s has no network now", network->project);
	if (!pasta_port_is_free(port, error))
		return FALSE;
	struct pasta *forward = g_new(struct pasta, 1);
	*forward = (struct pasta){.errors = -1, .port = port, .inside = inside};
	if (pasta_start(forward, network->program, network->namespace, NULL, error) && wait_for_port(forward, error)) {
		g_ptr_array_add(network->forwards, forward);
		return TRUE;
	}
	pasta_stop(forward);
	g_free(forward);
	return FALSE;
}

gboolean network_unforward(struct network *network, unsigned port, GError **error)
{
	struct pasta *forward = find(network, port);
	if (forward)
		g_ptr_array_remove(network->forwards, forward);
	else if (is_configured(network, port))
		return error_set(error, "port %u is forwarded by [Network] Forward= of %s: take it out there", port,
			network->project);
	else
		return error_set(error, "port %u is not forwarded to %s", port, network->project);
	return TRUE;
}

static void add(GVariantBuilder *list, const struct pasta *forward)
{
	g_autofree char *text = g_strdup_printf("%u:%u", forward->port, forward->inside);
	g_variant_builder_add(list, "s", text);
}

GVariant *network_list(const struct network *network)
{
	g_auto(GVariantBuilder) list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; i < network->configured->len; i++)
		add(&list, &g_array_index(network->configured, struct pasta, i));
	for (guint i = 0; i < network->forwards->len; i++)
		add(&list, network->forwards->pdata[i]);
	return g_variant_builder_end(&list);
}
