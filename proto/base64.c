/* SPDX-License-Identifier: MIT */
/*
 * base64.c - see base64.h.
 *
 * File data goes through here byte by byte, so both ways work on whole groups with one table
 * look-up for what a group's character (decoding) or pair of characters (encoding) is worth; the
 * tables are written out by the preprocessor. AGENT_SMALL trades the encoder's 8 KiB for speed.
 */
#include "base64.h"

#include <stdbool.h>

#include "agent_config.h"

/* The alphabet as a list: X(character, value). */
/* clang-format off */
#define ALPHABET(X) \
	X('A', 0) X('B', 1) X('C', 2) X('D', 3) X('E', 4) X('F', 5) X('G', 6) X('H', 7) \
	X('I', 8) X('J', 9) X('K', 10) X('L', 11) X('M', 12) X('N', 13) X('O', 14) X('P', 15) \
	X('Q', 16) X('R', 17) X('S', 18) X('T', 19) X('U', 20) X('V', 21) X('W', 22) X('X', 23) \
	X('Y', 24) X('Z', 25) X('a', 26) X('b', 27) X('c', 28) X('d', 29) X('e', 30) X('f', 31) \
	X('g', 32) X('h', 33) X('i', 34) X('j', 35) X('k', 36) X('l', 37) X('m', 38) X('n', 39) \
	X('o', 40) X('p', 41) X('q', 42) X('r', 43) X('s', 44) X('t', 45) X('u', 46) X('v', 47) \
	X('w', 48) X('x', 49) X('y', 50) X('z', 51) X('0', 52) X('1', 53) X('2', 54) X('3', 55) \
	X('4', 56) X('5', 57) X('6', 58) X('7', 59) X('8', 60) X('9', 61) X('+', 62) X('/', 63)
/* clang-format on */

#if AGENT_SMALL

#define CHARACTER(c, v) c,
static const char digits[64] = {ALPHABET(CHARACTER)};

static inline void put4(char *dst, unsigned group)
{
	dst[0] = digits[group >> 18];
	dst[1] = digits[group >> 12 & 63];
	dst[2] = digits[group >> 6 & 63];
	dst[3] = digits[group & 63];
}

#else

/* Both characters of 12 bits, the first one in the low byte. */
/* clang-format off */
#define P(a, b) (uint16_t)((a) | (b) << 8)
#define ROW(c, v) \
	P(c, 'A'), P(c, 'B'), P(c, 'C'), P(c, 'D'), P(c, 'E'), P(c, 'F'), P(c, 'G'), P(c, 'H'), \
	P(c, 'I'), P(c, 'J'), P(c, 'K'), P(c, 'L'), P(c, 'M'), P(c, 'N'), P(c, 'O'), P(c, 'P'), \
	P(c, 'Q'), P(c, 'R'), P(c, 'S'), P(c, 'T'), P(c, 'U'), P(c, 'V'), P(c, 'W'), P(c, 'X'), \
	P(c, 'Y'), P(c, 'Z'), P(c, 'a'), P(c, 'b'), P(c, 'c'), P(c, 'd'), P(c, 'e'), P(c, 'f'), \
	P(c, 'g'), P(c, 'h'), P(c, 'i'), P(c, 'j'), P(c, 'k'), P(c, 'l'), P(c, 'm'), P(c, 'n'), \
	P(c, 'o'), P(c, 'p'), P(c, 'q'), P(c, 'r'), P(c, 's'), P(c, 't'), P(c, 'u'), P(c, 'v'), \
	P(c, 'w'), P(c, 'x'), P(c, 'y'), P(c, 'z'), P(c, '0'), P(c, '1'), P(c, '2'), P(c, '3'), \
	P(c, '4'), P(c, '5'), P(c, '6'), P(c, '7'), P(c, '8'), P(c, '9'), P(c, '+'), P(c, '/'),
/* clang-format on */

static const uint16_t pairs[4096] = {ALPHABET(ROW)};

static inline void put4(char *dst, unsigned group)
{
	unsigned high = pairs[group >> 12], low = pairs[group & 4095];

	dst[0] = (char)high;
	dst[1] = (char)(high >> 8);
	dst[2] = (char)low;
	dst[3] = (char)(low >> 8);
}

/* Writes `value` where p is known to be a multiple of its size. */
#define STORE(p, value) \
	__builtin_memcpy(__builtin_assume_aligned(p, sizeof(value)), &(value), sizeof(value))

/* The bulk of base64_encode() where dst is even, with two stores a group; returns bytes done. */
static size_t encode_even(char *dst, const uint8_t *src, size_t len)
{
	size_t n = 0;

	for (; n + 6 <= len; n += 6, src += 6, dst += 8) {
		size_t a = src[0], b = src[1], c = src[2], d = src[3], e = src[4], f = src[5];

		STORE(dst, pairs[a << 4 | b >> 4]);
		STORE(dst + 2, pairs[(b & 15) << 8 | c]);
		STORE(dst + 4, pairs[d << 4 | e >> 4]);
		STORE(dst + 6, pairs[(e & 15) << 8 | f]);
	}
	return n;
}

