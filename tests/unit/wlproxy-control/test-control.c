/* The control socket: requests, their answers, audit events, and a peer that misbehaves or leaves. */
#include "control.h"
#include "fd.h"
#include "message.h"

#include <string.h>
#include <sys/socket.h>
#include <wayland-server-core.h>

struct fixture {
	struct wl_event_loop *loop;
	struct control *control;
	int peer;
	struct policy *policy;
	char *directory, *listened, *upstream, *token;
	int listen_fd;
	bool ended;
	unsigned answered, moved;
	bool put_off; // what is moved
	guint32 moving;
};

static gboolean take_policy(struct policy *policy, const char *directory, void *data, GError **error)
{
	struct fixture *f = data;
	policy_unref(f->policy);
	f->policy = policy;
	g_free(f->directory);
	f->directory = g_strdup(directory);
	return TRUE;
}

static gboolean take_listen(const char *name, const char *upstream, int fd, void *data, GError **error)
{
	struct fixture *f = data;
	f->listened = g_strdup(name);
	f->upstream = g_strdup(upstream);
	f->listen_fd = fd;
	return TRUE;
}

static gboolean take_activation(const char *token, void *data, GError **error)
{
	((struct fixture *)data)->token = g_strdup(token);
	return TRUE;
}

static gboolean take_move(bool push, bool primary, uint32_t serial, bool *later, void *data, GError **error)
{
	struct fixture *f = data;
	f->moved = 1 + 2 * push + 4 * primary;
	f->moving = serial;
	*later = f->put_off;
	return TRUE;
}

static bool take_answer(uint32_t id, enum ask_answer answer, void *data)
{
	struct fixture *f = data;
	f->answered = id * 10 + answer;
	return id == 7;
}

static void take_end(void *data)
{
	((struct fixture *)data)->ended = true;
}

static const struct control_callbacks callbacks = {
	take_policy, take_listen, take_activation, take_move, take_answer, take_end};

static void set_up(struct fixture *f, gconstpointer data)
{
	int fds[2];
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), ==, 0);
	f->loop = wl_event_loop_create();
	f->listen_fd = -1;
	f->peer = fds[0];
	f->control = control_create(f->loop, fds[1], &callbacks, f);
	g_assert_nonnull(f->control);
}

static void tear_down(struct fixture *f, gconstpointer data)
{
	control_destroy(f->control);
	fd_closep(&f->peer);
	fd_closep(&f->listen_fd);
	wl_event_loop_destroy(f->loop);
	policy_unref(f->policy);
	g_free(f->directory);
	g_free(f->listened);
	g_free(f->upstream);
	g_free(f->token);
}

/* Sends a request and returns the name of the reply; *text gets the message of an Error. */
static char *call(struct fixture *f, const char *name, const char *body, const int *fd, char **text)
{
	static guint32 serial;
	g_autoptr(GError) error = NULL;
	automessage reply = {0};
	serial++;
	g_assert_true(message_send(f->peer, serial, name, g_variant_new_parsed(body), fd, fd ? 1 : 0, &error));
	wl_event_loop_dispatch(f->loop, 1000);
	g_assert_cmpint(message_recv(f->peer, &reply, &error), ==, 1);
	g_assert_cmpuint(reply.serial, ==, serial);
	const char *found = "";
	g_variant_lookup(reply.body, "message", "&s", &found);
	if (text)
		*text = g_strdup(found);
	return g_strdup(reply.name);
}

static void expect(struct fixture *f, const char *name, const char *body, const int *fd, const char *reply)
{
	g_autofree char *text = NULL;
	g_autofree char *got = call(f, name, body, fd, &text);
	if (strcmp(got, reply) != 0)
		g_error("%s: %s “%s”", name, got, text);
}

