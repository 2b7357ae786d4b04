/* Names and titles: no client can take a name outside its project, or put characters into a title that act. */
#include "identity.h"

#include "text.h"

#include <string.h>

static struct policy *policy;

static void expect_id(const char *claimed, const char *expected)
{
	char out[IDENTITY_MAX + 1];
	identity_app_id(policy, claimed, out);
	g_assert_cmpstr(out, ==, expected);
}

static void test_app_id(void)
{
	expect_id("foot", "isolate.first.foot");
	expect_id("org.gnome.TextEditor", "isolate.first.org.gnome.TextEditor");
	expect_id("jetbrains-idea", "isolate.first.idea");
	expect_id("Jetbrains-IDEA", "isolate.first.idea");
	expect_id("com.jetbrains.IDEA", "isolate.first.idea");
	expect_id(NULL, "isolate.first.unknown");
	expect_id("", "isolate.first.unknown");
	expect_id("isolate.first.foot", "isolate.first.foot");
	expect_id("isolate.first.jetbrains-idea", "isolate.first.idea");
	expect_id("isolate.other.foot", "isolate.first.isolate.other.foot");
	expect_id("isolate.first", "isolate.first.isolate.first");
	expect_id("isolate.first.", "isolate.first.unknown");
	expect_id("../../x\ny\xff/\xe2\x80\xae", "isolate.first..._.._x_y_____");
	char claimed[300];
	memset(claimed, 'a', sizeof claimed - 1);
	claimed[sizeof claimed - 1] = '\0';
	char out[IDENTITY_MAX + 1];
	identity_app_id(policy, claimed, out);
	g_assert_cmpuint(strlen(out), ==, strlen("isolate.first.") + 64);
}

static void expect_title(const char *claimed, size_t size, const char *expected)
{
	char out[256];
	memset(out, 'x', sizeof out);
	identity_title(policy, claimed, out, size);
	g_assert_cmpstr(out, ==, expected);
}

static void test_title(void)
{
	expect_title("foot", 256, "foot");
	expect_title(NULL, 256, "");
	expect_title("a\tb\nc\x1b[31m\x7f", 256, "a b c[31m");
	expect_title("\xe2\x80\xae"
		     "evil\xe2\x81\xa6\xe2\x80\x8f",
		256, "evil");
	expect_title("a\xff\xfe"
		     "b\xc0\x80",
		256, "ab");
	expect_title("\xe2\x9d\xa4\xef\xb8\x8f \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9", 256,
		"\xe2\x9d\xa4\xef\xb8\x8f \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9");
	expect_title("ab\xe2\x82\xac", 5, "ab");
	policy->limits[POLICY_MAX_TITLE] = 4;
	expect_title("abcdefgh", 256, "abcd");
	expect_title("abc\xc3\xa4", 256, "abc");
	policy->limits[POLICY_MAX_TITLE] = 1024;
	policy->title_prefix = g_strdup("[first] ");
	expect_title("foot", 256, "[first] foot");
	expect_title(NULL, 256, "[first] ");
	policy->limits[POLICY_MAX_TITLE] = 10;
	expect_title("foot", 256, "[first] fo");
	policy->limits[POLICY_MAX_TITLE] = 3; // no room for the prefix: it is what must not be lost
	expect_title("foot", 256, "[fi");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	policy = policy_new("first");
	policy->n_apps = 2;
	policy->apps = g_new0(struct policy_app, 2);
	policy->apps[0].name = g_strdup("foot");
	policy->apps[1].name = g_strdup("idea");
	policy->apps[1].window_class = g_strdup("jetbrains-idea");
	policy->apps[1].native_ids = g_strsplit("com.jetbrains.idea", ";", 0);
	g_test_add_func("/identity/app-id", test_app_id);
	g_test_add_func("/identity/title", test_title);
	int status = g_test_run();
	policy_unref(policy);
	return status;
}
