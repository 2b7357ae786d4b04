/* A compositor that sends what none should. Its client may lose the connection of it, nobody else may notice. */
#include "offence.h"

#include <stdio.h>

static const char *const names[] = {
	[STUB_EVIL_NEWER] = "an event newer than the bound version",
	[STUB_EVIL_FDS] = "descriptors that no event asks for",
	[STUB_EVIL_OPCODE] = "an opcode that does not exist",
	[STUB_EVIL_SIZE] = "size 4",
	[STUB_EVIL_UNALIGNED] = "size 10",
	[STUB_EVIL_SHORT] = "missing arguments",
	[STUB_EVIL_LONG] = "too many arguments",
	[STUB_EVIL_OBJECT] = "an object that nobody has",
	[STUB_EVIL_ARRAY] = "an array longer than its event",
	[STUB_EVIL_ARRAY_WRAPS] = "an array whose padded length wraps around",
	[STUB_EVIL_STRING] = "a string without NUL",
	[STUB_EVIL_STRING_LONG] = "a string longer than its event",
	[STUB_EVIL_STRING_WRAPS] = "a string whose padded length wraps around",
	[STUB_EVIL_DELETE_UNKNOWN] = "delete_id of an id that nobody has",
	[STUB_EVIL_DELETE_LIVE] = "delete_id of a live object",
	[STUB_EVIL_DELETE_DISPLAY] = "delete_id of wl_display",
	[STUB_EVIL_NO_FD] = "a keymap without its descriptor",
	[STUB_EVIL_NEW_ID_GAP] = "a new id that leaves a gap",
	[STUB_EVIL_NEW_ID_CLIENT] = "a new id of the client's range",
	[STUB_EVIL_NEW_ID_NULL] = "a new id 0",
	[STUB_EVIL_ARGUMENT] = "an object argument that nobody has",
	[STUB_EVIL_ERROR] = "an error about an object that nobody has",
	[STUB_EVIL_LARGE] = "an event of 65532 bytes",
};

static void suffer(struct arena *arena, enum stub_evil kind)
{
	arena->what = names[kind];
	struct client client;
	struct window window;
	arena_connect(arena, &client);
	CHECK(arena, window_open(&window, &client, "victim", "victim"), "%s", client.error_text);
	uint32_t seat = client_bind(&client, "wl_seat", 5);
	uint32_t devices = client_bind(&client, "wl_data_device_manager", 3);
	uint32_t pointer = client_id(&client), keyboard = client_id(&client), device = client_id(&client);
	wire_send(&client.wire, seat, 0, "n", pointer);
	wire_send(&client.wire, seat, 1, "n", keyboard);
	wire_send(&client.wire, devices, 1, "no", device, seat);
	CHECK(arena, client_roundtrip(&client), "%s", client.error_text);
	wire_send(&client.wire, pointer, 0, "uoii", 1, 0, 0, kind); // set_cursor: see stub.h
	bool served = client_roundtrip(&client);
	printf("%-60s %s\n", names[kind], served ? "(goes on)" : client.failed ? client.error_text : "(closed)");
	fflush(stdout);
	CHECK(arena, served || client.closed || client.failed, "the client waits for ever");
	CHECK(arena, served || kind != STUB_EVIL_NEWER, "the client was disconnected for the compositor's fault");
	window_close(&window);
	client_close(&client);
	arena_check_calm(arena);
}

void case_evil(struct arena *arena)
{
	if (!arena->record)
		return;
	for (enum stub_evil kind = STUB_EVIL_NEWER; kind < STUB_EVIL_END; kind++)
		suffer(arena, kind);
}
