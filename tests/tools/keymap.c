#include "keymap.h"

#include "fd.h"

#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

enum { EVDEV_OFFSET = 8 }; // xkb key codes are evdev's plus 8

struct keymap {
	struct xkb_context *context;
	struct xkb_keymap *xkb;
};

struct keymap *keymap_create(void)
{
	struct keymap *k = calloc(1, sizeof *k);
	if (!k)
		return NULL;
	const struct xkb_rule_names names = {.rules = "evdev", .model = "pc105", .layout = "us"};
	k->context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	if (k->context)
		k->xkb = xkb_keymap_new_from_names(k->context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	if (!k->xkb) {
		keymap_destroy(k);
		return NULL;
	}
	return k;
}

void keymap_destroy(struct keymap *k)
{
	if (!k)
		return;
	xkb_keymap_unref(k->xkb);
	xkb_context_unref(k->context);
	free(k);
}

int keymap_fd(const struct keymap *k, size_t *size)
{
	autofree char *text = xkb_keymap_get_as_string(k->xkb, XKB_KEYMAP_FORMAT_TEXT_V1);
	if (!text)
		return -1;
	*size = strlen(text) + 1;
	return fd_memfd_sealed("keymap", text, *size);
}

static bool find_sym(const struct keymap *k, xkb_keysym_t wanted, struct key_stroke *stroke)
{
	const xkb_keycode_t last = xkb_keymap_max_keycode(k->xkb);
	for (xkb_keycode_t code = xkb_keymap_min_keycode(k->xkb); code <= last; code++) {
		const xkb_level_index_t levels = xkb_keymap_num_levels_for_key(k->xkb, code, 0);
		for (xkb_level_index_t level = 0; level < levels; level++) {
			const xkb_keysym_t *syms;
			xkb_mod_mask_t mask;
			if (xkb_keymap_key_get_syms_by_level(k->xkb, code, 0, level, &syms) != 1 || *syms != wanted)
				continue;
			if (xkb_keymap_key_get_mods_for_level(k->xkb, code, 0, level, &mask, 1) == 0)
				mask = 0;
			*stroke = (struct key_stroke){.key = code - EVDEV_OFFSET, .modifiers = mask};
			return true;
		}
	}
	return false;
}

static size_t decode_utf8(const char *text, uint32_t *character)
{
	const unsigned char *t = (const unsigned char *)text;
	const size_t more = t[0] < 0x80 ? 0 : t[0] >= 0xf0 ? 3 : t[0] >= 0xe0 ? 2 : 1;
	uint32_t c = more ? t[0] & (0x3f >> more) : t[0];
	for (size_t i = 1; i <= more; i++) {
		if ((t[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (t[i] & 0x3f);
	}
	*character = c;
	return more + 1;
}

size_t keymap_for_text(const struct keymap *k, const char *text, struct key_stroke *stroke)
{
	uint32_t character;
	const size_t used = decode_utf8(text, &character);
	if (used == 0 || !find_sym(k, xkb_utf32_to_keysym(character), stroke))
		return 0;
	return used;
}

bool keymap_for_name(const struct keymap *k, const char *name, struct key_stroke *stroke)
{
	const xkb_keysym_t sym = xkb_keysym_from_name(name, XKB_KEYSYM_NO_FLAGS);
	return sym != XKB_KEY_NoSymbol && find_sym(k, sym, stroke);
}

uint32_t keymap_modifier(const struct keymap *k, const char *name)
{
	static const struct {
		const char *name, *xkb;
	} table[] = {
		{"ctrl",	 XKB_MOD_NAME_CTRL },
		{"alt",	XKB_MOD_NAME_ALT	},
		{"shift", XKB_MOD_NAME_SHIFT},
		{"logo",	 XKB_MOD_NAME_LOGO },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (strcmp(name, table[i].name) == 0) {
			const xkb_mod_index_t index = xkb_keymap_mod_get_index(k->xkb, table[i].xkb);
			return index == XKB_MOD_INVALID ? 0 : 1u << index;
		}
	}
	return 0;
}
