/* wl_output, zxdg_output_v1: a screen's maker, model and serial number identify a person's machine, so they are neutral.
 * The name of its connector ("DP-1") and its size in millimetres stay: programs choose and scale by them.
 *
 * A compositor may keep zxdg_output_manager_v1 from sandboxed clients. We then offer one of our own, which tells what
 * wl_output told: its place, and the size of its mode, turned and divided by the scale. */
#include "client.h"
#include "globals.h"

#include "protocol-enums.h"
#include "protocol-opcodes.h"

#include <stdlib.h>
#include <string.h>

static const char neutral_make[] = "isolate";
static const char neutral_text[] = "display";

enum { NAME_MAX_SIZE = 64 };

/* The data of a wl_output. */
struct output {
	struct object *object;
	int32_t x, y, transform, width, height, scale;
	char name[NAME_MAX_SIZE];
	struct wl_list locals; // local_output::link
};

/* The data of a zxdg_output_v1 of ours. */
struct local_output {
	struct wl_list link; // output::locals, or alone when that is gone
	struct object *object;
};

static void handle_output_destroyed(struct object *object)
{
	struct output *output = object->data;
	struct local_output *local, *next;
	wl_list_for_each_safe (local, next, &output->locals, link) {
		wl_list_remove(&local->link);
		wl_list_init(&local->link);
	}
	object->data = NULL;
	free(output);
}

static void handle_bound(struct session *session, struct object *object)
{
	struct output *output = calloc(1, sizeof *output);
	if (!output)
		return; // it then has no zxdg_output_v1 of ours
	output->object = object;
	output->scale = 1;
	wl_list_init(&output->locals);
	object->data = output;
	object->destroyed = handle_output_destroyed;
}

static enum verdict handle_geometry(struct session *session, struct wire_message *message)
{
	enum { X, Y, WIDTH, HEIGHT, SUBPIXEL, MAKE, MODEL, TRANSFORM };
	struct output *output = wire_target(message)->data;
	if (output) {
		output->x = wire_int(message, X);
		output->y = wire_int(message, Y);
		output->transform = wire_int(message, TRANSFORM);
	}
	wire_set_string(message, MAKE, neutral_make);
	wire_set_string(message, MODEL, neutral_text);
	return VERDICT_FORWARD;
}

static enum verdict handle_mode(struct session *session, struct wire_message *message)
{
	enum { FLAGS, WIDTH, HEIGHT };
	struct output *output = wire_target(message)->data;
	if (output && (wire_uint(message, FLAGS) & WL_OUTPUT_MODE_CURRENT)) {
		output->width = wire_int(message, WIDTH);
		output->height = wire_int(message, HEIGHT);
	}
	return VERDICT_FORWARD;
}

static enum verdict handle_scale(struct session *session, struct wire_message *message)
{
	struct output *output = wire_target(message)->data;
	if (output && wire_int(message, 0) > 0)
		output->scale = wire_int(message, 0);
	return VERDICT_FORWARD;
}

static enum verdict handle_name(struct session *session, struct wire_message *message)
{
	struct output *output = wire_target(message)->data;
	if (output)
		g_strlcpy(output->name, wire_string(message, 0), sizeof output->name);
	return VERDICT_FORWARD;
}

static enum verdict handle_description(struct session *session, struct wire_message *message)
{
	wire_set_string(message, 0, neutral_text);
	return VERDICT_FORWARD;
}

static void send_geometry(const struct output *output, struct object *object)
{
	bool turned = output->transform & 1; // 90° and 270°, flipped or not
	int32_t width = (turned ? output->height : output->width) / output->scale;
	int32_t height = (turned ? output->width : output->height) / output->scale;
	object_event(object, ZXDG_OUTPUT_V1_EVENT_LOGICAL_POSITION, ARGS({.i = output->x}, {.i = output->y}));
	object_event(object, ZXDG_OUTPUT_V1_EVENT_LOGICAL_SIZE, ARGS({.i = width}, {.i = height}));
}

/* Before version 3 each has a done event of its own. */
static void send_done(struct object *object)
{
	if (object->version < 3)
		object_event(object, ZXDG_OUTPUT_V1_EVENT_DONE, NO_ARGS);
}

static enum verdict handle_done(struct session *session, struct wire_message *message)
{
	struct output *output = wire_target(message)->data;
	struct local_output *local;
	if (!output || wl_list_empty(&output->locals))
		return VERDICT_FORWARD;
	wl_list_for_each (local, &output->locals, link) {
		send_geometry(output, local->object);
		send_done(local->object);
	}
	return VERDICT_FORWARD;
}

static void handle_local_destroyed(struct object *object)
{
	struct local_output *local = object->data;
	wl_list_remove(&local->link);
	free(local);
}

static enum verdict handle_get_xdg_output(struct session *session, struct wire_message *message)
{
	struct object *object = wire_object(message, 0);
	struct output *output = wire_object(message, 1)->data;
	if (!object_is_local(wire_target(message)))
		return VERDICT_FORWARD;
	struct local_output *local = output ? malloc(sizeof *local) : NULL;
	if (!local)
		return VERDICT_ANSWER;
	local->object = object;
	wl_list_insert(&output->locals, &local->link);
	object->data = local;
	object->destroyed = handle_local_destroyed;
	send_geometry(output, object);
	if (object->version >= 2) {
		if (*output->name)
			object_event(object, ZXDG_OUTPUT_V1_EVENT_NAME, ARGS({.s = output->name}));
		object_event(object, ZXDG_OUTPUT_V1_EVENT_DESCRIPTION, ARGS({.s = neutral_text}));
	}
	send_done(object);
	if (object->version >= 3 && output->object->version >= 2)
		object_event(output->object, WL_OUTPUT_EVENT_DONE, NO_ARGS);
	return VERDICT_ANSWER;
}

static int attach(struct engine *engine)
{
	return engine_hook_bound(engine, "wl_output", handle_bound);
}

static bool start(struct client *client)
{
	if (session_tag(client->session) != FILTER_TAG_LACKS_XDG_OUTPUT)
		return true;
	const struct interface *interface = engine_interface(client->filter->engine, "zxdg_output_manager_v1");
	uint32_t version =
		globals_offer(client_policy(client), interface->name, interface->version, interface->version);
	return version == 0 || session_add_global(client->session, interface, version, ANNOUNCE_IF_MISSING) != 0;
}

static const struct hook hooks[] = {
	HOOK_EVENT("wl_output", WL_OUTPUT_EVENT_GEOMETRY, handle_geometry),
	HOOK_EVENT("wl_output", WL_OUTPUT_EVENT_MODE, handle_mode),
	HOOK_EVENT("wl_output", WL_OUTPUT_EVENT_SCALE, handle_scale),
	HOOK_EVENT("wl_output", WL_OUTPUT_EVENT_NAME, handle_name),
	HOOK_EVENT("wl_output", WL_OUTPUT_EVENT_DESCRIPTION, handle_description),
	HOOK_EVENT("wl_output", WL_OUTPUT_EVENT_DONE, handle_done),
	HOOK_EVENT("zxdg_output_v1", ZXDG_OUTPUT_V1_EVENT_DESCRIPTION, handle_description),
	HOOK_REQUEST("zxdg_output_manager_v1", ZXDG_OUTPUT_MANAGER_V1_REQUEST_GET_XDG_OUTPUT, handle_get_xdg_output),
};

const struct family family_output = {hooks, G_N_ELEMENTS(hooks), attach, start, NULL};
