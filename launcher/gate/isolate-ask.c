/* isolate-ask SOCKET PROJECT KEY IDENTITY: asks a person whether a program of a container may do what KEY is about, and
 * sends the answer over the socket: once, always or no, or in a line why nobody can be asked. The end of the socket takes
 * the question back. isolate-session starts one for each question. */
#include "error.h"
#include "fd.h"
#include "log.h"
#include "notice.h"
#include "text.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* As long as isolate-wlproxy waits; and for a bus that hangs. */
enum { TIMEOUT_MS = 30000, END_S = 60 };

static const struct {
	const char *key, *may, *wants;
} questions[] = {
	{"Clipboard",	      "read the clipboard",	    "wants to read what you copied"			   },
	{"Primary",	    "read the selection",	  "wants to read the text that you selected"	    },
	{"InhibitShortcuts", "have the desktop's keys", "wants the shortcuts of your desktop for its window"},
	{"StealFocus",       "come to the front",	    "wants to raise its window"			       },
};

struct ask {
	GMainLoop *loop;
	int socket;
};

static void answer(const struct ask *ask, const char *text)
{
	send(ask->socket, text, strlen(text), MSG_NOSIGNAL);
	g_main_loop_quit(ask->loop);
}

static void chosen(const char *id, const GError *error, gpointer data)
{
	answer(data, error ? error->message : id ? id : "no");
}

static gboolean withdrawn(gint socket, GIOCondition condition, gpointer data)
{
	g_main_loop_quit(((struct ask *)data)->loop);
	return G_SOURCE_REMOVE;
}

static void ask_person(struct ask *ask, const char *project, const char *key, const char *identity)
{
	static const struct notice_action actions[] = {
		{"once",	 "Allow once"},
		{"always", "Always"	   },
		{"no",     "Deny"	     },
	};
	struct notice *notice = NULL;
	g_autoptr(GError) error = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
		if (strcmp(questions[i].key, key) != 0)
			continue;
		g_autofree char *summary = g_strdup_printf("Let %s %s?", project, questions[i].may);
		// Some services draw no buttons, and few lines: what can be chosen is in the text too, in as few words as that takes.
		g_autofree char *body =
			g_strdup_printf("%s %s.\nAllow once, Deny, or Always: all of %s until it stops.", identity,
				questions[i].wants, project);
		notice = notice_choose(summary, body, actions, G_N_ELEMENTS(actions), TIMEOUT_MS, chosen, ask, &error);
	}
	if (!notice) {
		answer(ask, error ? error->message : "isolate-ask is of another version");
		return;
	}
	g_main_loop_run(ask->loop);
	notice_close(notice);
}

int main(int argc, char **argv)
{
	if (fd_fill_stdio() < 0)
		return ISOLATE_ERROR_FAILED;
	log_init("isolate-ask");
	int socket = argc == 5 ? atoi(argv[1]) : -1;
	if (socket <= 2 || fd_set_cloexec(socket, true) < 0 || !text_is_project_name(argv[2]) ||
		!g_utf8_validate(argv[4], -1, NULL)) {
		log_error(
			"isolate-session starts this program itself, when a program of a container asks for something");
		return ISOLATE_ERROR_FAILED;
	}
	alarm(END_S);
	struct ask ask = {.loop = g_main_loop_new(NULL, FALSE), .socket = socket};
	g_unix_fd_add(socket, G_IO_HUP, withdrawn, &ask);
	ask_person(&ask, argv[2], argv[3], argv[4]);
	g_main_loop_unref(ask.loop);
	return 0;
}
