/* The keymap of the virtual keyboard: the ordinary us layout, and which keys of it make a text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keymap;

struct key_stroke {
	uint32_t key;	    // evdev code
	uint32_t modifiers; // xkb mask to be held with it
};

/* NULL when xkb has no such layout. */
struct keymap *keymap_create(void);
void keymap_destroy(struct keymap *keymap);

/* A memory file with the text of the keymap, the caller's; *size counts its final NUL. -1 and errno on failure. */
int keymap_fd(const struct keymap *keymap, size_t *size);

/* The stroke for the first character of the UTF-8 text. Returns how many bytes it was, 0 when it cannot be typed. */
size_t keymap_for_text(const struct keymap *keymap, const char *text, struct key_stroke *stroke);

/* The stroke for a keysym's name, such as Return, F1 or a. */
bool keymap_for_name(const struct keymap *keymap, const char *name, struct key_stroke *stroke);

/* The mask of ctrl, alt, shift or logo; 0 for anything else. */
uint32_t keymap_modifier(const struct keymap *keymap, const char *name);
