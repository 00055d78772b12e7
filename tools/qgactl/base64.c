/* SPDX-License-Identifier: MIT */
/* base64.c - see base64.h. A file is mostly this: three bytes at a time, four characters at a time.
 */
#include <stdint.h>

#include "base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(char *to, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len >= 3; len -= 3, p += 3) {
		uint32_t three = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];

		*to++ = alphabet[three >> 18];
		*to++ = alphabet[three >> 12 & 63];
		*to++ = alphabet[three >> 6 & 63];
		*to++ = alphabet[three & 63];
	}
	if (len > 0) {
		uint32_t rest = (uint32_t)p[0] << 16 | (len == 2 ? (uint32_t)p[1] << 8 : 0);

		*to++ = alphabet[rest >> 18];
		*to++ = alphabet[rest >> 12 & 63];
		*to++ = len == 2 ? alphabet[rest >> 6 & 63] : '=';
		*to++ = '=';
	}
}

/* 64 for what is not in the alphabet. */
static uint8_t values[256];

static void fill_values(void)
{
	for (int c = 0; c < 256; c++)
		values[c] = 64;
	for (int i = 0; i < 64; i++)
		values[(uint8_t)alphabet[i]] = (uint8_t)i;
}

bool base64_decode(void *to, size_t *to_len, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	uint8_t *out = to;
	size_t padding = 0;

	if (values['B'] == 0)
		fill_values();
	*to_len = 0;
	if (len % 4 != 0)
		return false;
	while (padding < 2 && len > padding && p[len - padding - 1] == '=')
		padding++;
	for (size_t whole = (len - padding) / 4; whole > 0; whole--, p += 4, out += 3) {
		uint32_t a = values[p[0]], b = values[p[1]], c = values[p[2]], d = values[p[3]];
		uint32_t three = a << 18 | b << 12 | c << 6 | d;

		if ((a | b | c | d) & 64)
			return false;
		out[0] = (uint8_t)(three >> 16);
		out[1] = (uint8_t)(three >> 8);
		out[2] = (uint8_t)three;
	}
	if (padding > 0) {
		uint32_t a = values[p[0]], b = values[p[1]];
		uint32_t c = padding == 1 ? values[p[2]] : 0;

		if ((a | b | c) & 64)
			return false;
		*out++ = (uint8_t)(a << 2 | b >> 4);
		if (padding == 1)
			*out++ = (uint8_t)(b << 4 | c >> 2);
	}
	*to_len = (size_t)(out - (uint8_t *)to);
	return true;
}
