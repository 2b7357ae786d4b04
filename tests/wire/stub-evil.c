#include "stub-private.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint32_t find_object(const struct stub_client *client, const char *interface)
{
	for (uint32_t id = 1; id < client->n_objects; id++)
		if (client->objects[id].interface && strcmp(client->objects[id].interface->wl->name, interface) == 0)
			return id;
	return 0;
}

static void put_header(struct stub_client *client, uint32_t id, uint32_t opcode, uint32_t size)
{
	uint32_t header[] = {id, size << 16 | opcode};
	wire_put_raw(&client->wire, header, sizeof header);
}

/* xdg_toplevel.configure whose array of states claims this many bytes. */
static void put_array(struct stub_client *client, uint32_t length)
{
	uint32_t *args = wire_put(&client->wire, find_object(client, "xdg_toplevel"), 0, 4);
	args[0] = args[1] = 100;
	args[2] = length;
	args[3] = 4;
}

/* wl_seat.name with a string of this length. */
static void put_string(struct stub_client *client, uint32_t length, const char bytes[8])
{
	uint32_t *args = wire_put(&client->wire, find_object(client, "wl_seat"), 1, 3);
	args[0] = length;
	memcpy(args + 1, bytes, 8);
}

static void put_fds(struct stub_client *client, uint32_t pointer)
{
	static int fd = -1;
	if (fd < 0)
		fd = memfd_create("evil", MFD_CLOEXEC);
	for (int i = 0; i < 20; i++)
		wire_put_fd(&client->wire, fd);
	wire_put(&client->wire, pointer, 5, 0);
}

void stub_evil(struct stub_client *client, uint32_t pointer, enum stub_evil kind)
{
	struct wire *wire = &client->wire;
	switch (kind) {
	case STUB_EVIL_NEWER:
		wire_send(wire, pointer, 9, "ui", 0, 120); // wl_pointer.axis_value120, since 8
		break;
	case STUB_EVIL_FDS:
		put_fds(client, pointer);
		break;
	case STUB_EVIL_OPCODE:
		wire_put(wire, pointer, 300, 0);
		break;
	case STUB_EVIL_SIZE:
		put_header(client, pointer, 5, 4);
		break;
	case STUB_EVIL_UNALIGNED:
		put_header(client, pointer, 5, 10);
		break;
	case STUB_EVIL_SHORT:
		wire_put(wire, pointer, 2, 0); // motion without its arguments
		break;
	case STUB_EVIL_LONG:
		wire_send(wire, pointer, 5, "uu", 1, 2); // frame with arguments
		break;
	case STUB_EVIL_OBJECT:
		wire_put(wire, 0x00abcdef, 0, 0);
		break;
	case STUB_EVIL_ARRAY:
		put_array(client, 4000);
		break;
	case STUB_EVIL_ARRAY_WRAPS:
		put_array(client, 0xfffffffe);
		break;
	case STUB_EVIL_STRING:
		put_string(client, 8, "abcdefgh");
		break;
	case STUB_EVIL_STRING_LONG:
		put_string(client, 100, "abcdefg");
		break;
	case STUB_EVIL_STRING_WRAPS:
		put_string(client, 0xffffffff, "abcdefg");
		break;
	case STUB_EVIL_DELETE_UNKNOWN:
		wire_send(wire, WIRE_DISPLAY, 1, "u", 0x00abcdef);
		break;
	case STUB_EVIL_DELETE_LIVE:
		wire_send(wire, WIRE_DISPLAY, 1, "u", pointer);
		break;
	case STUB_EVIL_DELETE_DISPLAY:
		wire_send(wire, WIRE_DISPLAY, 1, "u", WIRE_DISPLAY);
		break;
	case STUB_EVIL_NO_FD:
		wire_send(wire, find_object(client, "wl_keyboard"), 0, "uu", 1, 100);
		break;
	case STUB_EVIL_NEW_ID_GAP:
		wire_send(wire, find_object(client, "wl_data_device"), 0, "n", WIRE_SERVER_ID + 5);
		break;
	case STUB_EVIL_NEW_ID_CLIENT:
		wire_send(wire, find_object(client, "wl_data_device"), 0, "n", 2);
		break;
	case STUB_EVIL_NEW_ID_NULL:
		wire_send(wire, find_object(client, "wl_data_device"), 0, "n", 0);
		break;
	case STUB_EVIL_ARGUMENT:
		wire_send(wire, pointer, 0, "uoii", 1, 0x00abcdef, 0, 0); // enter on a surface that nobody has
		break;
	case STUB_EVIL_ERROR:
		wire_send(wire, WIRE_DISPLAY, 0, "uus", 0x00abcdef, 7, "about nothing");
		break;
	case STUB_EVIL_LARGE:
		put_header(client, pointer, 2, 65532);
		for (int i = 0; i < (65532 - WIRE_HEADER) / 4; i++)
			wire_put_raw(wire, "evil", 4);
		break;
	case STUB_EVIL_END:
		break;
	}
}
