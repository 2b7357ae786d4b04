/* Names of a project's own: messages made and read by GIO, in both byte orders, and nonsense. */
#include "names.h"

#include <gio/gio.h>
#include <string.h>

static const char *const real[] = {"org.freedesktop.portal.Desktop", "org.example.*", "org.a.Own", NULL};
static const struct names names = {"isolate.first.", real};

static GDBusMessage *translate(GDBusMessage *message, GDBusMessageByteOrder order, enum names_way way)
{
	gsize size;
	g_dbus_message_set_byte_order(message, order);
	g_dbus_message_set_serial(message, 7);
	g_autofree guchar *blob = g_dbus_message_to_blob(message, &size, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL);
	struct names_message found;
	gsize header = names_header_size(blob);
	g_assert_cmpuint(header, >, 0);
	g_assert_true(names_parse(blob, way, &found));
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

static GDBusMessage *round_trip(GDBusMessage *message, GDBusMessageByteOrder order)
{
	return translate(message, order, NAMES_TO_BUS);
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
		g_autoptr(GDBusMessage) call = g_dbus_message_new_method_call(
			"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "StartServiceByName");
		g_dbus_message_set_body(call, g_variant_new("(su)", "org.gnome.X", 0u));
		g_autoptr(GDBusMessage) called = round_trip(call, orders[o]);
		g_autofree char *started = g_variant_print(g_dbus_message_get_body(called), TRUE);
		g_assert_cmpstr(started, ==, "('isolate.first.org.gnome.X', uint32 0)");
	}
}

#define OWNER "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged'"

static char *match_of(const char *rule, const char *method, GDBusMessageByteOrder order)
{
	g_autoptr(GDBusMessage) message = g_dbus_message_new_method_call(
		"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method);
	g_dbus_message_set_body(message, g_variant_new("(s)", rule));
	g_autoptr(GDBusMessage) result = round_trip(message, order);
	const char *text;
	g_variant_get(g_dbus_message_get_body(result), "(&s)", &text);
	return g_strdup(text);
}

static void test_matches(void)
{
	static const char *const rows[][2] = {
		{OWNER ",path='/org/freedesktop/DBus',arg0='org.a.B'",
			OWNER ",path='/org/freedesktop/DBus',arg0='isolate.first.org.a.B'"							  },
		{"arg0='org.a.B'," OWNER,					  "arg0='isolate.first.org.a.B'," OWNER		       },
		{"member=NameLost,arg0=org.a.B",				 "member=NameLost,arg0=isolate.first.org.a.B"	     },
		{"type='signal',sender='org.a.B',path='/a'",		     "type='signal',sender='isolate.first.org.a.B',path='/a'"},
		{"sender=org.a.B",					       "sender=isolate.first.org.a.B"				 },
		{"sender='org.a.B',member='NameOwnerChanged',arg0='org.a.B'",
			"sender='isolate.first.org.a.B',member='NameOwnerChanged',arg0='org.a.B'"						 },
 // Among the names below it are the host's as well.
		{OWNER ",arg0namespace='org.a'",				 OWNER						      },
		{"arg0namespace=org.a," OWNER ",path='/'",			   OWNER ",path='/'"					    },
		{OWNER,							  OWNER						   },
		{OWNER ",arg0='org.a.Own'",					    OWNER ",arg0='org.a.Own'"				     },
		{OWNER ",arg0=':1.5'",					   OWNER ",arg0=':1.5'"					   },
		{"sender=':1.5'",						"sender=':1.5'"					 },
 // It is about something else, where the first argument is anything.
		{"member='NameOwnerChanged',interface='org.a.X',arg0='org.a.B'",
			"member='NameOwnerChanged',interface='org.a.X',arg0='org.a.B'"							      },
		{"member='Other',sender='org.freedesktop.DBus',arg0='org.a.B'",
			"member='Other',sender='org.freedesktop.DBus',arg0='org.a.B'"							     },
		{"arg0='org.a.B'",					       "arg0='org.a.B'"					   },
		{"arg0namespace='org.a'",					  "arg0namespace='org.a'"				 },
	};
	static const char *const untouched[] = {"", ",", "=", "'", "sender", "sender=", "sender=''", "sender='org.a.B",
		"sender=org.a.B,", ",sender=org.a.B", "sender='org.a.B',,path='/'", "sender ='org.a.B'",
		" sender='org.a.B'", "sender='org.a.B' ", "sender='org.a'.B", "sender=org.\\'a.B",
		"sender='org.a.B'path='/'", "Sender='org.a.B'", "sender='org.a.B',sender='org.a.C'",
		"sender=org.a.B,eavesdrop =true", "sender=org.a.B\t,path=/", OWNER ",arg0='org.a.B',arg0='org.a.C'",
		OWNER ",arg0=org.a.B,arg0namespace=org.a", "sender=org.\303\244.B", "sender='org.a.B',arg1='it'\\''s'"};
	static const char *const methods[] = {"AddMatch", "RemoveMatch"};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *match = match_of(rows[i][0], methods[i & 1], orders[i & 1]);
		g_assert_cmpstr(match, ==, rows[i][1]);
		// What is added is what is removed.
		g_autofree char *other = match_of(rows[i][0], methods[!(i & 1)], orders[0]);
		g_assert_cmpstr(other, ==, match);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(untouched); i++) {
		g_autofree char *match = match_of(untouched[i], methods[0], orders[i & 1]);
		g_assert_cmpstr(match, ==, untouched[i]);
	}
	// The longest that a bus takes, and one that is longer.
	for (guint length = 900; length < 1400; length += 7) {
		g_autofree char *value = g_strnfill(length, 'x'),
				*rule = g_strconcat("arg3='", value, "',sender='org.a.B'", NULL);
		g_autofree char *longer = g_strconcat("arg3='", value, "',sender='isolate.first.org.a.B'", NULL);
		g_autofree char *match = match_of(rule, "AddMatch", orders[0]);
		g_assert_cmpstr(match, ==, 4 + strlen(rule) + 1 <= NAMES_BODY_MAX ? longer : rule);
	}
}

static char *heard(const char *sender, const char *interface, const char *member, GVariant *body)
{
	static guint round;
	g_autoptr(GDBusMessage) message = g_dbus_message_new_signal("/org/freedesktop/DBus", interface, member);
	g_dbus_message_set_sender(message, sender);
	g_dbus_message_set_body(message, body);
	g_autoptr(GDBusMessage) result = translate(message, orders[round++ & 1], NAMES_FROM_BUS);
	g_assert_cmpstr(g_dbus_message_get_sender(result), ==, sender);
	return g_variant_print(g_dbus_message_get_body(result), FALSE);
}

/* What the bus says of names: with the plain one where a program can have taken it by that. */
static void test_signals(void)
{
	static const char bus[] = "org.freedesktop.DBus";
	static const char *const rows[][2] = {
		{"isolate.first.org.gnome.X",		      "org.gnome.X"				   },
		{"org.gnome.X",				  "org.gnome.X"				     },
		{"isolate.first.x",				    "isolate.first.x"			     },
		{"isolate.first.",				   "isolate.first."				   },
		{"isolate.first.org.freedesktop.portal.Desktop", "isolate.first.org.freedesktop.portal.Desktop"},
		{"isolate.first.org.example.Any",		  "isolate.first.org.example.Any"		 },
		{"isolate.first.org.freedesktop.DBus",	       "isolate.first.org.freedesktop.DBus"	   },
		{"isolate.first.isolate.first.a.b",		    "isolate.first.isolate.first.a.b"	     },
		{"isolate.first.isolate.second.a",		   "isolate.second.a"			     },
		{"isolate.second.a.b",			       "isolate.second.a.b"			   },
		{":1.5",					 ":1.5"					},
		{"",					     ""					    },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *changed =
			heard(bus, bus, "NameOwnerChanged", g_variant_new("(sss)", rows[i][0], "", ":1.77"));
		g_autofree char *expected = g_strdup_printf("('%s', '', ':1.77')", rows[i][1]);
		g_assert_cmpstr(changed, ==, expected);
		g_autofree char *lost = heard(bus, bus, "NameLost", g_variant_new("(s)", rows[i][0]));
		g_autofree char *name = g_strdup_printf("('%s',)", rows[i][1]);
		g_assert_cmpstr(lost, ==, name);
	}
	// Another program's signal of that name, another one of the bus's, and another body.
	g_autofree char *first = heard(":1.5", bus, "NameOwnerChanged", g_variant_new("(sss)", rows[0][0], "", ""));
	g_assert_cmpstr(first, ==, "('isolate.first.org.gnome.X', '', '')");
	g_autofree char *second = heard(bus, "org.a.X", "NameOwnerChanged", g_variant_new("(sss)", rows[0][0], "", ""));
	g_assert_cmpstr(second, ==, "('isolate.first.org.gnome.X', '', '')");
	g_autofree char *third = heard(bus, bus, "NameOwnerChanged", g_variant_new("(ss)", rows[0][0], ""));
	g_assert_cmpstr(third, ==, "('isolate.first.org.gnome.X', '')");
	// No call of the bus's, nor a signal on its way there.
	g_autoptr(GDBusMessage) message = g_dbus_message_new_signal("/", bus, "NameLost");
	g_dbus_message_set_sender(message, bus);
	g_dbus_message_set_body(message, g_variant_new("(s)", rows[0][0]));
	g_autoptr(GDBusMessage) sent = round_trip(message, orders[0]);
	g_autofree char *fourth = g_variant_print(g_dbus_message_get_body(sent), FALSE);
	g_assert_cmpstr(fourth, ==, "('isolate.first.org.gnome.X',)");
}

/* A header with nothing but destinations: to each of them something would be added. */
static void test_many_destinations(void)
{
	enum { FIELD = 16, ALL = NAMES_HEADER_MAX - NAMES_FIXED - 16 };
	static const guchar field[FIELD] = {6, 1, 's', 0, 1, 0, 0, 0, 'a', 0};
	g_autofree guchar *header = g_malloc0(NAMES_FIXED + ALL);
	memcpy(header, "l\1\0\1", 4);
	header[12] = ALL & 0xff;
	header[13] = ALL >> 8;
	for (gsize at = NAMES_FIXED; at + FIELD <= NAMES_FIXED + ALL; at += FIELD)
		memcpy(header + at, field, FIELD);
	struct names_message found;
	g_assert_cmpuint(names_header_size(header), ==, NAMES_FIXED + ALL);
	g_assert_false(names_parse(header, NAMES_TO_BUS, &found));
}

/* The shortest field there is, at the end: a signature that says that there is no body. */
static void test_empty_signature(void)
{
	static const guchar header[] = {
		'l', 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 14, 0, 0, 0, 5, 1, 'u', 0, 9, 0, 0, 0, 8, 1, 'g', 0, 0, 0, 0, 0};
	struct names_message found;
	guchar out[sizeof header + NAMES_GROWTH];
	g_assert_cmpuint(names_header_size(header), ==, sizeof header);
	g_assert_true(names_parse(header, NAMES_FROM_BUS, &found));
	g_assert_cmpuint(names_rewrite(&names, header, &found, out), ==, sizeof header);
	g_assert_cmpmem(out, sizeof header, header, sizeof header);
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
static void spoil(GDBusMessage *message, enum names_way way)
{
	gsize size;
	g_dbus_message_set_serial(message, 1);
	g_autofree guchar *blob = g_dbus_message_to_blob(message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
	g_autoptr(GRand) rand = g_rand_new_with_seed(20261125);
	for (int round = 0; round < 100000; round++) {
		g_autofree guchar *bytes = g_memdup2(blob, size);
		for (int flips = g_rand_int_range(rand, 1, 5); flips > 0; flips--)
			bytes[g_rand_int_range(rand, 0, (gint)size)] =
				(guchar)(flips & 1 ? g_rand_int_range(rand, 0, 256) : g_rand_int_range(rand, 0, 8));
		struct names_message found;
		gsize header = names_header_size(bytes);
		if (header == 0 || header > size || !names_parse(bytes, way, &found) || found.keep > size)
			continue;
		g_autofree guchar *in = g_memdup2(bytes, found.keep), *out = g_malloc(found.keep + NAMES_GROWTH);
		g_assert_cmpuint(names_rewrite(&names, in, &found, out), <=, found.keep + NAMES_GROWTH);
	}
}

static void test_nonsense(void)
{
	static const struct {
		const char *member, *text;
	} calls[] = {
		{"RequestName", "org.gnome.X"		     },
		{"AddMatch",    OWNER ",arg0='org.a.B',path='/'"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(calls); i++) {
		g_autoptr(GDBusMessage) message = g_dbus_message_new_method_call(
			"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", calls[i].member);
		g_dbus_message_set_body(message, g_variant_new("(s)", calls[i].text));
		spoil(message, NAMES_TO_BUS);
	}
	g_autoptr(GDBusMessage) told =
		g_dbus_message_new_signal("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged");
	g_dbus_message_set_sender(told, "org.freedesktop.DBus");
	g_dbus_message_set_body(told, g_variant_new("(sss)", "isolate.first.org.gnome.X", "", ":1.5"));
	spoil(told, NAMES_FROM_BUS);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bus/names/destinations", test_destinations);
	g_test_add_func("/bus/names/calls", test_calls_to_the_bus);
	g_test_add_func("/bus/names/matches", test_matches);
	g_test_add_func("/bus/names/signals", test_signals);
	g_test_add_func("/bus/names/many-destinations", test_many_destinations);
	g_test_add_func("/bus/names/empty-signature", test_empty_signature);
	g_test_add_func("/bus/names/long", test_long_names);
	g_test_add_func("/bus/names/nonsense", test_nonsense);
	return g_test_run();
}
