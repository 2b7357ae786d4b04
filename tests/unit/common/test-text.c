/* Text of others, before it is shown: one line, UTF-8, nothing that acts on a terminal or hides. */
#include "text.h"

#include <glib.h>
#include <string.h>

static void test_sanitize(void)
{
	static const char *const rows[][2] = {
		{"",			   ""	       },
		{"plain",			  "plain"	 },
		{"é漢😀",			 "é漢😀"},
		{"a\nb\rc\td",		       "a?b?c?d"	},
		{"\033[2J\007",		"?[2J?"    },
		{"\177",			 "?"	    },
		{"\302\233x",		      "?x"	  }, // C1, a control sequence of one character
		{"a\342\200\256b",		   "a?b"	}, // right-to-left override
		{"a\342\200\213b\357\273\277", "a?b?"     }, // zero width
		{"a\342\200\250b",		   "a?b"	}, // line separator
		{"a\363\240\201\241b",	       "a?b"	    }, // tag letters
		{"\377\376",		     "??"	 },
		{"\300\257",		     "??"	 },
		{"\355\240\200",		 "???"      },
		{"\364\220\200\200",	     "????"	   },
		{"\342\202",		     "??"	 },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *shown = text_dup_sanitized(rows[i][0], 100);
		g_assert_cmpstr(shown, ==, rows[i][1]);
	}
}

/* Whatever the bytes and the room: UTF-8, no longer than asked for, ended. */
static void test_any(void)
{
	for (int round = 0; round < 20000; round++) {
		char input[24], out[16];
		int length = g_test_rand_int_range(0, sizeof input);
		for (int i = 0; i < length; i++)
			input[i] = (char)g_test_rand_int_range(1, 256);
		input[length] = '\0';
		size_t size = (size_t)g_test_rand_int_range(1, sizeof out + 1);
		memset(out, 'x', sizeof out);
		size_t n = text_sanitize(out, size, input);
		g_assert_cmpuint(n, <, size);
		g_assert_cmpuint(n, ==, strlen(out));
		g_assert_true(g_utf8_validate(out, -1, NULL));
		for (size_t i = 0; i < n; i++)
			g_assert_false(g_ascii_iscntrl(out[i]));
	}
}

static void test_names(void)
{
	static const char *const good[] = {"a", "first", "a-b_9", "abcdefghijklmnopqrstuvwxyz012345"};
	static const char *const bad[] = {
		"", "A", "9a", "-a", "a.b", "a/b", "a b", "a\n", "é", "abcdefghijklmnopqrstuvwxyz0123456"};
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
		g_assert_true(text_is_project_name(good[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(text_is_project_name(bad[i]));
	g_assert_true(text_is_app_name("org.gnome.TextEditor"));
	g_assert_false(text_is_app_name(".hidden"));
	g_assert_false(text_is_app_name("-x"));
	g_assert_false(text_is_app_name("a/b"));
}

static void test_nearest(void)
{
	static const char *const words[] = {"status", "start", "stop", NULL};
	g_assert_cmpstr(text_nearest("strat", words), ==, "start");
	g_assert_cmpstr(text_nearest("Stop", words), ==, "stop");
	g_assert_null(text_nearest("firefox", words));
	g_assert_null(text_nearest("", words));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text/sanitize", test_sanitize);
	g_test_add_func("/text/any", test_any);
	g_test_add_func("/text/names", test_names);
	g_test_add_func("/text/nearest", test_nearest);
	return g_test_run();
}
