/* Globals that are hidden, of another kind, or of another version than was offered. */
#include "offence.h"

#include <stdio.h>
#include <string.h>

static void version_zero(struct offender *offender)
{
	struct client *client = &offender->client;
	client_bind_raw(client, client_find(client, "wl_shm")->name, "wl_shm", 0, client_id(client));
}

static void version_above(struct offender *offender)
{
	struct client *client = &offender->client;
	const struct client_global *global = client_find(client, "wl_compositor");
	client_bind_raw(client, global->name, "wl_compositor", global->version + 1, client_id(client));
}

static void version_huge(struct offender *offender)
{
	struct client *client = &offender->client;
	client_bind_raw(client, client_find(client, "wl_seat")->name, "wl_seat", 0xffffffff, client_id(client));
}

static void another_interface(struct offender *offender)
{
	struct client *client = &offender->client;
	client_bind_raw(client, client_find(client, "wl_shm")->name, "wl_compositor", 1, client_id(client));
}

static void hidden_interface_under_a_shown_name(struct offender *offender)
{
	struct client *client = &offender->client;
	client_bind_raw(
		client, client_find(client, "wl_shm")->name, "zwlr_screencopy_manager_v1", 1, client_id(client));
}

static void unknown_interface(struct offender *offender)
{
	struct client *client = &offender->client;
	client_bind_raw(client, client_find(client, "wl_shm")->name, "no_such_interface", 1, client_id(client));
}

static void name_unknown(struct offender *offender)
{
	struct client *client = &offender->client;
	client_bind_raw(client, 0xfffffff0, "wl_shm", 1, client_id(client));
}

static void name_zero(struct offender *offender)
{
	struct client *client = &offender->client;
	client_bind_raw(client, 0, "wl_shm", 1, client_id(client));
}

static void through_another_registry(struct offender *offender)
{
	struct client *client = &offender->client;
	client->registry = client_id(client);
	wire_send(&client->wire, WIRE_DISPLAY, 1, "n", client->registry);
	offender_settle(offender);
	client_bind_raw(client, 0xfffffff0, "wl_shm", 1, client_id(client));
}

/* What the default policy hides of what is here, and a few that no policy shows by default. */
static const char *const hidden[] = {
	"zwlr_screencopy_manager_v1",
	"zwlr_export_dmabuf_manager_v1",
	"zwlr_data_control_manager_v1",
	"ext_data_control_manager_v1",
	"zwp_virtual_keyboard_manager_v1",
	"zwlr_virtual_pointer_manager_v1",
	"zwp_input_method_manager_v2",
	"zwlr_layer_shell_v1",
	"zwlr_foreign_toplevel_manager_v1",
	"zwlr_output_manager_v1",
	"zwlr_output_power_manager_v1",
	"zwlr_gamma_control_manager_v1",
	"zwlr_input_inhibit_manager_v1",
	"org_kde_kwin_idle",
	"ext_session_lock_manager_v1",
	"ext_idle_notifier_v1",
	"wp_drm_lease_device_v1",
	"wp_security_context_manager_v1",
	"wl_drm",
	"ext_image_copy_capture_manager_v1",
};
enum { N_HIDDEN = sizeof hidden / sizeof *hidden, NAMES = 64 };

static void check_not_offered(struct arena *arena)
{
	struct client client;
	arena->what = "what is hidden is not offered";
	arena_connect(arena, &client);
	for (size_t i = 0; i < N_HIDDEN; i++)
		CHECK(arena, !client_find(&client, hidden[i]), "%s is offered", hidden[i]);
	CHECK(arena, client_find(&client, "wl_compositor") && client_find(&client, "xdg_wm_base"), "windows are not");
	client_close(&client);
}

/* Every name that was not offered, as each hidden interface: one of them is the compositor's own. */
static void guess_names(struct arena *arena)
{
	unsigned tried = 0;
	for (uint32_t name = 1; name <= NAMES; name++) {
		for (size_t i = 0; i < N_HIDDEN; i++) {
			char what[96];
			snprintf(what, sizeof what, "name %u bound as %s", name, hidden[i]);
			arena->what = what;
			struct client client;
			arena_connect(arena, &client);
			uint32_t mark = arena_mark(arena);
			client_bind_raw(&client, name, hidden[i], 1, client_id(&client));
			client_flush(&client, 1000);
			CHECK(arena, client_wait_closed(&client, 10000), "the client is still connected");
			CHECK(arena, client.failed, "there was no wl_display.error");
			CHECK(arena, !arena_seen(arena, mark), "the compositor saw it");
			client_close(&client);
			tried++;
		}
	}
	arena->what = "after guessing names";
	arena_check_calm(arena);
	printf("%u guesses refused\n", tried);
}

void case_registry(struct arena *arena)
{
	static const struct offence offences[] = {
		{"version 0",			       version_zero,			    OUTCOME_ERROR},
		{"a version above the one offered",	    version_above,			   OUTCOME_ERROR},
		{"version 0xffffffff",		       version_huge,			     OUTCOME_ERROR},
		{"another interface than that of the name", another_interface,		       OUTCOME_ERROR},
		{"a hidden interface under a shown name",	  hidden_interface_under_a_shown_name, OUTCOME_ERROR},
		{"an interface that does not exist",	     unknown_interface,			OUTCOME_ERROR},
		{"a name that does not exist",	       name_unknown,			     OUTCOME_ERROR},
		{"name 0",				  name_zero,			      OUTCOME_ERROR},
		{"a wrong bind through a second registry",  through_another_registry,	     OUTCOME_ERROR},
	};
	OFFENCE_RUN(arena, offences);
	check_not_offered(arena);
	guess_names(arena);
}
