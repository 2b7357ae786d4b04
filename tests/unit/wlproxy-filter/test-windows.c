/* xdg_toplevel and wl_output: what the compositor is told of a window, and the client of a screen. */
#include "filter-test.h"

#include <string.h>

enum { COMPOSITOR = 3, WM_BASE, SURFACE, XDG_SURFACE, TOPLEVEL };

static struct ends *with_toplevel(struct filter_test *t)
{
	struct ends *ends = filter_test_connect(t);
	filter_test_bind(ends, "wl_compositor", 4, COMPOSITOR);
	filter_test_bind(ends, "xdg_wm_base", 4, WM_BASE);
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	EXPECT(&ends->host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	SEND(&ends->client, WM_BASE, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE, "no", XDG_SURFACE, SURFACE);
	EXPECT(&ends->host, WM_BASE, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE, "no", XDG_SURFACE, SURFACE);
	SEND(&ends->client, XDG_SURFACE, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", TOPLEVEL);
	EXPECT(&ends->host, XDG_SURFACE, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", TOPLEVEL);
	return ends;
}

static void test_identity(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->title_prefix = g_strdup("[first] ");
	filter_test_start(&t);
	struct ends *ends = with_toplevel(&t);
	// Before the client says anything, and if it never does.
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_APP_ID, "s", "isolate.first.unknown");
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "[first] ");
	SEND(&ends->client, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_APP_ID, "s", "foot");
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_APP_ID, "s", "isolate.first.foot");
	SEND(&ends->client, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "a\n\x1b[1mb\xe2\x80\xae");
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "[first] a [1mb");
	// A second window has the name of the first from its start.
	enum { SURFACE2 = TOPLEVEL + 1, XDG_SURFACE2, TOPLEVEL2 };
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE2);
	SEND(&ends->client, WM_BASE, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE, "no", XDG_SURFACE2, SURFACE2);
	SEND(&ends->client, XDG_SURFACE2, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", TOPLEVEL2);
	EXPECT(&ends->host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE2);
	EXPECT(&ends->host, WM_BASE, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE, "no", XDG_SURFACE2, SURFACE2);
	EXPECT(&ends->host, XDG_SURFACE2, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", TOPLEVEL2);
	EXPECT(&ends->host, TOPLEVEL2, XDG_TOPLEVEL_REQUEST_SET_APP_ID, "s", "isolate.first.foot");
	EXPECT(&ends->host, TOPLEVEL2, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "[first] ");
	filter_test_finish(&t, 0);
}

/* As long as a message can be: cut, never an error. */
static void test_long(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->limits[POLICY_MAX_TITLE] = 1 << 20;
	filter_test_start(&t);
	struct ends *ends = with_toplevel(&t);
	char text[4080], expected[3073];
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '\0';
	peer_drain(&ends->host);
	memset(expected, 'a', sizeof expected);
	expected[sizeof expected - 1] = '\0';
	SEND(&ends->client, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", text);
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", expected);
	filter_test_finish(&t, 0);
}

static void test_fullscreen(void)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = with_toplevel(&t);
	peer_drain(&ends->host);
	SEND(&ends->client, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_FULLSCREEN, "o", 0);
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_FULLSCREEN, "o", 0);
	filter_test_finish(&t, 0);
}

static void deny_fullscreen(struct policy *policy)
{
	policy->answers[POLICY_FULLSCREEN] = POLICY_DENY;
}

/* A policy that is replaced applies to windows that are there. */
static void test_no_fullscreen(void)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = with_toplevel(&t);
	peer_drain(&ends->host);
	filter_test_set_policy(&t, deny_fullscreen);
	SEND(&ends->client, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_FULLSCREEN, "o", 0);
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_UNSET_FULLSCREEN, "");
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 1);
	CHECK(strcmp(t.last.allow, "Fullscreen=allow") == 0 && strcmp(t.last.request, "set_fullscreen") == 0);
}

