/* wl_seat and the devices under it: passed as they are; what they say is remembered, so that "recent" and "a serial that
 * this client was sent" have a meaning in the rules about selections, focus and grabs. */
#include "seat.h"

#include "client.h"
#include "selection.h"

#include "protocol-enums.h"
#include "protocol-opcodes.h"

#include <stdlib.h>
#include <time.h>

void serials_add(struct serials *serials, uint32_t serial)
{
	struct serial_range *newest = &serials->ranges[serials->newest];
	if (serials->count > 0 && (serial == newest->last || serial == newest->last + 1)) {
		newest->last = serial;
		return;
	}
	serials->newest = (serials->newest + 1) % SERIAL_RANGES;
	serials->ranges[serials->newest] = (struct serial_range){serial, serial};
	if (serials->count < SERIAL_RANGES)
		serials->count++;
}

bool serials_has(const struct serials *serials, uint32_t serial)
{
	for (unsigned i = 0; i < serials->count; i++) {
		const struct serial_range *range =
			&serials->ranges[(serials->newest + SERIAL_RANGES - i) % SERIAL_RANGES];
		if (serial - range->first <= range->last - range->first) // serials wrap
			return true;
	}
	return false;
}

uint64_t seat_now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

bool seat_is_recent(const struct client *client)
{
	uint64_t last = client->filter->last_input;
	return last != 0 && seat_now_ms() - last <= SEAT_RECENT_MS;
}

bool seat_has_keyboard(const struct client *client)
{
	return !wl_list_empty(&client->focuses);
}

static void note_input(struct client *client)
{
	client->filter->last_input = seat_now_ms();
	selection_before_input(client);
}

/* Every one of these events has its serial first. */
static enum verdict handle_serial(struct session *session, struct wire_message *message)
{
	serials_add(&client_of(session)->serials, wire_uint(message, 0));
	return VERDICT_FORWARD;
}

static enum verdict handle_serial_of_input(struct session *session, struct wire_message *message)
{
	struct client *client = client_of(session);
	serials_add(&client->serials, wire_uint(message, 0));
	note_input(client);
	return VERDICT_FORWARD;
}

static enum verdict handle_input(struct session *session, struct wire_message *message)
{
	note_input(client_of(session));
	return VERDICT_FORWARD;
}

/* The release of a key is no input: it may follow its press by any time, and a change of focus makes one. */
static enum verdict handle_key(struct session *session, struct wire_message *message)
{
	enum { STATE = 3 };
	if (wire_uint(message, STATE) != WL_KEYBOARD_KEY_STATE_PRESSED)
		return handle_serial(session, message);
	return handle_serial_of_input(session, message);
}

static enum verdict handle_button(struct session *session, struct wire_message *message)
{
	enum { STATE = 3 };
	if (wire_uint(message, STATE) != WL_POINTER_BUTTON_STATE_PRESSED)
		return handle_serial(session, message);
	return handle_serial_of_input(session, message);
}

/* The data of a wl_keyboard that is on a surface. */
struct focus {
	struct wl_list link; // client::focuses
	struct client *client;
	struct object *keyboard, *surface;
};

static void end_focus(struct focus *focus)
{
	struct client *client = focus->client;
	focus->keyboard->data = NULL;
	focus->keyboard->destroyed = NULL;
	wl_list_remove(&focus->link);
	free(focus);
	if (!seat_has_keyboard(client))
		selection_blur(client);
}

/* A client that lets go of its keyboard is told nothing more: it does not keep what comes with having it. */
static void handle_keyboard_destroyed(struct object *object)
{
	end_focus(object->data);
}

void seat_forget_surface(struct client *client, const struct object *surface)
{
	struct focus *focus, *next;
	wl_list_for_each_safe (focus, next, &client->focuses, link)
		if (focus->surface == surface)
			end_focus(focus);
}

static enum verdict handle_keyboard_enter(struct session *session, struct wire_message *message)
{
	enum { SERIAL, SURFACE };
	struct client *client = client_of(session);
	struct object *keyboard = wire_target(message), *surface = wire_object(message, SURFACE);
	serials_add(&client->serials, wire_uint(message, SERIAL));
	if (keyboard->data)
		end_focus(keyboard->data);
	if (!surface || surface->client_id == 0 || object_is_zombie(surface))
		return VERDICT_FORWARD; // it is gone already
	struct focus *focus = malloc(sizeof *focus);
	if (!focus)
		return session_error(session, NULL, ERROR_NO_MEMORY, "out of memory");
	*focus = (struct focus){.client = client, .keyboard = keyboard, .surface = surface};
	wl_list_insert(&client->focuses, &focus->link);
	keyboard->data = focus;
	keyboard->destroyed = handle_keyboard_destroyed;
	selection_focus(client);
	return VERDICT_FORWARD;
}

static enum verdict handle_keyboard_leave(struct session *session, struct wire_message *message)
{
	if (wire_target(message)->data)
		end_focus(wire_target(message)->data);
	return handle_serial(session, message);
}

#define EVENT(interface, name, opcode, handler)                                                                        \
	{                                                                                                              \
		interface, DIRECTION_EVENT, name##_EVENT_##opcode, handler                                             \
	}
static const struct hook hooks[] = {
	EVENT("wl_keyboard", WL_KEYBOARD, ENTER, handle_keyboard_enter),
	EVENT("wl_keyboard", WL_KEYBOARD, LEAVE, handle_keyboard_leave),
	EVENT("wl_keyboard", WL_KEYBOARD, KEY, handle_key),
	EVENT("wl_keyboard", WL_KEYBOARD, MODIFIERS, handle_serial),
	EVENT("wl_pointer", WL_POINTER, ENTER, handle_serial),
	EVENT("wl_pointer", WL_POINTER, LEAVE, handle_serial),
	EVENT("wl_pointer", WL_POINTER, BUTTON, handle_button),
	EVENT("wl_touch", WL_TOUCH, DOWN, handle_serial_of_input),
	EVENT("wl_touch", WL_TOUCH, UP, handle_serial_of_input),
	EVENT("zwp_tablet_tool_v2", ZWP_TABLET_TOOL_V2, PROXIMITY_IN, handle_serial),
	EVENT("zwp_tablet_tool_v2", ZWP_TABLET_TOOL_V2, DOWN, handle_serial_of_input),
	EVENT("zwp_tablet_tool_v2", ZWP_TABLET_TOOL_V2, BUTTON, handle_serial_of_input),
	EVENT("zwp_tablet_pad_v2", ZWP_TABLET_PAD_V2, ENTER, handle_serial),
	EVENT("zwp_tablet_pad_v2", ZWP_TABLET_PAD_V2, LEAVE, handle_serial),
	EVENT("zwp_tablet_pad_v2", ZWP_TABLET_PAD_V2, BUTTON, handle_input),
};

const struct family family_seat = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
