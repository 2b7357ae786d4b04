/* virtual-input: a keyboard and a pointer for a headless compositor, so that tests can type and click.
 *
 *   virtual-input WIDTHxHEIGHT        the size of the output, which is the range of `move`
 *
 * A headless seat has no devices and offers none to clients, so this runs as long as the compositor does. It reads one
 * command a line from stdin and answers each with "ok", once the compositor has seen it, or with "error: TEXT":
 *
 *   move X Y | click [left|right|middle] | press BUTTON | release BUTTON | scroll STEPS
 *   type TEXT | key [ctrl+][alt+][shift+][logo+]NAME       NAME as xkb has it: Return, Left, a
 *   hold NAME | let NAME                                   a key that stays down
 *   wait MILLISECONDS */
#include "keymap.h"
#include "virtual-input-client-protocol.h"

#include <errno.h>
#include <linux/input-event-codes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

enum { LINE_MAX_BYTES = 8192, PRESS_MS = 8 };

struct devices {
	struct wl_display *display;
	struct wl_seat *seat;
	struct zwlr_virtual_pointer_manager_v1 *pointer_manager;
	struct zwp_virtual_keyboard_manager_v1 *keyboard_manager;
	struct zwlr_virtual_pointer_v1 *pointer;
	struct zwp_virtual_keyboard_v1 *keyboard;
	struct keymap *keymap;
	uint32_t width, height;
};

static uint32_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint32_t)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static void sleep_ms(long ms)
{
	const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&t, NULL);
}

static void send_modifiers(struct devices *d, uint32_t mask)
{
	zwp_virtual_keyboard_v1_modifiers(d->keyboard, mask, 0, 0, 0);
}

