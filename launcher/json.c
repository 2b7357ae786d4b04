#include "json.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

/* Whatever must not be shown is written as its number: the text stays the same, and a terminal safe. */
static void append_char(GString *out, gunichar c)
{
	char plain[8] = "", clean[8];
	plain[g_unichar_to_utf8(c, plain)] = '\0';
	text_sanitize(clean, sizeof clean, plain);
	if (c == '"' || c == '\\')
		g_string_append_printf(out, "\\%s", plain);
	else if (strcmp(plain, clean) == 0)
		g_string_append(out, plain);
	else if (c < 0x10000)
		g_string_append_printf(out, "\\u%04x", c);
	else
		g_string_append_printf(
			out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff)); // two halves, in UTF-16
}

static void append_string(GString *out, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_string_append_c(out, '"');
	for (const char *p = valid; *p; p = g_utf8_next_char(p))
		append_char(out, g_utf8_get_char(p));
	g_string_append_c(out, '"');
}

static int compare_entries(const void *a, const void *b)
{
	g_autoptr(GVariant) x = g_variant_get_child_value(*(GVariant *const *)a, 0);
	g_autoptr(GVariant) y = g_variant_get_child_value(*(GVariant *const *)b, 0);
	return strcmp(g_variant_get_string(x, NULL), g_variant_get_string(y, NULL));
}

static void append_object(GString *out, GVariant *value)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	for (gsize i = 0; i < g_variant_n_children(value); i++)
		g_ptr_array_add(entries, g_variant_get_child_value(value, i));
	g_ptr_array_sort(entries, compare_entries);
	g_string_append_c(out, '{');
	for (guint i = 0; i < entries->len; i++) {
		g_autoptr(GVariant) name = g_variant_get_child_value(entries->pdata[i], 0);
		g_autoptr(GVariant) member = g_variant_get_child_value(entries->pdata[i], 1);
		g_string_append(out, i > 0 ? "," : "");
		append_string(out, g_variant_get_string(name, NULL));
		g_string_append_c(out, ':');
		json_append(out, member);
	}
	g_string_append_c(out, '}');
}

static void append_array(GString *out, GVariant *value)
{
	g_string_append_c(out, '[');
	for (gsize i = 0; i < g_variant_n_children(value); i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(value, i);
		g_string_append(out, i > 0 ? "," : "");
		json_append(out, child);
	}
	g_string_append_c(out, ']');
}

static void append_bytes(GString *out, GVariant *value)
{
	gsize size;
	const char *bytes = g_variant_get_fixed_array(value, &size, 1);
	g_autofree char *text = g_strndup(bytes ? bytes : "", size);
	append_string(out, text);
}

void json_append(GString *out, GVariant *value)
{
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_VARIANT)) {
		g_autoptr(GVariant) inner = g_variant_get_variant(value);
		json_append(out, inner);
	} else if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
		append_string(out, g_variant_get_string(value, NULL));
	} else if (g_variant_is_of_type(value, G_VARIANT_TYPE_BYTESTRING)) {
		append_bytes(out, value);
	} else if (g_variant_is_of_type(value, G_VARIANT_TYPE("a{s*}"))) {
		append_object(out, value);
	} else if (g_variant_is_of_type(value, G_VARIANT_TYPE_BYTE)) {
		g_string_append_printf(out, "%u", g_variant_get_byte(value));
	} else if (g_variant_is_container(value)) {
		append_array(out, value);
	} else {
		// Numbers and booleans are written alike in GVariant's text form and in JSON.
		g_autofree char *text = g_variant_print(value, FALSE);
		g_string_append(out, text);
	}
}

void json_print(GVariant *value)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(value);
	g_autoptr(GString) out = g_string_new(NULL);
	json_append(out, owned);
	g_string_append_c(out, '\n');
	fwrite(out->str, 1, out->len, stdout);
}
