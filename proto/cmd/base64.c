/* SPDX-License-Identifier: MIT */
/*
 * base64.c - see base64.h.
 *
 * File data goes through here byte by byte, so both ways work on whole words and groups with one
 * table look-up for what a group's character (decoding) or pair of characters (encoding) is worth;
 * the tables are written out by the preprocessor. QGA_SMALL goes without: it saves 12 KiB, is
 * slower, and runs on a big-endian machine as well.
 */
#include "base64.h"

#include <stdbool.h>

#include "bareqga.h"

/* The alphabet as a list: X(character, value). */
/* clang-format off */
#define BASE64_ALPHABET(X) \
	X('A', 0) X('B', 1) X('C', 2) X('D', 3) X('E', 4) X('F', 5) X('G', 6) X('H', 7) \
	X('I', 8) X('J', 9) X('K', 10) X('L', 11) X('M', 12) X('N', 13) X('O', 14) X('P', 15) \
	X('Q', 16) X('R', 17) X('S', 18) X('T', 19) X('U', 20) X('V', 21) X('W', 22) X('X', 23) \
	X('Y', 24) X('Z', 25) X('a', 26) X('b', 27) X('c', 28) X('d', 29) X('e', 30) X('f', 31) \
	X('g', 32) X('h', 33) X('i', 34) X('j', 35) X('k', 36) X('l', 37) X('m', 38) X('n', 39) \
	X('o', 40) X('p', 41) X('q', 42) X('r', 43) X('s', 44) X('t', 45) X('u', 46) X('v', 47) \
	X('w', 48) X('x', 49) X('y', 50) X('z', 51) X('0', 52) X('1', 53) X('2', 54) X('3', 55) \
	X('4', 56) X('5', 57) X('6', 58) X('7', 59) X('8', 60) X('9', 61) X('+', 62) X('/', 63)
/* clang-format on */

#if QGA_SMALL

#define BASE64_CHARACTER(c, v) c,
static const char base64_digits[64] = {BASE64_ALPHABET(BASE64_CHARACTER)};

static inline void base64_put4(char *dst, unsigned group)
{
	dst[0] = base64_digits[group >> 18];
	dst[1] = base64_digits[group >> 12 & 63];
	dst[2] = base64_digits[group >> 6 & 63];
	dst[3] = base64_digits[group & 63];
}

#else

/* Both characters of 12 bits, the first one in the low byte. */
/* clang-format off */
#define P(a, b) (uint16_t)((a) | (b) << 8)
#define BASE64_ROW(c, v) \
	P(c, 'A'), P(c, 'B'), P(c, 'C'), P(c, 'D'), P(c, 'E'), P(c, 'F'), P(c, 'G'), P(c, 'H'), \
	P(c, 'I'), P(c, 'J'), P(c, 'K'), P(c, 'L'), P(c, 'M'), P(c, 'N'), P(c, 'O'), P(c, 'P'), \
	P(c, 'Q'), P(c, 'R'), P(c, 'S'), P(c, 'T'), P(c, 'U'), P(c, 'V'), P(c, 'W'), P(c, 'X'), \
	P(c, 'Y'), P(c, 'Z'), P(c, 'a'), P(c, 'b'), P(c, 'c'), P(c, 'd'), P(c, 'e'), P(c, 'f'), \
	P(c, 'g'), P(c, 'h'), P(c, 'i'), P(c, 'j'), P(c, 'k'), P(c, 'l'), P(c, 'm'), P(c, 'n'), \
	P(c, 'o'), P(c, 'p'), P(c, 'q'), P(c, 'r'), P(c, 's'), P(c, 't'), P(c, 'u'), P(c, 'v'), \
	P(c, 'w'), P(c, 'x'), P(c, 'y'), P(c, 'z'), P(c, '0'), P(c, '1'), P(c, '2'), P(c, '3'), \
	P(c, '4'), P(c, '5'), P(c, '6'), P(c, '7'), P(c, '8'), P(c, '9'), P(c, '+'), P(c, '/'),
/* clang-format on */

