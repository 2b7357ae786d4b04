#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Decodes one character of at most length bytes. Returns its size, 0 when it is not valid UTF-8. */
static size_t decode(const unsigned char *p, size_t length, uint32_t *rune)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t size = p[0] < 0x80	      ? 1
		      : (p[0] & 0xe0) == 0xc0 ? 2
		      : (p[0] & 0xf0) == 0xe0 ? 3
		      : (p[0] & 0xf8) == 0xf0 ? 4
					      : 0;
	if (size == 0 || size > length)
		return 0;
	uint32_t r = size == 1 ? p[0] : p[0] & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		r = r << 6 | (p[i] & 0x3f);
	}
	if (r < least[size] || r > 0x10ffff || (r >= 0xd800 && r <= 0xdfff))
		return 0;
	*rune = r;
	return size;
}

/* Characters that act on a terminal or on the order in which a line is shown, or that are shown as nothing. */
static bool is_hazard(uint32_t r)
{
	static const uint32_t ranges[][2] = {
		{0x00,    0x1f   },
		{0x7f,    0x9f   },
		{0xad,    0xad   },
		{0x61c,	0x61c  },
		{0x115f,	 0x1160 },
		{0x17b4,	 0x17b5 },
		{0x180b,	 0x180f },
		{0x200b,	 0x200f },
		{0x2028,	 0x202e },
		{0x2060,	 0x206f },
		{0x3164,	 0x3164 },
		{0xfe00,	 0xfe0f },
		{0xfeff,	 0xfeff },
		{0xffa0,	 0xffa0 },
		{0xfff9,	 0xfffb },
		{0x1d173, 0x1d17a},
		{0xe0000, 0xe0fff},
	};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (r >= ranges[i][0] && r <= ranges[i][1])
			return true;
	return false;
}

size_t text_sanitize(char *out, size_t size, const char *input)
{
	if (size == 0)
		return 0;
	const unsigned char *p = (const unsigned char *)input;
	size_t left = strlen(input), used = 0;
	while (left > 0) {
		uint32_t rune = 0;
		size_t n = decode(p, left, &rune);
		bool keep = n > 0 && !is_hazard(rune);
		size_t room = keep ? n : 1;
		if (used + room >= size)
			break;
		if (keep)
			memcpy(out + used, p, n);
		else
			out[used] = '?';
		used += room;
		n = n > 0 ? n : 1;
		p += n;
		left -= n;
	}
	out[used] = '\0';
	return used;
}

static bool is_title_part(uint32_t r)
{
	return !is_hazard(r) || r == 0x200c || r == 0x200d || (r >= 0xfe00 && r <= 0xfe0f);
}

size_t text_strip(char *out, size_t size, const char *input)
{
	if (size == 0)
		return 0;
	const unsigned char *p = (const unsigned char *)input;
	size_t left = strlen(input), used = 0, n;
	for (; left > 0; p += n, left -= n) {
		uint32_t rune = 0;
		n = decode(p, left, &rune);
		bool is_space = n == 1 && rune >= '\t' && rune <= '\r';
		size_t room = is_space || (n > 0 && is_title_part(rune)) ? n : 0;
		if (used + room >= size)
			break;
		if (is_space)
			out[used] = ' ';
		else
			memcpy(out + used, p, room);
		used += room;
		n = n > 0 ? n : 1;
	}
	out[used] = '\0';
	return used;
}

char *text_dup_sanitized(const char *input, size_t max)
{
	size_t length = strlen(input);
	size_t size = (length < max ? length : max) + 1;
	char *out = malloc(size);
	if (out)
		text_sanitize(out, size, input);
	return out;
}

size_t text_utf8_cut(const char *text, size_t length, size_t max)
{
	if (length <= max)
		return length;
	size_t cut = max;
	while (cut > 0 && max - cut < 4 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return cut;
}

bool text_is_utf8(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;
	while (length > 0) {
		uint32_t rune;
		size_t n = decode(p, length, &rune);
		if (n == 0)
			return false;
		p += n;
		length -= n;
	}
	return true;
}

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char project_rest[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
static const char app_first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
static const char app_rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

static bool is_name(const char *text, const char *first, const char *rest, size_t max)
{
	size_t length = strlen(text);
	return length > 0 && length <= max && strchr(first, text[0]) && strspn(text, rest) == length;
}

bool text_is_project_name(const char *text)
{
	return is_name(text, lower, project_rest, 32);
}

bool text_is_app_name(const char *text)
{
	return is_name(text, app_first, app_rest, 64);
}

enum { NEAREST_MAX = 48 };

static unsigned char fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Levenshtein's distance with swaps of neighbours counted once; both at most NEAREST_MAX long. */
static unsigned distance(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);
	unsigned d[3][NEAREST_MAX + 1];
	for (size_t j = 0; j <= n; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= m; i++) {
		unsigned *row = d[i % 3], *up = d[(i + 2) % 3], *up2 = d[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned cost = fold(a[i - 1]) != fold(b[j - 1]);
			unsigned best = up[j - 1] + cost;
			best = up[j] + 1 < best ? up[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]) &&
				up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			row[j] = best;
		}
	}
	return d[m % 3][n];
}

const char *text_nearest(const char *word, const char *const *candidates)
{
	size_t length = strlen(word);
	if (length == 0 || length > NEAREST_MAX)
		return NULL;
	const char *nearest = NULL;
	unsigned limit = (unsigned)(length / 3 + 1), best = limit + 1;
	for (; *candidates; candidates++) {
		if (strlen(*candidates) > NEAREST_MAX)
			continue;
		unsigned d = distance(word, *candidates);
		if (d < best) {
			best = d;
			nearest = *candidates;
		}
	}
	return nearest;
}
