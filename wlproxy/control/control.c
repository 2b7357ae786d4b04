#include "control.h"

#include "error.h"
#include "fd.h"
#include "log.h"
#include "message.h"
#include "policy-parse.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <wayland-server-core.h>

struct control {
	int fd;
	struct wl_event_source *source;
	const struct control_callbacks *callbacks;
	void *data;
	bool has_policy;
	bool later; // the request at hand is answered afterwards
};

struct request {
	const char *name;
	gboolean (*handle)(struct control *control, struct message *message, GError **error);
};

/* A path of a socket, as ay with or without its NUL. NULL when absent or when it cannot be one. */
static char *lookup_path(GVariant *body, const char *key)
{
	g_autoptr(GVariant) value = g_variant_lookup_value(body, key, G_VARIANT_TYPE_BYTESTRING);
	gsize size = 0;
	const char *bytes = value ? g_variant_get_fixed_array(value, &size, 1) : NULL;
	if (size > 0 && bytes[size - 1] == '\0')
		size--;
	if (size == 0 || size >= sizeof((struct sockaddr_un *)NULL)->sun_path || bytes[0] != '/' ||
		memchr(bytes, '\0', size))
		return NULL;
	return g_strndup(bytes, size);
}

static gboolean handle_policy(struct control *control, struct message *message, GError **error)
{
	const char *project = "";
	g_variant_lookup(message->body, "project", "&s", &project);
	g_autoptr(GVariant) values = g_variant_lookup_value(message->body, "policy", G_VARIANT_TYPE_VARDICT);
	if (!values)
		return error_set(error, "the message Policy has no policy");
	struct policy *policy = policy_from_variant(project, values, error);
	if (!policy)
		return FALSE;
	g_autofree char *directory = lookup_path(message->body, "directory");
	gboolean ok = control->callbacks->policy(policy, directory ? directory : "", control->data, error);
	control->has_policy = control->has_policy || ok;
	return ok;
}

static gboolean handle_listen(struct control *control, struct message *message, GError **error)
{
	const char *name = "";
	g_variant_lookup(message->body, "name", "&s", &name);
	g_autofree char *upstream = lookup_path(message->body, "upstream");
	autofd fd = message_take_fd(message, 0);
	if (!control->has_policy)
		return error_set(error, "Listen came before Policy");
	if (!upstream || fd < 0)
		return error_set(error, "the message Listen needs upstream, an absolute path, and a socket");
	return control->callbacks->listen(name, upstream, fd_steal(&fd), control->data, error);
}

static gboolean handle_activation(struct control *control, struct message *message, GError **error)
{
	const char *token = "";
	g_variant_lookup(message->body, "token", "&s", &token);
	if (!*token)
		return error_set(error, "the message Activation has no token");
	return control->callbacks->activation(token, control->data, error);
}

static gboolean handle_answer(struct control *control, struct message *message, GError **error)
{
	static const char *const names[] = {[ASK_NO] = "no", [ASK_ONCE] = "once", [ASK_ALWAYS] = "always"};
	const char *answer = "";
	guint32 id = 0;
	g_variant_lookup(message->body, "id", "u", &id);
	g_variant_lookup(message->body, "answer", "&s", &answer);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(names[i], answer) == 0) {
			control->callbacks->answer(id, (enum ask_answer)i, control->data);
			return TRUE;
		}
	}
	return error_set(error, "an Answer is no, once or always");
}

static gboolean handle_move(struct control *control, struct message *message, GError **error)
{
	const char *to = "", *selection = "Clipboard";
	g_variant_lookup(message->body, "to", "&s", &to);
	g_variant_lookup(message->body, "selection", "&s", &selection);
	bool push = strcmp(to, "host") == 0, primary = strcmp(selection, "Primary") == 0;
	if ((!push && strcmp(to, "project") != 0) || (!primary && strcmp(selection, "Clipboard") != 0))
		return error_set(error, "a selection is the Clipboard or Primary, and moves to host or project");
	return control->callbacks->move(push, primary, message->serial, &control->later, control->data, error);
}

static const struct request requests[] = {
	{"Activation", handle_activation},
	{"Answer",	   handle_answer	},
	{"Listen",	   handle_listen	},
	{"Move",	 handle_move	    },
	{"Policy",	   handle_policy	},
};

