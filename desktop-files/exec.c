#include "exec.h"

#include <string.h>

/* Without quotes a word may hold none of these: the specification's list. */
static const char reserved[] = " \t\n\r\"'\\><~|&;$*?#()`";

static void append_word(GString *out, const char *word)
{
	gboolean quote = !*word || strpbrk(word, reserved);
	if (quote)
		g_string_append_c(out, '"');
	for (const char *c = word; *c; c++) {
		if (strchr("\"`$\\", *c))
			g_string_append_c(out, '\\');
		if (*c == '%') // a field code is expanded inside quotes too
			g_string_append_c(out, '%');
		g_string_append_c(out, *c);
	}
	if (quote)
		g_string_append_c(out, '"');
}

char *desktop_exec(const char *const *argv, const char *field)
{
	GString *out = g_string_new(NULL);
	for (; *argv; argv++) {
		if (out->len > 0)
			g_string_append_c(out, ' ');
		append_word(out, *argv);
	}
	if (field)
		g_string_append_printf(out, " %s", field);
	return g_string_free(out, FALSE);
}
