#include "client.h"

#include "display.h"
#include "error.h"
#include "fd.h"
#include "job.h"
#include "log.h"
#include "request.h"
#include "uplink.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>

static void client_free(struct client *client)
{
	if (client->source)
		g_source_remove(client->source);
	fd_closep(&client->socket);
	if (client->held)
		message_clear(client->held);
	g_free(client->held);
	g_free(client);
}

void client_drop(struct client *client)
{
	struct session *session = client->session;
	job_forget_client(session, client);
	if (session->display)
		display_forget_client(session->display, client);
	uplink_forget_client(session->uplink, client);
	for (guint i = session->stops->len; i > 0; i--)
		if (g_array_index(session->stops, struct client_wait, i - 1).client == client)
			g_array_remove_index_fast(session->stops, i - 1);
	g_ptr_array_remove_fast(session->clients, client);
	client_free(client);
}

void client_send(struct client *client, guint32 serial, const char *name, GVariant *body, const int *fds, size_t n_fds)
{
	g_autoptr(GError) error = NULL;
	if (message_send(client->socket, serial, name, body, fds, n_fds, &error))
		return;
	// The end of file that this makes is read by client_ready(), when nobody holds a pointer.
	shutdown(client->socket, SHUT_RDWR);
}

void client_send_error(struct client *client, guint32 serial, const GError *error)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "code", "i", error_exit_status(error));
	g_variant_dict_insert(&body, "message", "s", error->message);
	client_send(client, serial, "Error", g_variant_dict_end(&body), NULL, 0);
}

static gboolean client_ready(gint socket, GIOCondition condition, gpointer data)
{
	struct client *client = data;
	automessage message;
	g_autoptr(GError) error = NULL;
	int n = message_recv(socket, &message, &error);
	if (n > 0) {
		request_serve(client, &message);
		if (!client->held)
			return G_SOURCE_CONTINUE;
		client->source = 0;
		return G_SOURCE_REMOVE;
	}
	if (n < 0)
		log_warning("a client of the control socket is dropped: %s", error->message);
	client->source = 0;
	client_drop(client);
	return G_SOURCE_REMOVE;
}

void client_hold(struct client *client, struct message *message)
{
	client->held = g_memdup2(message, sizeof *message);
	memset(message, 0, sizeof *message);
}

void client_resume_all(struct session *session)
{
	for (guint i = 0; i < session->clients->len; i++) {
		struct client *client = session->clients->pdata[i];
		struct message *message = g_steal_pointer(&client->held);
		if (!message)
			continue;
		client->source = g_unix_fd_add(client->socket, G_IO_IN | G_IO_HUP, client_ready, client);
		request_serve(client, message);
		message_clear(message);
		g_free(message);
	}
}

void client_add(struct session *session, int socket)
{
	struct client *client = g_new0(struct client, 1);
	*client = (struct client){.session = session, .socket = socket};
	client->source = g_unix_fd_add(socket, G_IO_IN | G_IO_HUP, client_ready, client);
	g_ptr_array_add(session->clients, client);
}

gboolean client_accept_all(struct session *session)
{
	for (;;) {
		int socket = accept4(session->runtime.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (socket < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (socket < 0)
			return errno == EAGAIN;
		client_add(session, socket);
	}
}