static bool reply(struct control *control, guint32 serial, const GError *error)
{
	g_autoptr(GError) failed = NULL;
	GVariant *body = NULL;
	if (error) {
		GVariantDict dict;
		g_variant_dict_init(&dict, NULL);
		g_variant_dict_insert(&dict, "code", "i", error_exit_status(error));
		g_variant_dict_insert(&dict, "message", "s", error->message);
		body = g_variant_dict_end(&dict);
	}
	if (message_send(control->fd, serial, error ? "Error" : "Done", body, NULL, 0, &failed))
		return true;
	log_warning("control socket: %s", failed->message);
	return false;
}

void control_reply(struct control *control, uint32_t serial, const GError *error)
{
	if (control->source)
		reply(control, serial, error); // if that fails, reading does too
}

static bool dispatch(struct control *control, struct message *message)
{
	g_autoptr(GError) error = NULL;
	bool known = false;
	control->later = false;
	if (!g_variant_is_of_type(message->body, G_VARIANT_TYPE_VARDICT)) {
		error_set(&error, "the message %s has no a{sv}", message->name);
		return reply(control, message->serial, error);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(requests) && !known; i++) {
		known = strcmp(requests[i].name, message->name) == 0;
		if (known && !requests[i].handle(control, message, &error) && !error)
			error_set(&error, "%s failed", message->name);
	}
	if (!known)
		error_set(&error, "unknown request %s", message->name);
	return (control->later && !error) || reply(control, message->serial, error);
}

static int handle_readable(int fd, uint32_t mask, void *data)
{
	struct control *control = data;
	g_autoptr(GError) error = NULL;
	automessage message = {0};
	int received = message_recv(fd, &message, &error);
	if (received > 0 && dispatch(control, &message))
		return 0;
	if (received < 0)
		log_error("control socket: %s", error->message);
	wl_event_source_remove(control->source);
	control->source = NULL;
	control->callbacks->ended(control->data);
	return 0;
}

struct control *control_create(
	struct wl_event_loop *loop, int fd, const struct control_callbacks *callbacks, void *data)
{
	struct control *control = g_new0(struct control, 1);
	control->fd = fd;
	control->callbacks = callbacks;
	control->data = data;
	fd_set_cloexec(fd, true);
	if (fd_set_nonblocking(fd, true) == 0)
		control->source = wl_event_loop_add_fd(loop, fd, WL_EVENT_READABLE, handle_readable, control);
	if (control->source)
		return control;
	control_destroy(control);
	return NULL;
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	if (control->source)
		wl_event_source_remove(control->source);
	fd_closep(&control->fd);
	g_free(control);
}

static GVariant *record_to_variant(const struct audit_record *record)
{
	GVariantDict dict;
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "time", "x", record->time);
	g_variant_dict_insert(&dict, "pid", "i", (gint32)record->pid);
	g_variant_dict_insert(&dict, "app", "s", record->app);
	g_variant_dict_insert(&dict, "interface", "s", record->interface);
	g_variant_dict_insert(&dict, "request", "s", record->request);
	g_variant_dict_insert(&dict, "key", "s", record->key);
	g_variant_dict_insert(&dict, "allow", "s", record->allow);
	g_variant_dict_insert(&dict, "count", "u", record->count);
	return g_variant_dict_end(&dict);
}

bool control_audit_sink(const struct audit_record *records, size_t count, void *data)
{
	struct control *control = data;
	g_autoptr(GError) error = NULL;
	GVariantBuilder list;
	if (!control->source)
		return false;
	g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
	for (size_t i = 0; i < count; i++)
		g_variant_builder_add_value(&list, record_to_variant(&records[i]));
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert_value(&body, "records", g_variant_builder_end(&list));
	return message_send(control->fd, 0, "Audit", g_variant_dict_end(&body), NULL, 0, &error);
}

bool control_ask_sink(const struct ask_question *question, void *data)
{
	struct control *control = data;
	g_autoptr(GError) error = NULL;
	GVariantDict body;
	if (!control->source)
		return false;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "id", "u", question->id);
	g_variant_dict_insert(&body, "key", "s", question->key);
	g_variant_dict_insert(&body, "app", "s", question->app);
	g_variant_dict_insert(&body, "pid", "i", (gint32)question->pid);
	return message_send(control->fd, 0, "Ask", g_variant_dict_end(&body), NULL, 0, &error);
}
