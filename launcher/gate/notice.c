#include "notice.h"

#include "emulator.h"
#include "error.h"

#include <gio/gio.h>
#include <libnotify/notify.h>
#include <string.h>

struct notice {
	NotifyNotification *notification;
	void (*review)(gpointer data);
	void (*chosen)(const char *id, const GError *error, gpointer data); // NULL once it was called
	gpointer data;
	guint timer, watch;
};

static gboolean has_capability(const char *name)
{
	GList *capabilities = notify_get_server_caps();
	gboolean found = g_list_find_custom(capabilities, name, (GCompareFunc)strcmp) != NULL;
	g_list_free_full(capabilities, g_free);
	return found;
}

/* The servers that show markup take an unescaped path apart; the others would show the escapes. */
static char *body_for_server(const char *body)
{
	return has_capability("body-markup") ? g_markup_escape_text(body, -1) : g_strdup(body);
}

static void pressed(NotifyNotification *notification, char *action, gpointer data)
{
	struct notice *notice = data;
	notice->review(notice->data);
}

/* libnotify prints that there is no service besides returning it; we say it, once and in one line. */
static void quiet(const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
}

/* A notification that is not shown yet, or NULL where there is no service for it. */
static NotifyNotification *prepare(const char *summary, const char *body, const char *icon, GError **error)
{
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, error);
	if (!bus)
		return NULL;
	// The end of the session bus must not end the process in the middle of a question.
	g_dbus_connection_set_exit_on_close(bus, FALSE);
	if (!notify_is_initted() && !notify_init("isolate")) {
		error_set(error, "the notification service cannot be used");
		return NULL;
	}
	g_log_set_handler("libnotify", G_LOG_LEVEL_WARNING, quiet, NULL);
	g_autofree char *text = body_for_server(body);
	return notify_notification_new(summary, text, icon);
}

struct notice *notice_show(
	const char *summary, const char *body, void (*review)(gpointer data), gpointer data, GError **error)
{
	NotifyNotification *notification = prepare(summary, body, "security-high", error);
	if (!notification)
		return NULL;
	struct notice *notice = g_new0(struct notice, 1);
	notice->review = review;
	notice->data = data;
	notice->notification = notification;
	// Stays until it is closed: the password dialog is on screen meanwhile.
	notify_notification_set_urgency(notification, NOTIFY_URGENCY_CRITICAL);
	notify_notification_set_timeout(notification, NOTIFY_EXPIRES_NEVER);
	notify_notification_add_action(notification, "review", "Review", pressed, notice, NULL);
	if (!notify_notification_show(notification, error)) {
		notice_close(notice);
		return NULL;
	}
	return notice;
}

static void choose(struct notice *notice, const char *id, const GError *error)
{
	void (*chosen)(const char *, const GError *, gpointer) = notice->chosen;
	notice->chosen = NULL;
	if (chosen)
		chosen(id, error, notice->data);
}

static void action_pressed(NotifyNotification *notification, char *action, gpointer data)
{
	choose(data, action, NULL);
}

static void closed(NotifyNotification *notification, gpointer data)
{
	choose(data, NULL, NULL);
}

static gboolean timed_out(gpointer data)
{
	struct notice *notice = data;
	notice->timer = 0;
	choose(notice, NULL, NULL);
	return G_SOURCE_REMOVE;
}

static void service_ended(GDBusConnection *bus, const char *name, gpointer data)
{
	g_autoptr(GError) error = NULL;
	error_set(&error, "the notification service has ended");
	choose(data, NULL, error);
}

struct notice *notice_choose(const char *summary, const char *body, const struct notice_action *actions,
	size_t n_actions, unsigned timeout_ms, void (*chosen)(const char *id, const GError *error, gpointer data),
	gpointer data, GError **error)
{
	NotifyNotification *notification = prepare(summary, body, "dialog-question", error);
	if (!notification)
		return NULL;
	struct notice *notice = g_new0(struct notice, 1);
	*notice = (struct notice){.notification = notification, .chosen = chosen, .data = data};
	notify_notification_set_timeout(notification, (gint)timeout_ms);
	for (size_t i = 0; i < n_actions; i++)
		notify_notification_add_action(
			notification, actions[i].id, actions[i].label, action_pressed, notice, NULL);
	g_signal_connect(notification, "closed", G_CALLBACK(closed), notice);
	// Only now: to ask for its capabilities starts a service that is started on demand.
	gboolean shown = has_capability("actions") ? notify_notification_show(notification, error)
						   : error_set(error, "no notification service with buttons runs");
	if (!shown) {
		g_signal_handlers_disconnect_by_data(notification, notice);
		notice->chosen = NULL;
		g_object_unref(notification);
		g_free(notice);
		return NULL;
	}
	notice->timer = g_timeout_add(timeout_ms, timed_out, notice);
	notice->watch = g_bus_watch_name(G_BUS_TYPE_SESSION, "org.freedesktop.Notifications",
		G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, service_ended, notice, NULL);
	return notice;
}

gboolean notice_tell(const char *summary, const char *body, GError **error)
{
	NotifyNotification *notification = prepare(summary, body, "dialog-error", error);
	gboolean shown = notification && notify_notification_show(notification, error);
	g_clear_object(&notification);
	return shown;
}

void notice_close(struct notice *notice)
{
	if (!notice)
		return;
	if (notice->timer)
		g_source_remove(notice->timer);
	if (notice->watch)
		g_bus_unwatch_name(notice->watch);
	g_signal_handlers_disconnect_by_data(notice->notification, notice);
	notify_notification_close(notice->notification, NULL);
	g_object_unref(notice->notification);
	g_free(notice);
}

gboolean notice_open_review(const char *command, const char *project, GError **error)
{
	const char *const review[] = {command, "start", "--review", project, NULL};
	g_auto(GStrv) argv = emulator_argv(review, error);
	return argv && g_spawn_async(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, error);
}
