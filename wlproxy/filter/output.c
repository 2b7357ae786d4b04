/* wl_output, zxdg_output_v1: a screen's maker, model and serial number identify a person's machine, so they are neutral.
 * The name of its connector ("DP-1") and its size in millimetres stay: programs choose and scale by them. */
#include "client.h"

#include "protocol-opcodes.h"

static const char neutral_make[] = "isolate";
static const char neutral_text[] = "display";

static enum verdict handle_geometry(struct session *session, struct wire_message *message)
{
	enum { MAKE = 5, MODEL = 6 };
	wire_set_string(message, MAKE, neutral_make);
	wire_set_string(message, MODEL, neutral_text);
	return VERDICT_FORWARD;
}

static enum verdict handle_description(struct session *session, struct wire_message *message)
{
	wire_set_string(message, 0, neutral_text);
	return VERDICT_FORWARD;
}

static const struct hook hooks[] = {
	{"wl_output",      DIRECTION_EVENT, WL_OUTPUT_EVENT_GEOMETRY,	 handle_geometry	},
	{"wl_output",      DIRECTION_EVENT, WL_OUTPUT_EVENT_DESCRIPTION,	    handle_description},
	{"zxdg_output_v1", DIRECTION_EVENT, ZXDG_OUTPUT_V1_EVENT_DESCRIPTION, handle_description},
};

const struct family family_output = {hooks, G_N_ELEMENTS(hooks), NULL, NULL, NULL};