static void test_output(void)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = filter_test_connect(&t);
	filter_test_bind(ends, "wl_output", 4, 3);
	filter_test_bind(ends, "zxdg_output_manager_v1", 3, 4);
	SEND(&ends->host, 3, WL_OUTPUT_EVENT_GEOMETRY, "iiiiissi", 1, 2, 300, 200, 0, "ACME", "Screen 3000", 0);
	EXPECT(&ends->client, 3, WL_OUTPUT_EVENT_GEOMETRY, "iiiiissi", 1, 2, 300, 200, 0, "isolate", "display", 0);
	SEND(&ends->host, 3, WL_OUTPUT_EVENT_NAME, "s", "DP-1");
	EXPECT(&ends->client, 3, WL_OUTPUT_EVENT_NAME, "s", "DP-1");
	SEND(&ends->host, 3, WL_OUTPUT_EVENT_DESCRIPTION, "s", "ACME Screen 3000 serial 4711");
	EXPECT(&ends->client, 3, WL_OUTPUT_EVENT_DESCRIPTION, "s", "display");
	SEND(&ends->client, 4, ZXDG_OUTPUT_MANAGER_V1_REQUEST_GET_XDG_OUTPUT, "no", 5, 3);
	EXPECT(&ends->host, 4, ZXDG_OUTPUT_MANAGER_V1_REQUEST_GET_XDG_OUTPUT, "no", 5, 3);
	SEND(&ends->host, 5, ZXDG_OUTPUT_V1_EVENT_DESCRIPTION, "s", "ACME Screen 3000 serial 4711");
	EXPECT(&ends->client, 5, ZXDG_OUTPUT_V1_EVENT_DESCRIPTION, "s", "display");
	filter_test_finish(&t, 0);
}

/* Without the compositor's, an xdg_output of our own. */
static void test_local_xdg_output(void)
{
	enum { OUTPUT = 3, MANAGER, XDG_OUTPUT, OLD_MANAGER, OLD };
	struct filter_test t;
	uint32_t name;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = filter_test_connect_without_xdg_output(&t, &name);
	filter_test_bind(ends, "wl_output", 4, OUTPUT);
	SEND(&ends->host, OUTPUT, WL_OUTPUT_EVENT_GEOMETRY, "iiiiissi", 10, 20, 300, 200, 0, "ACME", "x", 1);
	SEND(&ends->host, OUTPUT, WL_OUTPUT_EVENT_MODE, "uiii", 1, 1920, 1080, 60000);
	SEND(&ends->host, OUTPUT, WL_OUTPUT_EVENT_MODE, "uiii", 0, 640, 480, 60000);
	SEND(&ends->host, OUTPUT, WL_OUTPUT_EVENT_SCALE, "i", 2);
	SEND(&ends->host, OUTPUT, WL_OUTPUT_EVENT_NAME, "s", "DP-1");
	SEND(&ends->host, OUTPUT, WL_OUTPUT_EVENT_DONE, "");
	peer_drain(&ends->client);
	SEND(&ends->client, 2, WL_REGISTRY_REQUEST_BIND, "usun", name, "zxdg_output_manager_v1", 3, MANAGER);
	SEND(&ends->client, MANAGER, ZXDG_OUTPUT_MANAGER_V1_REQUEST_GET_XDG_OUTPUT, "no", XDG_OUTPUT, OUTPUT);
	EXPECT(&ends->client, XDG_OUTPUT, ZXDG_OUTPUT_V1_EVENT_LOGICAL_POSITION, "ii", 10, 20);
	EXPECT(&ends->client, XDG_OUTPUT, ZXDG_OUTPUT_V1_EVENT_LOGICAL_SIZE, "ii", 540, 960);
	EXPECT(&ends->client, XDG_OUTPUT, ZXDG_OUTPUT_V1_EVENT_NAME, "s", "DP-1");
	EXPECT(&ends->client, XDG_OUTPUT, ZXDG_OUTPUT_V1_EVENT_DESCRIPTION, "s", "display");
	EXPECT(&ends->client, OUTPUT, WL_OUTPUT_EVENT_DONE, "");
	EXPECT_NOTHING(&ends->client);
	EXPECT_NOTHING(&ends->host);
	// What changes is told before done.
	SEND(&ends->host, OUTPUT, WL_OUTPUT_EVENT_SCALE, "i", 1);
	EXPECT(&ends->client, OUTPUT, WL_OUTPUT_EVENT_SCALE, "i", 1);
	SEND(&ends->host, OUTPUT, WL_OUTPUT_EVENT_DONE, "");
	EXPECT(&ends->client, XDG_OUTPUT, ZXDG_OUTPUT_V1_EVENT_LOGICAL_POSITION, "ii", 10, 20);
	EXPECT(&ends->client, XDG_OUTPUT, ZXDG_OUTPUT_V1_EVENT_LOGICAL_SIZE, "ii", 1080, 1920);
	EXPECT(&ends->client, OUTPUT, WL_OUTPUT_EVENT_DONE, "");
	// An old client, whose done is the xdg_output's own.
	SEND(&ends->client, 2, WL_REGISTRY_REQUEST_BIND, "usun", name, "zxdg_output_manager_v1", 1, OLD_MANAGER);
	SEND(&ends->client, OLD_MANAGER, ZXDG_OUTPUT_MANAGER_V1_REQUEST_GET_XDG_OUTPUT, "no", OLD, OUTPUT);
	EXPECT(&ends->client, OLD, ZXDG_OUTPUT_V1_EVENT_LOGICAL_POSITION, "ii", 10, 20);
	EXPECT(&ends->client, OLD, ZXDG_OUTPUT_V1_EVENT_LOGICAL_SIZE, "ii", 1080, 1920);
	EXPECT(&ends->client, OLD, ZXDG_OUTPUT_V1_EVENT_DONE, "");
	// The output goes before what hangs on it.
	SEND(&ends->client, OUTPUT, WL_OUTPUT_REQUEST_RELEASE, "");
	EXPECT(&ends->host, OUTPUT, WL_OUTPUT_REQUEST_RELEASE, "");
	SEND(&ends->client, XDG_OUTPUT, ZXDG_OUTPUT_V1_REQUEST_DESTROY, "");
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", XDG_OUTPUT);
	filter_test_finish(&t, 0);

	// Not when the policy hides it.
	filter_test_init(&t);
	t.policy->deny_globals = g_strsplit("zxdg_output_manager_v1", ";", 0);
	filter_test_start(&t);
	ends = filter_test_connect_without_xdg_output(&t, NULL);
	EXPECT_NOTHING(&ends->host);
	EXPECT_NOTHING(&ends->client);
	filter_test_finish(&t, 0);
}