static const uint16_t base64_pairs[4096] = {BASE64_ALPHABET(BASE64_ROW)};
#undef P

static inline void base64_put4(char *dst, unsigned group)
{
	unsigned high = base64_pairs[group >> 12], low = base64_pairs[group & 4095];

	dst[0] = (char)high;
	dst[1] = (char)(high >> 8);
	dst[2] = (char)low;
	dst[3] = (char)(low >> 8);
}

typedef uint64_t __attribute__((may_alias)) base64_word;
typedef uint16_t __attribute__((may_alias)) base64_half;

/* The pair that stands at bit `at` of w. */
static inline uint16_t base64_pair_at(uint64_t w, unsigned at)
{
	return *(const base64_half *)((const char *)base64_pairs +
	                              ((at ? w >> (at - 1) : w << 1) & 0x1ffe));
}

static inline void base64_put_pair(char *dst, uint16_t pair, bool even)
{
	if (even) {
		*(base64_half *)dst = pair;
	} else {
		dst[0] = (char)pair;
		dst[1] = (char)(pair >> 8);
	}
}

/*
 * Six bytes as they stand in memory: each group's first and third byte change places, so that its
 * bits are in the order of their worth.
 */
static inline void base64_put_two(char *dst, uint64_t w, bool even)
{
	uint64_t differ = (w ^ w >> 16) & 0x0000ff0000ffu;

	w ^= differ ^ differ << 16;
	base64_put_pair(dst, base64_pair_at(w, 12), even);
	base64_put_pair(dst + 2, base64_pair_at(w, 0), even);
	base64_put_pair(dst + 4, base64_pair_at(w, 36), even);
	base64_put_pair(dst + 6, base64_pair_at(w, 24), even);
}

/* The bulk of qga_base64_encode() where src is a multiple of 8: three words become 32 characters. */
static inline __attribute__((always_inline)) size_t
base64_encode_words(char *dst, const uint8_t *src, size_t len, bool even)
{
	const base64_word *w = (const base64_word *)src;
	size_t n = 0;

	for (; n + 24 <= len; n += 24, w += 3, dst += 32) {
		uint64_t a = w[0], b = w[1], c = w[2];

		base64_put_two(dst, a, even);
		base64_put_two(dst + 8, a >> 48 | b << 16, even);
		base64_put_two(dst + 16, b >> 32 | c << 32, even);
		base64_put_two(dst + 24, c >> 16, even);
	}
	return n;
}

#endif

size_t qga_base64_encode(char *dst, const void *src, size_t len)
{
	const uint8_t *in = src;
	char *out = dst;
	size_t n = 0;

#if !QGA_SMALL
	/* Groups until the source is aligned: each moves it on by 3, so 7 are enough. */
	for (; n + 3 <= len && ((uintptr_t)(in + n) & 7) != 0; n += 3, out += 4)
		base64_put4(out, (unsigned)in[n] << 16 | (unsigned)in[n + 1] << 8 | in[n + 2]);
	if (((uintptr_t)out & 1) == 0)
		n += base64_encode_words(out, in + n, len - n, true);
	else
		n += base64_encode_words(out, in + n, len - n, false);
	out = dst + n / 3 * 4;
#endif
	for (; n + 3 <= len; n += 3, out += 4)
		base64_put4(out, (unsigned)in[n] << 16 | (unsigned)in[n + 1] << 8 | in[n + 2]);
	if (n < len) {
		bool two = len - n == 2;

		base64_put4(out, (unsigned)in[n] << 16 | (two ? (unsigned)in[n + 1] << 8 : 0));
		out[3] = '=';
		if (!two)
			out[2] = '=';
		out += 4;
	}
	return (size_t)(out - dst);
}

#if !QGA_SMALL

/*
 * What a character adds to a group, by its place in the group: its six bits where they belong in a
 * little-endian word of the three bytes. What is no plain character is negative.
 */
