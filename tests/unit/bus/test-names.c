/* Names of a project's own: messages made and read by GIO, in both byte orders, and nonsense. */
#include "names.h"

#include <gio/gio.h>
#include <string.h>

static const char *const real[] = {"org.freedesktop.portal.Desktop", "org.example.*", "org.a.Own", NULL};
static const struct names names = {"isolate.first.", real};

static GDBusMessage *round_trip(GDBusMessage *message, GDBusMessageByteOrder order)
{
	gsize size;
	g_dbus_message_set_byte_order(message, order);
	g_dbus_message_set_serial(message, 7);
	g_autofree guchar *blob = g_dbus_message_to_blob(message, &size, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL);
	struct names_message found;
	gsize header = names_header_size(blob);
	g_assert_cmpuint(header, >, 0);
	g_assert_true(names_parse(blob, &found));
	g_assert_cmpuint(found.header, ==, header);
	g_assert_cmpuint(found.header + found.body, ==, size);
	g_autofree guchar *out = g_malloc(size + NAMES_GROWTH);
	gsize made = names_rewrite(&names, blob, &found, out);
	g_assert_cmpuint(made, <=, found.keep + NAMES_GROWTH);
	memcpy(out + made, blob + found.keep, size - found.keep);
	g_autoptr(GError) error = NULL;
	GDBusMessage *result = g_dbus_message_new_from_blob(
		out, made + size - found.keep, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, &error);
	g_assert_no_error(error);
	g_assert_cmpint(g_dbus_message_get_serial(result), ==, 7);
	return result;
}

static const GDBusMessageByteOrder orders[] = {
	G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN, G_DBUS_MESSAGE_BYTE_ORDER_BIG_ENDIAN};

static void test_destinations(void)
{
	static const char *const rows[][2] = {
		{"org.gnome.TextEditor",		 "isolate.first.org.gnome.TextEditor"},
		{"org.a.B",			    "isolate.first.org.a.B"		   },
		{"org.examples.X",		   "isolate.first.org.examples.X"	 },
		{"isolate.second.x",		     "isolate.first.isolate.second.x"    },
		{"org.freedesktop.portal.Desktop", "org.freedesktop.portal.Desktop"	   },
		{"org.example.Any.Thing",	  "org.example.Any.Thing"		 },
		{"org.a.Own",		      "org.a.Own"			 },
		{":1.5",			   ":1.5"			       },
		{"org.freedesktop.DBus",		 "org.freedesktop.DBus"	       },
		{"isolate.first.org.a.B",	  "isolate.first.org.a.B"		 },
	};
	for (gsize o = 0; o < G_N_ELEMENTS(orders); o++)
		for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
			g_autoptr(GDBusMessage) message =
				g_dbus_message_new_method_call(rows[i][0], "/a/b", "org.a.X", "Do");
			GVariant *body = g_variant_new("(sa{sv}d)", rows[i][0], NULL, 1.5);
			g_dbus_message_set_body(message, body);
			g_autoptr(GDBusMessage) result = round_trip(message, orders[o]);
			g_assert_cmpstr(g_dbus_message_get_destination(result), ==, rows[i][1]);
			g_assert_cmpstr(g_dbus_message_get_path(result), ==, "/a/b");
			g_assert_cmpstr(g_dbus_message_get_member(result), ==, "Do");
			g_assert_true(g_variant_equal(g_dbus_message_get_body(result), body));
		}
}

static void test_calls_to_the_bus(void)
{
	for (gsize o = 0; o < G_N_ELEMENTS(orders); o++) {
		g_autoptr(GDBusMessage) request = g_dbus_message_new_method_call(
			"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName");
		g_dbus_message_set_body(request, g_variant_new("(su)", "org.gnome.X", 4u));
		g_autoptr(GDBusMessage) requested = round_trip(request, orders[o]);
		g_autofree char *text = g_variant_print(g_dbus_message_get_body(requested), TRUE);
		g_assert_cmpstr(text, ==, "('isolate.first.org.gnome.X', uint32 4)");
		g_autoptr(GDBusMessage) ask = g_dbus_message_new_method_call(
			"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner");
		g_dbus_message_set_body(ask, g_variant_new("(s)", "org.a.Own"));
		g_autoptr(GDBusMessage) asked = round_trip(ask, orders[o]);
		g_autofree char *kept = g_variant_print(g_dbus_message_get_body(asked), TRUE);
		g_assert_cmpstr(kept, ==, "('org.a.Own',)");
		// Not a name, though a string.
		g_autoptr(GDBusMessage) match = g_dbus_message_new_method_call(
			"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch");
		g_dbus_message_set_body(match, g_variant_new("(s)", "type='signal'"));
		g_autoptr(GDBusMessage) matched = round_trip(match, orders[o]);
		g_autofree char *rule = g_variant_print(g_dbus_message_get_body(matched), TRUE);
		g_assert_cmpstr(rule, ==, "(\"type='signal'\",)");
	}
}

static void test_long_names(void)
{
	g_autoptr(GString) name = g_string_new("org.a");
	while (name->len < 300)
		g_string_append(name, ".abcdefghij");
	for (gsize length = 200; length < 256; length++) {
		g_autofree char *cut = g_strndup(name->str, length);
		if (!g_dbus_is_name(cut))
			continue;
		g_autoptr(GDBusMessage) message = g_dbus_message_new_method_call(cut, "/", "org.a.X", "Do");
		g_autoptr(GDBusMessage) result = round_trip(message, orders[0]);
		g_autofree char *longer = g_strconcat(names.prefix, cut, NULL);
		g_assert_cmpstr(g_dbus_message_get_destination(result), ==, strlen(longer) <= 255 ? longer : cut);
	}
}

/* Whatever comes: no byte outside is touched (ASan), and what is made fits. */
static void test_nonsense(void)
{
	g_autoptr(GDBusMessage) message = g_dbus_message_new_method_call(
		"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName");
	g_dbus_message_set_body(message, g_variant_new("(su)", "org.gnome.X", 4u));
	g_dbus_message_set_serial(message, 1);
	gsize size;
	g_autofree guchar *blob = g_dbus_message_to_blob(message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
	g_autoptr(GRand) rand = g_rand_new_with_seed(20261125);
	for (int round = 0; round < 200000; round++) {
		g_autofree guchar *bytes = g_memdup2(blob, size);
		for (int flips = g_rand_int_range(rand, 1, 5); flips > 0; flips--)
			bytes[g_rand_int_range(rand, 0, (gint)size)] =
				(guchar)(flips & 1 ? g_rand_int_range(rand, 0, 256) : g_rand_int_range(rand, 0, 8));
		struct names_message found;
		gsize header = names_header_size(bytes);
		if (header == 0 || header > size || !names_parse(bytes, &found) || found.keep > size)
			continue;
		g_autofree guchar *in = g_memdup2(bytes, found.keep), *out = g_malloc(found.keep + NAMES_GROWTH);
		g_assert_cmpuint(names_rewrite(&names, in, &found, out), <=, found.keep + NAMES_GROWTH);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bus/names/destinations", test_destinations);
	g_test_add_func("/bus/names/calls", test_calls_to_the_bus);
	g_test_add_func("/bus/names/long", test_long_names);
	g_test_add_func("/bus/names/nonsense", test_nonsense);
	return g_test_run();
}