static void test_requests(struct fixture *f, gconstpointer data)
{
	expect(f, "Policy",
		"@a{sv} {'project': <'first'>, 'policy': <@a{sv} {'Clipboard': <'deny'>}>, "
		"'directory': <b'/run/x'>}",
		NULL, "Done");
	g_assert_cmpstr(f->policy->project, ==, "first");
	g_assert_cmpint(f->policy->answers[POLICY_CLIPBOARD], ==, POLICY_DENY);
	g_assert_cmpstr(f->directory, ==, "/run/x");
	expect(f, "Listen", "@a{sv} {'name': <'w'>, 'upstream': <b'/run/wayland-1'>}", &f->peer, "Done");
	g_assert_cmpstr(f->listened, ==, "w");
	g_assert_cmpstr(f->upstream, ==, "/run/wayland-1");
	g_assert_cmpint(f->listen_fd, >=, 0);
	expect(f, "Activation", "@a{sv} {'token': <'t'>}", NULL, "Done");
	g_assert_cmpstr(f->token, ==, "t");
	expect(f, "Answer", "@a{sv} {'id': <uint32 7>, 'answer': <'always'>}", NULL, "Done");
	g_assert_cmpuint(f->answered, ==, 70 + ASK_ALWAYS);
	expect(f, "Answer", "@a{sv} {'id': <uint32 8>, 'answer': <'no'>}", NULL, "Done");
	expect(f, "Answer", "@a{sv} {'id': <uint32 7>, 'answer': <'yes'>}", NULL, "Error");
	expect(f, "Move", "@a{sv} {'to': <'host'>}", NULL, "Done");
	g_assert_cmpuint(f->moved, ==, 3);
	expect(f, "Move", "@a{sv} {'to': <'project'>, 'selection': <'Primary'>}", NULL, "Done");
	g_assert_cmpuint(f->moved, ==, 5);
	expect(f, "Move", "@a{sv} {'to': <'elsewhere'>}", NULL, "Error");
	expect(f, "Move", "@a{sv} {'to': <'host'>, 'selection': <'Third'>}", NULL, "Error");
	g_assert_false(f->ended);
}

static void expect_reply(struct fixture *f, guint32 serial, const char *name)
{
	automessage reply = {0};
	g_assert_cmpint(message_recv(f->peer, &reply, NULL), ==, 1);
	g_assert_cmpuint(reply.serial, ==, serial);
	g_assert_cmpstr(reply.name, ==, name);
}

/* An answer that is put off stops no other request, and comes once; after the end of the session it goes nowhere. */
static void test_later(struct fixture *f, gconstpointer data)
{
	g_autoptr(GError) error = g_error_new(G_FILE_ERROR, 0, "no");
	f->put_off = true;
	for (guint32 serial = 100; serial < 103; serial++) {
		GVariant *body = g_variant_new_parsed("@a{sv} {'to': <'project'>}");
		g_assert_true(message_send(f->peer, serial, "Move", body, NULL, 0, NULL));
		wl_event_loop_dispatch(f->loop, 1000);
		g_assert_cmpuint(f->moving, ==, serial);
	}
	expect(f, "Nothing", "@a{sv} {}", NULL, "Error");
	control_reply(f->control, 101, error);
	control_reply(f->control, 100, NULL);
	expect_reply(f, 101, "Error");
	expect_reply(f, 100, "Done");
	fd_closep(&f->peer);
	wl_event_loop_dispatch(f->loop, 1000);
	g_assert_true(f->ended);
	control_reply(f->control, 102, NULL);
}

static void test_errors(struct fixture *f, gconstpointer data)
{
	expect(f, "Listen", "@a{sv} {'name': <'w'>, 'upstream': <b'/run/wayland-1'>}", &f->peer, "Error");
	expect(f, "Policy", "@a{sv} {'project': <'first'>}", NULL, "Error");
	expect(f, "Policy", "@a{sv} {'policy': <@a{sv} {}>}", NULL, "Error");
	expect(f, "Policy", "'text'", NULL, "Error");
	expect(f, "Nothing", "@a{sv} {}", NULL, "Error");
	expect(f, "Activation", "@a{sv} {}", NULL, "Error");
	expect(f, "Policy", "@a{sv} {'project': <'first'>, 'policy': <@a{sv} {}>}", NULL, "Done");
	expect(f, "Listen", "@a{sv} {'name': <'w'>, 'upstream': <b'relative'>}", &f->peer, "Error");
	expect(f, "Listen", "@a{sv} {'name': <'w'>, 'upstream': <b'/run/wayland-1'>}", NULL, "Error");
	g_assert_cmpint(f->listen_fd, ==, -1);
	g_assert_false(f->ended);
}