static void send_key(struct devices *d, uint32_t key, bool down)
{
	zwp_virtual_keyboard_v1_key(
		d->keyboard, now_ms(), key, down ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
	wl_display_flush(d->display);
}

static void tap(struct devices *d, struct key_stroke stroke, uint32_t extra_modifiers)
{
	send_modifiers(d, stroke.modifiers | extra_modifiers);
	send_key(d, stroke.key, true);
	sleep_ms(PRESS_MS);
	send_key(d, stroke.key, false);
	send_modifiers(d, 0);
}

static const char *type_text(struct devices *d, const char *text)
{
	while (*text) {
		struct key_stroke stroke;
		size_t used = keymap_for_text(d->keymap, text, &stroke);
		if (used == 0)
			return "the keymap cannot type this character";
		tap(d, stroke, 0);
		text += used;
	}
	return NULL;
}

static const char *tap_named(struct devices *d, char *name)
{
	uint32_t extra = 0;
	char *plus;
	while ((plus = strchr(name, '+')) && plus[1]) {
		*plus = '\0';
		uint32_t mask = keymap_modifier(d->keymap, name);
		if (mask == 0)
			return "no such modifier";
		extra |= mask;
		name = plus + 1;
	}
	struct key_stroke stroke;
	if (!keymap_for_name(d->keymap, name, &stroke))
		return "no such key";
	tap(d, stroke, extra);
	return NULL;
}

static const char *hold_named(struct devices *d, const char *name, bool down)
{
	struct key_stroke stroke;
	if (!keymap_for_name(d->keymap, name, &stroke))
		return "no such key";
	send_key(d, stroke.key, down);
	return NULL;
}

static const char *press_button(struct devices *d, const char *name, bool down, bool up)
{
	uint32_t button = BTN_LEFT;
	if (strcmp(name, "right") == 0)
		button = BTN_RIGHT;
	else if (strcmp(name, "middle") == 0)
		button = BTN_MIDDLE;
	else if (*name && strcmp(name, "left") != 0)
		return "no such button";
	if (down) {
		zwlr_virtual_pointer_v1_button(d->pointer, now_ms(), button, WL_POINTER_BUTTON_STATE_PRESSED);
		zwlr_virtual_pointer_v1_frame(d->pointer);
		wl_display_flush(d->display);
	}
	if (down && up)
		sleep_ms(PRESS_MS);
	if (up) {
		zwlr_virtual_pointer_v1_button(d->pointer, now_ms(), button, WL_POINTER_BUTTON_STATE_RELEASED);
		zwlr_virtual_pointer_v1_frame(d->pointer);
	}
	return NULL;
}

static const char *move_pointer(struct devices *d, const char *rest)
{
	unsigned x, y;
	if (sscanf(rest, "%u %u", &x, &y) != 2 || x >= d->width || y >= d->height)
		return "move X Y, inside the output";
	zwlr_virtual_pointer_v1_motion_absolute(d->pointer, now_ms(), x, y, d->width, d->height);
	zwlr_virtual_pointer_v1_frame(d->pointer);
	return NULL;
}

static const char *scroll(struct devices *d, const char *rest)
{
	int steps = atoi(rest);
	zwlr_virtual_pointer_v1_axis_source(d->pointer, WL_POINTER_AXIS_SOURCE_WHEEL);
	zwlr_virtual_pointer_v1_axis_discrete(
		d->pointer, now_ms(), WL_POINTER_AXIS_VERTICAL_SCROLL, wl_fixed_from_int(steps * 15), steps);
	zwlr_virtual_pointer_v1_frame(d->pointer);
	return NULL;
}

/* Returns NULL, or what is wrong. */
static const char *obey(struct devices *d, char *line)
{
	char *rest = line + strcspn(line, " ");
	if (*rest)
		*rest++ = '\0';
	if (strcmp(line, "move") == 0)
		return move_pointer(d, rest);
	if (strcmp(line, "click") == 0)
		return press_button(d, rest, true, true);
	if (strcmp(line, "press") == 0)
		return press_button(d, rest, true, false);
	if (strcmp(line, "release") == 0)
		return press_button(d, rest, false, true);
	if (strcmp(line, "scroll") == 0)
		return scroll(d, rest);
	if (strcmp(line, "type") == 0)
		return type_text(d, rest);
	if (strcmp(line, "key") == 0)
		return tap_named(d, rest);
	if (strcmp(line, "hold") == 0)
		return hold_named(d, rest, true);
	if (strcmp(line, "let") == 0)
		return hold_named(d, rest, false);
	if (strcmp(line, "wait") == 0) {
		sleep_ms(atol(rest));
		return NULL;
	}
	return "no such command";
}

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface, uint32_t version)
{
	struct devices *d = data;
	if (strcmp(interface, wl_seat_interface.name) == 0 && !d->seat)
		d->seat = wl_registry_bind(registry, name, &wl_seat_interface, 1);
	else if (strcmp(interface, zwlr_virtual_pointer_manager_v1_interface.name) == 0)
		d->pointer_manager = wl_registry_bind(registry, name, &zwlr_virtual_pointer_manager_v1_interface, 1);
	else if (strcmp(interface, zwp_virtual_keyboard_manager_v1_interface.name) == 0)
		d->keyboard_manager = wl_registry_bind(registry, name, &zwp_virtual_keyboard_manager_v1_interface, 1);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {on_global, on_global_remove};

static bool make_devices(struct devices *d)
{
	struct wl_registry *registry = wl_display_get_registry(d->display);
	wl_registry_add_listener(registry, &registry_listener, d);
	wl_display_roundtrip(d->display);
	if (!d->seat || !d->pointer_manager || !d->keyboard_manager) {
		fprintf(stderr, "virtual-input: the compositor has no seat or no virtual input protocols\n");
		return false;
	}
	d->pointer = zwlr_virtual_pointer_manager_v1_create_virtual_pointer(d->pointer_manager, d->seat);
	d->keyboard = zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(d->keyboard_manager, d->seat);
	size_t size;
	int fd = keymap_fd(d->keymap, &size);
	if (fd < 0) {
		perror("virtual-input: keymap");
		return false;
	}
	zwp_virtual_keyboard_v1_keymap(d->keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, fd, (uint32_t)size);
	close(fd);
	return wl_display_roundtrip(d->display) >= 0;
}

/* The connection is read while no command comes: a compositor drops a client that leaves its events lying. */
static bool wait_for_input(struct devices *d)
{
	for (;;) {
		while (wl_display_prepare_read(d->display) != 0)
			wl_display_dispatch_pending(d->display);
		wl_display_flush(d->display);
		struct pollfd p[] = {
			{.fd = STDIN_FILENO,		     .events = POLLIN},
			{.fd = wl_display_get_fd(d->display), .events = POLLIN}
		       };
		if (poll(p, 2, -1) < 0 && errno != EINTR) {
			wl_display_cancel_read(d->display);
			return false;
		}
		if (p[1].revents) {
			if (wl_display_read_events(d->display) < 0 || wl_display_dispatch_pending(d->display) < 0)
				return false;
		} else {
			wl_display_cancel_read(d->display);
		}
		if (p[0].revents)
			return true;
	}
}

int main(int argc, char **argv)
{
	struct devices d = {0};
	if (argc != 2 || sscanf(argv[1], "%ux%u", &d.width, &d.height) != 2) {
		fprintf(stderr, "usage: virtual-input WIDTHxHEIGHT\n");
		return 2;
	}
	d.keymap = keymap_create();
	d.display = wl_display_connect(NULL);
	if (!d.keymap || !d.display) {
		fprintf(stderr, "virtual-input: no %s\n", d.keymap ? "compositor" : "keymap");
		return 1;
	}
	if (!make_devices(&d))
		return 1;
	// Unbuffered, so that poll() sees every line that was not taken yet.
	setvbuf(stdin, NULL, _IONBF, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");
	char line[LINE_MAX_BYTES];
	while (wait_for_input(&d) && fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		const char *fault = obey(&d, line);
		if (wl_display_roundtrip(d.display) < 0)
			fault = "the compositor is gone";
		if (fault)
			printf("error: %s\n", fault);
		else
			printf("ok\n");
	}
	wl_display_disconnect(d.display);
	keymap_destroy(d.keymap);
	return 0;
}