/* Profile=permissive changes nothing. */
static void test_permissive(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->permissive = true;
	filter_test_start(&t);
	struct ends *ends = with_toplevel(&t);
	EXPECT_NOTHING(&ends->host);
	SEND(&ends->client, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "a\n");
	EXPECT(&ends->host, TOPLEVEL, XDG_TOPLEVEL_REQUEST_SET_TITLE, "s", "a\n");
	filter_test_bind(ends, "zwlr_screencopy_manager_v1", 3, TOPLEVEL + 1);
	filter_test_finish(&t, 0);
}

/* A hidden global is not announced and cannot be bound by guessing its number. */
static void test_hidden(void)
{
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = filter_test_connect(&t);
	SEND(&ends->client, 2, WL_REGISTRY_REQUEST_BIND, "usun", 17, "zwlr_screencopy_manager_v1", 3, 3);
	EXPECT_ERROR(&ends->client, 2, 0, NULL);
	EXPECT_CLOSED(&ends->host);
	filter_test_finish(&t, 1);
	CHECK(strcmp(t.last.key, "") == 0);
}

static void hide_output(struct policy *policy)
{
	policy->deny_globals = g_strsplit("wl_output", ";", 0);
	policy->allow_globals = g_strsplit("zwlr_screencopy_manager_v1", ";", 0);
}

static void plain(struct policy *policy)
{
}

/* A policy that is replaced takes globals from clients that are there, and gives them others. */
static void test_live(void)
{
	enum { NAME = 4, SCREENCOPY = 17 };
	struct filter_test t;
	filter_test_init(&t);
	filter_test_start(&t);
	struct ends *ends = filter_test_connect(&t);
	filter_test_set_policy(&t, hide_output);
	EXPECT(&ends->client, 2, WL_REGISTRY_EVENT_GLOBAL_REMOVE, "u", NAME);
	EXPECT(&ends->client, 2, WL_REGISTRY_EVENT_GLOBAL, "usu", SCREENCOPY, "zwlr_screencopy_manager_v1", 3);
	EXPECT_NOTHING(&ends->client);
	filter_test_bind(ends, "zwlr_screencopy_manager_v1", 3, 3);
	filter_test_set_policy(&t, plain);
	EXPECT(&ends->client, 2, WL_REGISTRY_EVENT_GLOBAL, "usu", NAME, "wl_output", 4);
	EXPECT(&ends->client, 2, WL_REGISTRY_EVENT_GLOBAL_REMOVE, "u", SCREENCOPY);
	EXPECT_NOTHING(&ends->client);
	// Once offered it stays bindable, and does nothing.
	SEND(&ends->client, 2, WL_REGISTRY_REQUEST_BIND, "usun", SCREENCOPY, "zwlr_screencopy_manager_v1", 3, 4);
	EXPECT_NOTHING(&ends->host);
	EXPECT_NOTHING(&ends->client);
	filter_test_finish(&t, 0);
}

int main(void)
{
	test_identity();
	test_long();
	test_fullscreen();
	test_no_fullscreen();
	test_output();
	test_local_xdg_output();
	test_permissive();
	test_hidden();
	test_live();
	return 0;
}
