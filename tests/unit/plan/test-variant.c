/* The frozen form: there and back, and nothing but it. */
#include "plan-fixture.h"

#include <string.h>

static const char text[] =
	"[Project]\nColor=#123456\nLinger=0\nGate=always\n[Files]\nShare=~/first\n[Network]\nLan=allow\n"
	"Forward=3000\nDeny=192.0.2.7/24\n"
	"[Environment]\nA=b\nPass=X\n[App idea]\nExec=x 'y z' %F\nIcon=i\nTerminal=yes\n[App b]\n";

static void test_round_trip(void)
{
	autohost struct host *host = host_debian();
	autoplan struct plan *plan = plan_of(text, host);
	plan_op_at(plan, "/etc/passwd");
	g_autoptr(GVariant) frozen = g_variant_ref_sink(plan_to_variant(plan));
	// Through bytes, as it travels.
	g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes(frozen);
	g_autoptr(GVariant) read = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE_VARDICT, bytes, FALSE));
	GError *error = NULL;
	autoplan struct plan *again = plan_from_variant(read, &error);
	g_assert_no_error(error);
	g_assert_true(plan_equal(plan, again));
	g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL);
	plan_print(plan, before);
	plan_print(again, after);
	g_assert_cmpstr(before->str, ==, after->str);
	g_assert_cmpint(again->linger_ms, ==, 0);
	g_assert_cmpint(again->gate, ==, PLAN_GATE_ALWAYS);
	g_assert_cmpint(again->network, ==, PLAN_NETWORK_INTERNET);
	g_assert_true(plan_has(again->forwards, "3000:3000"));
	g_assert_true(plan_has(again->deny, "192.0.2.0/24"));
	g_assert_true(again->lan);
	const struct plan_app *app = again->apps->pdata[0];
	g_assert_cmpstr(app->exec[1], ==, "y z");
	g_assert_cmpstr(app->files, ==, "%F");
	g_assert_null(app->window_class);
}

static void test_differs(void)
{
	autohost struct host *host = host_debian();
	autoplan struct plan *plan = plan_of(text, host), *other = plan_of(text, host);
	g_assert_true(plan_equal(plan, other));
	((struct plan_op *)other->ops->pdata[3])->flags ^= PLAN_OPTIONAL;
	g_assert_false(plan_equal(plan, other));
}

static void assert_refused(GVariant *variant)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(variant);
	g_autoptr(GError) error = NULL;
	g_assert_null(plan_from_variant(owned, &error));
	g_assert_nonnull(strstr(error->message, "not a plan of this version of isolate"));
}

static void test_every_key_is_needed(void)
{
	static const char *const not_needed[] = {"color", NULL};
	autohost struct host *host = host_debian();
	autoplan struct plan *plan = plan_of(text, host);
	g_autoptr(GVariant) frozen = g_variant_ref_sink(plan_to_variant(plan));
	GVariantIter iter;
	const char *key;
	GVariant *value;
	g_variant_iter_init(&iter, frozen);
	while (g_variant_iter_loop(&iter, "{&sv}", &key, &value)) {
		GVariantDict dict;
		g_variant_dict_init(&dict, frozen);
		g_variant_dict_remove(&dict, key);
		if (g_strv_contains(not_needed, key))
			g_variant_dict_clear(&dict);
		else
			assert_refused(g_variant_dict_end(&dict));
		g_variant_dict_init(&dict, frozen);
		g_variant_dict_insert(&dict, key, "(i)", 7); // another type
		assert_refused(g_variant_dict_end(&dict));
	}
}

static void replace_op(GVariantDict *dict, const char *key, GVariant *value)
{
	GVariantDict op;
	g_auto(GVariantBuilder) ops = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	g_variant_dict_init(&op, NULL);
	g_variant_dict_insert(&op, "type", "s", "bind");
	g_variant_dict_insert(&op, "source", "^ay", "/a");
	g_variant_dict_insert(&op, "dest", "^ay", "/b");
	g_variant_dict_insert(&op, "reason", "^ay", "default");
	g_variant_dict_insert(&op, "mode", "u", 0);
	g_variant_dict_insert_value(&op, "flags", g_variant_new_strv(NULL, 0));
	if (value)
		g_variant_dict_insert_value(&op, key, value);
	else
		g_variant_dict_remove(&op, key);
	g_variant_builder_add_value(&ops, g_variant_dict_end(&op));
	g_variant_dict_insert_value(dict, "ops", g_variant_builder_end(&ops));
}

static void test_wrong_operations(void)
{
	const char *flags[] = {"read-only", "no-such-flag"};
	struct {
		const char *key;
		GVariant *value;
	} changes[] = {
		{"type",	 g_variant_new_string("chroot")      },
		{"type",	 g_variant_new_string("tmpfs")	      },
		{"source", NULL				},
		{"dest",	 g_variant_new_bytestring("relative")},
		{"dest",	 NULL				},
		{"flags",  g_variant_new_strv(flags,		    2)},
		{"mode",	 g_variant_new_uint32(0100000)				      },
		{"data",	 g_variant_new_bytestring("x")},
	};
	autohost struct host *host = host_debian();
	autoplan struct plan *plan = plan_of(text, host);
	g_autoptr(GVariant) frozen = g_variant_ref_sink(plan_to_variant(plan));
	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		GVariantDict dict;
		g_variant_dict_init(&dict, frozen);
		replace_op(&dict, changes[i].key, changes[i].value);
		assert_refused(g_variant_dict_end(&dict));
	}
	GVariantDict dict;
	g_variant_dict_init(&dict, frozen);
	replace_op(&dict, "mode", g_variant_new_uint32(0700));
	g_autoptr(GVariant) good = g_variant_ref_sink(g_variant_dict_end(&dict));
	autoplan struct plan *read = plan_from_variant(good, NULL);
	g_assert_nonnull(read);
	g_assert_cmpuint(read->ops->len, ==, 1);
}

static void test_other_types(void)
{
	assert_refused(g_variant_new_string("plan"));
	assert_refused(g_variant_new("a{ss}", NULL));
	// Bytes that are no a{sv} at all.
	g_autoptr(GBytes) noise = g_bytes_new_static("\xff\x03 noise \x01\x02\x80\x7f\x10", 14);
	assert_refused(g_variant_new_from_bytes(G_VARIANT_TYPE_VARDICT, noise, FALSE));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plan/variant/round-trip", test_round_trip);
	g_test_add_func("/plan/variant/differs", test_differs);
	g_test_add_func("/plan/variant/keys", test_every_key_is_needed);
	g_test_add_func("/plan/variant/operations", test_wrong_operations);
	g_test_add_func("/plan/variant/types", test_other_types);
	return g_test_run();
}
