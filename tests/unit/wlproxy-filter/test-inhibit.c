/* Inhibitors, constraints, icons and tags: a refusal is an object that never does anything, and the client goes on. */
#include "filter-test.h"

#include <string.h>

enum { COMPOSITOR = 3, SEAT, POINTER, SURFACE, MANAGER, OBJECT };

static struct ends *with_manager(struct filter_test *t, const char *manager)
{
	struct ends *ends = filter_test_connect(t);
	filter_test_bind(ends, "wl_compositor", 4, COMPOSITOR);
	filter_test_bind(ends, "wl_seat", 5, SEAT);
	SEND(&ends->client, SEAT, WL_SEAT_REQUEST_GET_POINTER, "n", POINTER);
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	EXPECT(&ends->host, SEAT, WL_SEAT_REQUEST_GET_POINTER, "n", POINTER);
	EXPECT(&ends->host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", SURFACE);
	filter_test_bind(ends, manager, 1, MANAGER);
	return ends;
}

/* The inert object is destroyed by the client and its id comes back. */
static void destroy_inert(struct ends *ends)
{
	EXPECT_NOTHING(&ends->host);
	SEND(&ends->client, OBJECT, 0, "");
	EXPECT(&ends->client, 1, WL_DISPLAY_EVENT_DELETE_ID, "u", OBJECT);
	EXPECT_NOTHING(&ends->host);
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", OBJECT);
	EXPECT(&ends->host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_SURFACE, "n", OBJECT);
}

#define INHIBIT_SHORTCUTS                                                                                              \
	MANAGER, ZWP_KEYBOARD_SHORTCUTS_INHIBIT_MANAGER_V1_REQUEST_INHIBIT_SHORTCUTS, "noo", OBJECT, SURFACE, SEAT
#define LOCK_POINTER MANAGER, ZWP_POINTER_CONSTRAINTS_V1_REQUEST_LOCK_POINTER, "nooou", OBJECT, SURFACE, POINTER, 0, 1
#define CONFINE_POINTER                                                                                                \
	MANAGER, ZWP_POINTER_CONSTRAINTS_V1_REQUEST_CONFINE_POINTER, "nooou", OBJECT, SURFACE, POINTER, 0, 1
#define INHIBIT_IDLE MANAGER, ZWP_IDLE_INHIBIT_MANAGER_V1_REQUEST_CREATE_INHIBITOR, "no", OBJECT, SURFACE

#define BOTH_WAYS(manager, which, request)                                                                             \
	do {                                                                                                           \
		struct filter_test t;                                                                                  \
		filter_test_init(&t);                                                                                  \
		t.policy->answers[which] = POLICY_ALLOW;                                                               \
		filter_test_start(&t);                                                                                 \
		struct ends *ends = with_manager(&t, manager);                                                         \
		SEND(&ends->client, request);                                                                          \
		EXPECT(&ends->host, request);                                                                          \
		filter_test_finish(&t, 0);                                                                             \
		filter_test_init(&t);                                                                                  \
		t.policy->answers[which] = POLICY_DENY;                                                                \
		filter_test_start(&t);                                                                                 \
		ends = with_manager(&t, manager);                                                                      \
		SEND(&ends->client, request);                                                                          \
		destroy_inert(ends);                                                                                   \
		filter_test_finish(&t, 1);                                                                             \
		CHECK(strcmp(t.last.key, policy_key_name(which)) == 0);                                                \
	} while (0)

static void test_both_ways(void)
{
	BOTH_WAYS("zwp_keyboard_shortcuts_inhibit_manager_v1", POLICY_INHIBIT_SHORTCUTS, INHIBIT_SHORTCUTS);
	BOTH_WAYS("zwp_pointer_constraints_v1", POLICY_POINTER_LOCK, LOCK_POINTER);
	BOTH_WAYS("zwp_pointer_constraints_v1", POLICY_POINTER_LOCK, CONFINE_POINTER);
	BOTH_WAYS("zwp_idle_inhibit_manager_v1", POLICY_INHIBIT_IDLE, INHIBIT_IDLE);
}

/* The inert object takes every request of its interface. */
static void test_requests_on_inert(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->answers[POLICY_POINTER_LOCK] = POLICY_DENY;
	filter_test_start(&t);
	struct ends *ends = with_manager(&t, "zwp_pointer_constraints_v1");
	SEND(&ends->client, LOCK_POINTER);
	SEND(&ends->client, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_REGION, "n", OBJECT + 1);
	SEND(&ends->client, OBJECT, ZWP_LOCKED_POINTER_V1_REQUEST_SET_CURSOR_POSITION_HINT, "ff", 1, 1);
	SEND(&ends->client, OBJECT, ZWP_LOCKED_POINTER_V1_REQUEST_SET_REGION, "o", OBJECT + 1);
	EXPECT(&ends->host, COMPOSITOR, WL_COMPOSITOR_REQUEST_CREATE_REGION, "n", OBJECT); // dense upstream
	EXPECT_NOTHING(&ends->host);
	filter_test_finish(&t, 1);
}

static void test_icon(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->n_apps = 1;
	t.policy->apps = g_new0(struct policy_app, 1);
	t.policy->apps[0].name = g_strdup("idea");
	filter_test_start(&t);
	struct ends *ends = with_manager(&t, "xdg_toplevel_icon_manager_v1");
	SEND(&ends->client, MANAGER, XDG_TOPLEVEL_ICON_MANAGER_V1_REQUEST_CREATE_ICON, "n", OBJECT);
	EXPECT(&ends->host, MANAGER, XDG_TOPLEVEL_ICON_MANAGER_V1_REQUEST_CREATE_ICON, "n", OBJECT);
	SEND(&ends->client, OBJECT, XDG_TOPLEVEL_ICON_V1_REQUEST_SET_NAME, "s", "org.gnome.Keyring");
	EXPECT_NOTHING(&ends->host);
	SEND(&ends->client, OBJECT, XDG_TOPLEVEL_ICON_V1_REQUEST_SET_NAME, "s", "idea");
	EXPECT(&ends->host, OBJECT, XDG_TOPLEVEL_ICON_V1_REQUEST_SET_NAME, "s", "idea");
	filter_test_finish(&t, 0);
}

static void test_tag(void)
{
	struct filter_test t;
	filter_test_init(&t);
	t.policy->title_prefix = g_strdup("[first] ");
	filter_test_start(&t);
	struct ends *ends = with_manager(&t, "xdg_toplevel_tag_manager_v1");
	filter_test_bind(ends, "xdg_wm_base", 4, OBJECT);
	SEND(&ends->client, OBJECT, XDG_WM_BASE_REQUEST_GET_XDG_SURFACE, "no", OBJECT + 1, SURFACE);
	SEND(&ends->client, OBJECT + 1, XDG_SURFACE_REQUEST_GET_TOPLEVEL, "n", OBJECT + 2);
	peer_drain(&ends->host);
	SEND(&ends->client, MANAGER, XDG_TOPLEVEL_TAG_MANAGER_V1_REQUEST_SET_TOPLEVEL_TAG, "os", OBJECT + 2, "a\x1b");
	EXPECT(&ends->host, MANAGER, XDG_TOPLEVEL_TAG_MANAGER_V1_REQUEST_SET_TOPLEVEL_TAG, "os", OBJECT + 2,
		"isolate.first.a");
	SEND(&ends->client, MANAGER, XDG_TOPLEVEL_TAG_MANAGER_V1_REQUEST_SET_TOPLEVEL_DESCRIPTION, "os", OBJECT + 2,
		"b\n");
	EXPECT(&ends->host, MANAGER, XDG_TOPLEVEL_TAG_MANAGER_V1_REQUEST_SET_TOPLEVEL_DESCRIPTION, "os", OBJECT + 2,
		"[first] b ");
	filter_test_finish(&t, 0);
}

int main(void)
{
	test_both_ways();
	test_requests_on_inert();
	test_icon();
	test_tag();
	return 0;
}