static void test_garbage(struct fixture *f, gconstpointer data)
{
	g_assert_cmpint(send(f->peer, "garbage", 7, 0), ==, 7);
	wl_event_loop_dispatch(f->loop, 1000);
	g_assert_true(f->ended);
}

static void test_end(struct fixture *f, gconstpointer data)
{
	fd_closep(&f->peer);
	wl_event_loop_dispatch(f->loop, 1000);
	g_assert_true(f->ended);
	struct audit_record record = {.interface = "", .request = "", .key = ""};
	g_assert_false(control_audit_sink(&record, 1, f->control));
}

static void test_audit(struct fixture *f, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	automessage event = {0};
	struct audit_record record = {.time = 5,
		.pid = 7,
		.app = "foot",
		.interface = "wl_data_offer",
		.request = "receive",
		.key = "Clipboard",
		.allow = "Clipboard=allow",
		.count = 12};
	g_assert_true(control_audit_sink(&record, 1, f->control));
	g_assert_cmpint(message_recv(f->peer, &event, &error), ==, 1);
	g_assert_cmpstr(event.name, ==, "Audit");
	g_assert_cmpuint(event.serial, ==, 0);
	gint64 time;
	gint32 pid;
	guint32 count;
	const char *app, *interface, *request, *key, *allow;
	g_autoptr(GVariant) records = g_variant_lookup_value(event.body, "records", G_VARIANT_TYPE("aa{sv}"));
	g_autoptr(GVariant) first = g_variant_get_child_value(records, 0);
	g_assert_cmpuint(g_variant_n_children(records), ==, 1);
	g_assert_true(g_variant_lookup(first, "time", "x", &time) && time == 5);
	g_assert_true(g_variant_lookup(first, "pid", "i", &pid) && pid == 7);
	g_assert_true(g_variant_lookup(first, "count", "u", &count) && count == 12);
	g_assert_true(g_variant_lookup(first, "app", "&s", &app) && strcmp(app, "foot") == 0);
	g_assert_true(
		g_variant_lookup(first, "interface", "&s", &interface) && strcmp(interface, "wl_data_offer") == 0);
	g_assert_true(g_variant_lookup(first, "request", "&s", &request) && strcmp(request, "receive") == 0);
	g_assert_true(g_variant_lookup(first, "key", "&s", &key) && strcmp(key, "Clipboard") == 0);
	g_assert_true(g_variant_lookup(first, "allow", "&s", &allow) && strcmp(allow, "Clipboard=allow") == 0);
}

static void test_ask(struct fixture *f, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	automessage event = {0};
	struct ask_question question = {.id = 3, .key = "Clipboard", .app = "foot", .pid = 7};
	g_assert_true(control_ask_sink(&question, f->control));
	g_assert_cmpint(message_recv(f->peer, &event, &error), ==, 1);
	g_assert_cmpstr(event.name, ==, "Ask");
	guint32 id;
	gint32 pid;
	const char *key, *app;
	g_assert_true(g_variant_lookup(event.body, "id", "u", &id) && id == 3);
	g_assert_true(g_variant_lookup(event.body, "pid", "i", &pid) && pid == 7);
	g_assert_true(g_variant_lookup(event.body, "key", "&s", &key) && strcmp(key, "Clipboard") == 0);
	g_assert_true(g_variant_lookup(event.body, "app", "&s", &app) && strcmp(app, "foot") == 0);
}

/* A session that does not read: the sink says so, and nothing blocks. */
static void test_full(struct fixture *f, gconstpointer data)
{
	struct audit_record record = {.interface = "i", .request = "r", .key = "k"};
	int sent = 0;
	while (sent < 100000 && control_audit_sink(&record, 1, f->control))
		sent++;
	g_assert_cmpint(sent, <, 100000);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/control/" name, struct fixture, NULL, set_up, func, tear_down)
	ADD("requests", test_requests);
	ADD("later", test_later);
	ADD("errors", test_errors);
	ADD("garbage", test_garbage);
	ADD("end", test_end);
	ADD("audit", test_audit);
	ADD("ask", test_ask);
	ADD("full", test_full);
	return g_test_run();
}