#define BASE64_WORTH_0(c, v) [c] = (v) << 2,
#define BASE64_WORTH_1(c, v) [c] = (v) >> 4 | ((v)&15) << 12,
#define BASE64_WORTH_2(c, v) [c] = (v) >> 2 << 8 | ((v)&3) << 22,
#define BASE64_WORTH_3(c, v) [c] = (v) << 16,
#define BASE64_NOT_PLAIN                                                                   \
	[0 ... '+' - 1] = INT32_MIN, ['+' + 1 ... '/' - 1] = INT32_MIN,                    \
		     ['9' + 1 ... 'A' - 1] = INT32_MIN, ['Z' + 1 ... 'a' - 1] = INT32_MIN, \
		     ['z' + 1 ... 255] = INT32_MIN

static const int32_t base64_worth[4][256] = {{BASE64_ALPHABET(BASE64_WORTH_0) BASE64_NOT_PLAIN},
                                             {BASE64_ALPHABET(BASE64_WORTH_1) BASE64_NOT_PLAIN},
                                             {BASE64_ALPHABET(BASE64_WORTH_2) BASE64_NOT_PLAIN},
                                             {BASE64_ALPHABET(BASE64_WORTH_3) BASE64_NOT_PLAIN}};

/* Six bytes; negative if a character was not plain. */
static inline uint64_t base64_two_at(const int32_t *const table[4], const uint8_t *c)
{
	int64_t low = table[0][c[0]] | table[1][c[1]] | table[2][c[2]] | table[3][c[3]];
	int64_t high = table[0][c[4]] | table[1][c[5]] | table[2][c[6]] | table[3][c[7]];

	return (uint64_t)low | (uint64_t)high << 24;
}

/* Has the compiler keep x in a register of its own, not work it out from something else. */
#define BASE64_SETTLE(x) __asm__("" : "+r"(x))

/*
 * The bulk of qga_base64_decode(), where dst is a multiple of 8 and the characters are plain: eight
 * groups become three words. Returns the groups done.
 */
static size_t base64_decode_plain(uint8_t *dst, const uint8_t *src, size_t groups)
{
	const int32_t *table[4];
	const uint8_t *at = src, *end = src + 4 * groups;
	base64_word *to = (base64_word *)dst;
	uint64_t a, b, c, d;

	for (unsigned i = 0; i < 4; i++) {
		table[i] = base64_worth[i];
		BASE64_SETTLE(table[i]);
	}
	for (; end - at >= 32; at += 32, to += 3) {
		/* One after the other: all 32 look-ups at once need too many registers. */
		a = base64_two_at(table, at);
		__asm__("" : "+r"(at) : "r"(a));
		b = base64_two_at(table, at + 8);
		__asm__("" : "+r"(at) : "r"(b));
		c = base64_two_at(table, at + 16);
		__asm__("" : "+r"(at) : "r"(c));
		d = base64_two_at(table, at + 24);
		if ((int64_t)(a | b | c | d) < 0)
			break;
		to[0] = a | b << 48;
		to[1] = b >> 16 | c << 32;
		to[2] = c >> 32 | d << 16;
	}
	return (size_t)(at - src) / 4;
}

#endif

/* The value of a character, 0 for '=', -1 outside the alphabet. */
static int base64_digit(unsigned c)
{
	if (c - 'A' < 26)
		return (int)(c - 'A');
	if (c - 'a' < 26)
		return (int)(c - 'a' + 26);
	if (c - '0' < 10)
		return (int)(c - '0' + 52);
	return c == '+' ? 62 : c == '/' ? 63 : c == '=' ? 0 : -1;
}

int64_t qga_base64_decode(void *dst, const char *text, size_t len)
{
	const uint8_t *src = (const uint8_t *)text, *end = src + len;
	uint8_t *out = dst, last[2] = {0};
	unsigned group = 0, n = 0;

	while (src < end) {
#if !QGA_SMALL
		if (n == 0 && ((uintptr_t)out & 7) == 0) {
			size_t done = base64_decode_plain(out, src, (size_t)(end - src) / 4);

			src += 4 * done;
			out += 3 * done;
			if (src == end)
				break;
		}
#endif
		unsigned c = *src++;
		int value = base64_digit(c);

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
