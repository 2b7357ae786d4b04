#include "json.h"

static void assert_json(GVariant *value, const char *text)
{
	g_autoptr(GVariant) owned = g_variant_ref_sink(value);
	g_autoptr(GString) out = g_string_new(NULL);
	json_append(out, owned);
	g_assert_cmpstr(out->str, ==, text);
}

static void test_values(void)
{
	assert_json(g_variant_new_string("a\"b\\c\n\x7f\x1b/ü"), "\"a\\\"b\\\\c\\u000a\\u007f\\u001b/ü\"");
	assert_json(g_variant_new_bytestring("x\xffy"), "\"x\xef\xbf\xbdy\"");
	assert_json(g_variant_new_bytestring(""), "\"\"");
	assert_json(g_variant_new_boolean(TRUE), "true");
	assert_json(g_variant_new_int32(-5), "-5");
	assert_json(g_variant_new_uint64(G_MAXUINT64), "18446744073709551615");
	assert_json(g_variant_new_int64(G_MININT64), "-9223372036854775808");
	assert_json(g_variant_new_byte(255), "255");
}

static void test_containers(void)
{
	const char *const words[] = {"a", "b", NULL};
	assert_json(g_variant_new_strv(words, -1), "[\"a\",\"b\"]");
	assert_json(g_variant_new_bytestring_array(words, -1), "[\"a\",\"b\"]");
	assert_json(g_variant_new_strv(NULL, 0), "[]");
	assert_json(g_variant_new_parsed("{'b': <1>, 'a': <'x'>, 'c': <{'d': <@as []>}>}"),
		"{\"a\":\"x\",\"b\":1,\"c\":{\"d\":[]}}");
	assert_json(g_variant_new_parsed("@a{sv} {}"), "{}");
	assert_json(g_variant_new_parsed("[('a', 'b', ['c'])]"), "[[\"a\",\"b\",[\"c\"]]]");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/json/values", test_values);
	g_test_add_func("/json/containers", test_containers);
	return g_test_run();
}
