// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* printable.c - makes the bytes of a text harmless, see printable.h. */
#include "printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * Code points that show nothing by themselves: C0 and C1 controls, the soft hyphen, and what the Unicode
 * standard, 23.2 "Layout Controls", has for direction, joining and lines.
 */
static const struct hidden {
	uint32_t first, last;
} hidden[] = {
	{ 0x0, 0x1f },	    { 0x7f, 0x9f },	{ 0xad, 0xad },	    { 0x61c, 0x61c },
	{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
	{ 0xd800, 0xdfff }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
};

static bool is_hidden(uint32_t code)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

/* The bytes of the UTF-8 character at @text, 0 where none begins there; Unicode standard, table 3-7. */
static size_t character(const unsigned char *text, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t bytes = *text < 0x80    ? 1
		       : *text >= 0xf0 ? 4
		       : *text >= 0xe0 ? 3
		       : *text >= 0xc0 ? 2
				       : 0;

	*code = bytes > 1 ? *text & (0x7fu >> bytes) : *text;
	for (size_t i = 1; i < bytes; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (text[i] & 0x3f);
	}
	return *text < 0xf8 && *code >= least[bytes] && *code <= 0x10ffff ? bytes : 0;
}

void printable(const char *text, char *to, size_t room)
{
	size_t used = 0;

	while (*text) {
		uint32_t code;
		size_t bytes = character((const unsigned char *)text, &code), length = bytes;
		const char *piece = text;
		char escape[5];

		if (!bytes || is_hidden(code)) {
			snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)*text);
			piece = escape;
			length = 4;
			bytes = 1;
		}
		if (used + length >= room)
			break;
		memcpy(to + used, piece, length);
		used += length;
		text += bytes;
	}
	to[used] = 0;
}