#endif

size_t base64_encode(char *dst, const void *src, size_t len)
{
	const uint8_t *in = src;
	char *out = dst;
	size_t n = 0;

#if !AGENT_SMALL
	if (((uintptr_t)dst & 1) == 0)
		n = encode_even(dst, in, len);
	out += n / 3 * 4;
#endif
	for (; n + 3 <= len; n += 3, out += 4)
		put4(out, (unsigned)in[n] << 16 | (unsigned)in[n + 1] << 8 | in[n + 2]);
	if (n < len) {
		bool two = len - n == 2;

		put4(out, (unsigned)in[n] << 16 | (two ? (unsigned)in[n + 1] << 8 : 0));
		out[3] = '=';
		if (!two)
			out[2] = '=';
		out += 4;
	}
	return (size_t)(out - dst);
}

#if !AGENT_SMALL

/*
 * What a character adds to a group, by its place in the group: its six bits where they belong in a
 * little-endian word of the three bytes, and a flag of its place above them. A group of plain
 * characters has all four flags; whatever is not plain adds nothing.
 */
#define FLAGS 0x0f000000u
#define WORTH(c, v)                                                             \
	[c] = {(v) << 2 | 0x01000000u, (v) >> 4 | ((v)&15) << 12 | 0x02000000u, \
	       (v) >> 2 << 8 | ((v)&3) << 22 | 0x04000000u, (v) << 16 | 0x08000000u},

static const uint32_t worth[256][4] = {ALPHABET(WORTH)};

static inline uint64_t group_at(const uint8_t *c)
{
	return worth[c[0]][0] ^ worth[c[1]][1] ^ worth[c[2]][2] ^ worth[c[3]][3];
}

/*
 * The bulk of base64_decode(), where dst is a multiple of 8 and the characters are plain: eight
 * groups become three words, from which the flags are taken out. Returns the groups done.
 */
static size_t decode_plain(uint8_t *dst, const uint8_t *src, size_t groups)
{
	const uint64_t f = FLAGS;
	size_t done = 0;

	for (; done + 8 <= groups; done += 8, src += 32, dst += 24) {
		uint64_t a = group_at(src), b = group_at(src + 4), c = group_at(src + 8);
		uint64_t d = group_at(src + 12), e = group_at(src + 16), g = group_at(src + 20);
		uint64_t h = group_at(src + 24), i = group_at(src + 28);
		uint64_t word;

		if ((a & b & c & d & e & g & h & i & f) != f)
			break;
		word = a ^ b << 24 ^ c << 48 ^ (f ^ f << 24);
		STORE(dst, word);
		word = c >> 16 ^ d << 8 ^ e << 32 ^ g << 56 ^ (f >> 16 ^ f << 8 ^ f << 32);
		STORE(dst + 8, word);
		word = g >> 8 ^ h << 16 ^ i << 40 ^ (f >> 8 ^ f << 16);
		STORE(dst + 16, word);
	}
	return done;
}

#endif

/* The value of a character, 0 for '=', -1 outside the alphabet. */
static int digit(unsigned c)
{
	if (c - 'A' < 26)
		return (int)(c - 'A');
	if (c - 'a' < 26)
		return (int)(c - 'a' + 26);
	if (c - '0' < 10)
		return (int)(c - '0' + 52);
	return c == '+' ? 62 : c == '/' ? 63 : c == '=' ? 0 : -1;
}

int64_t base64_decode(void *dst, const char *text, size_t len)
{
	const uint8_t *src = (const uint8_t *)text, *end = src + len;
	uint8_t *out = dst, last[2] = {0};
	unsigned group = 0, n = 0;

	while (src < end) {
#if !AGENT_SMALL
		if (n == 0 && ((uintptr_t)out & 7) == 0) {
			size_t done = decode_plain(out, src, (size_t)(end - src) / 4);

			src += 4 * done;
			out += 3 * done;
			if (src == end)
				break;
		}
#endif
		unsigned c = *src++;
		int value = digit(c);

		if (c == '\n')
			continue;
		if (value < 0)
			return -1;
		group = group << 6 | (unsigned)value;
		last[0] = last[1];
		last[1] = (uint8_t)c;
		if (++n < 4)
			continue;
		*out++ = (uint8_t)(group >> 16);
		if (last[0] != '=')
			*out++ = (uint8_t)(group >> 8);
		if (last[1] != '=')
			*out++ = (uint8_t)group;
		n = 0;
	}
	return out - (uint8_t *)dst;
}
