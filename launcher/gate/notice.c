#include "notice.h"

#include "emulator.h"
#include "error.h"

#include <gio/gio.h>
#include <libnotify/notify.h>
#include <string.h>

struct notice {
	NotifyNotification *notification;
	void (*review)(gpointer data);
	gpointer data;
};

/* The servers that show markup take an unescaped path apart; the others would show the escapes. */
static char *body_for_server(const char *body)
{
	GList *capabilities = notify_get_server_caps();
	gboolean markup = g_list_find_custom(capabilities, "body-markup", (GCompareFunc)strcmp) != NULL;
	g_list_free_full(capabilities, g_free);
	return markup ? g_markup_escape_text(body, -1) : g_strdup(body);
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
