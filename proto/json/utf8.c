/* SPDX-License-Identifier: MIT */
#include "utf8.h"

bool qga_utf8_valid(int32_t code)
{
	if (code < 0 || code > 0x10FFFF)
		return false;
	if ((code >= 0xD800 && code <= 0xDFFF) || (code >= 0xFDD0 && code <= 0xFDEF))
		return false;
	return (code & 0xFFFE) != 0xFFFE;
}

int32_t qga_utf8_get(const char *text, size_t len, size_t *used)
{
	uint8_t lead = (uint8_t)text[0];
	unsigned n = 0;
	uint32_t code;

	*used = 1;
	if (lead < 0x80)
		return lead;
	while (n < 8 && lead & 0x80 >> n)
		n++;
	if (n < 2 || n > 6)
		return -1;
	code = lead & (0x7FU >> n);
	for (; *used < n; ++*used) {
		if (*used == len || ((uint8_t)text[*used] & 0xC0) != 0x80)
			return -1;
		code = code << 6 | ((uint8_t)text[*used] & 0x3F);
	}
	if (code == 0 && n == 2)
		return 0;
	/* So many bits would have fitted a shorter sequence. */
	if (code >> (n == 2 ? 7 : 5 * n - 4) == 0 || !qga_utf8_valid((int32_t)code))
		return -1;
	return (int32_t)code;
}

size_t qga_utf8_put(char *to, int32_t code)
{
	if (code != 0 && code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xC0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xE0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3F));
		to[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | code >> 18);
	to[1] = (char)(0x80 | (code >> 12 & 0x3F));
	to[2] = (char)(0x80 | (code >> 6 & 0x3F));
	to[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}
