/* What a person is shown before polkit asks: everything on the first time, the difference later, nothing raw. */
#include "statement.h"

#include <string.h>

static GPtrArray *lines(const char *first, ...)
{
	GPtrArray *array = g_ptr_array_new_with_free_func(g_free);
	va_list args;
	va_start(args, first);
	for (const char *line = first; line; line = va_arg(args, const char *))
		g_ptr_array_add(array, g_strdup(line));
	va_end(args);
	return array;
}

static void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		g_error("\"%s\" is not in:\n%s", part, text);
}

static void assert_silent(const char *text, const char *part)
{
	if (strstr(text, part))
		g_error("\"%s\" is in:\n%s", part, text);
}

static void test_first_time(void)
{
	g_autoptr(GPtrArray) set =
		lines("files ro /etc/x", "files rw /home/me/first", "network host", "odd thing", NULL);
	struct plan plan = {.project = (char *)"first", .title = (char *)"first", .permissions = set};
	g_autofree char *text = statement_for_terminal(&plan, NULL, FALSE), *body = statement_body(&plan, NULL);
	assert_says(text, "container first is to start for the first time");
	assert_silent(text, "(first)");
	for (gsize i = 0; i < 2; i++) {
		const char *shown = i ? body : text;
		assert_says(shown, "read the files in /etc/x\n");
		assert_says(shown, "read and change the files in /home/me/first\n");
		assert_says(shown, "- use the network as this computer does");
		assert_says(shown, "- odd thing\n");
	}
	assert_says(body, "isolate start --review first");
}

static void test_difference(void)
{
	g_autoptr(GPtrArray) set = lines("files rw /a", "files rw /b", "wayland", NULL);
	struct approval approved = {.permissions = lines("files rw /a", "wayland", NULL), .time = 1700000000};
	struct plan plan = {.project = (char *)"first", .title = (char *)"My first", .permissions = set};
	g_autofree char *text = statement_for_terminal(&plan, &approved, FALSE),
			*body = statement_body(&plan, &approved);
	assert_says(text, "first (My first) is to start with more than you approved on 2023-11-1");
	assert_says(text, "+ read and change the files in /b\n");
	assert_silent(text, "/a");
	assert_says(text, "2 more as approved before");
	assert_says(body, "+ read and change the files in /b\n");
	assert_silent(body, "/a");
	g_ptr_array_unref(approved.permissions);
}

static void test_review(void)
{
	g_autoptr(GPtrArray) set = lines("files rw /a", NULL);
	struct approval approved = {.permissions = set};
	struct plan plan = {.project = (char *)"first", .permissions = set};
	g_autofree char *text = statement_for_terminal(&plan, &approved, FALSE);
	assert_says(text, "as approved on");
	assert_says(text, "- read and change the files in /a\n");
}

/* One line stays one line, and nothing in it acts on the terminal or turns the reading direction. */
static void test_hostile(void)
{
	g_autoptr(GPtrArray) set =
		lines("files rw /x\n  - nothing\033[2K\r", "files rw /\342\200\256gpj.exe", "files rw /<b>\xff", NULL);
	struct plan plan = {.project = (char *)"first", .title = (char *)"a\033]0;x\007\nb", .permissions = set};
	g_autofree char *text = statement_for_terminal(&plan, NULL, FALSE), *body = statement_body(&plan, NULL);
	g_autofree char *summary = statement_summary(&plan, FALSE);
	assert_says(text, "/x?  - nothing?[2K?\n");
	for (gsize i = 0; i < 3; i++) {
		const char *shown = i == 0 ? text : i == 1 ? body : summary;
		assert_silent(shown, "\033");
		assert_silent(shown, "\r");
		assert_silent(shown, "\342\200\256");
		g_assert_true(g_utf8_validate(shown, -1, NULL));
	}
	gsize newlines = 0;
	for (const char *c = text; *c; c++)
		newlines += *c == '\n';
	g_assert_cmpuint(newlines, ==, 4);
}

/* A place that the host runs things from is said to be one. */
static void test_warning(void)
{
	static const struct {
		const char *path;
		gboolean warned;
	} rows[] = {
		{"files rw /home/me/.bashrc",			      TRUE },
		{"files rw /home/me/.config/autostart",		TRUE },
		{"files rw /home/me/.local/share/applications/x",	  TRUE },
		{"files rw /home/me/.local",			     TRUE },
		{"files rw /home/me/.ssh but hidden /home/me/.ssh/id", TRUE },
		{"files rw /home/me but ro /home/me/.bashrc",	      TRUE },
		{"files rw /home/me/.sshx",			    FALSE},
		{"files rw /home/me/Projects/first",		     FALSE},
		{"files ro /home/me/.bashrc",			      FALSE},
		{"network host",				       FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *words = statement_permission(rows[i].path);
		if ((strstr(words, "STARTS PROGRAMS") != NULL) != rows[i].warned)
			g_error("%s: %s", rows[i].path, words);
	}
}

/* So is a service of the session bus that acts for whoever asks. */
static void test_bus_warning(void)
{
	static const struct {
		const char *line;
		gboolean warned;
	} rows[] = {
		{"bus talk org.freedesktop.systemd1",						      TRUE },
		{"bus call org.freedesktop.Flatpak=org.freedesktop.Flatpak.Development.HostCommand", TRUE },
		{"bus own org.freedesktop.portal.Desktop",					   TRUE },
		{"bus talk org.freedesktop.impl.portal.PermissionStore",				 TRUE },
		{"bus talk org.freedesktop.Notifications",					   FALSE},
		{"bus own org.mpris.MediaPlayer2.mpv",					       FALSE},
		{"bus portals",								      FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *words = statement_permission(rows[i].line);
		if ((strstr(words, "LEAD OUT") != NULL) != rows[i].warned)
			g_error("%s: %s", rows[i].line, words);
	}
}

static void test_long(void)
{
	g_autoptr(GPtrArray) set = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *deep = g_strnfill(4000, 'd');
	for (int i = 0; i < 100; i++)
		g_ptr_array_add(set, g_strdup_printf("files rw /%03d/%s/end", i, deep));
	struct plan plan = {.project = (char *)"first", .permissions = set};
	g_autofree char *text = statement_for_terminal(&plan, NULL, FALSE), *body = statement_body(&plan, NULL);
	assert_says(text, "/099/");
	assert_says(text, "d/end\n");
	assert_says(body, "and 94 more.");
	g_assert_cmpuint(strlen(body), <, 1500);
}

int main(int argc, char **argv)
{
	g_setenv("HOME", "/home/me", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/statement/first-time", test_first_time);
	g_test_add_func("/statement/difference", test_difference);
	g_test_add_func("/statement/review", test_review);
	g_test_add_func("/statement/hostile", test_hostile);
	g_test_add_func("/statement/warning", test_warning);
	g_test_add_func("/gate/statement/bus-warning", test_bus_warning);
	g_test_add_func("/statement/long", test_long);
	return g_test_run();
}
