/* SPDX-License-Identifier: MIT */
/*
 * mem.c - memory is copied, moved and filled by words (C17, 7.24).
 *
 * For riscv and arm, where picolibc's functions of these names go byte by byte: in Debian's default
 * build always, and in any where source and destination are not aligned alike, as file data hardly
 * ever is. Here a word that
 * lies across two is put together from both, which takes less than one instruction a byte.
 * Only aligned words are accessed, and only those that hold a byte that was asked for.
 */
#include <stdint.h>
#include <string.h>

typedef uintptr_t __attribute__((may_alias)) word;

#define SIZE sizeof(word)

/* Less than this is not worth the preparation. */
#define SHORT (2 * SIZE)

/* Keeps the compiler from seeing a library function in a loop: it is that very function. */
#define OPAQUE(x) __asm__("" : "+r"(x))

/* What stands at the end of `low` and the beginning of `high`; shift in bits, not 0. */
static inline word across(word low, word high, unsigned shift)
{
	return low >> shift | high << (8 * SIZE - shift);
}

static void copy_bytes(uint8_t *to, const uint8_t *from, size_t n)
{
	for (const uint8_t *end = from + n; from < end;) {
		*to++ = *from++;
		OPAQUE(from);
	}
}

/* n words upwards; `to` is aligned. Right for overlapping memory if `to` is below `from`. */
static void copy_words(word *to, const uint8_t *from, size_t n)
{
	const unsigned shift = (uintptr_t)from % SIZE * 8;
	const word *p = (const word *)(from - shift / 8);
	word a, b, c, d, last;

	if (shift == 0) {
		for (; n >= 4; n -= 4, p += 4, to += 4) {
			a = p[0], b = p[1], c = p[2], d = p[3];
			to[0] = a, to[1] = b, to[2] = c, to[3] = d;
		}
		while (n--) {
			*to++ = *p++;
			OPAQUE(p);
		}
		return;
	}
	for (last = *p++; n >= 4; n -= 4, p += 4, to += 4, last = d) {
		a = p[0], b = p[1], c = p[2], d = p[3];
		to[0] = across(last, a, shift), to[1] = across(a, b, shift);
		to[2] = across(b, c, shift), to[3] = across(c, d, shift);
	}
	for (; n--; last = a) {
		a = *p++;
		*to++ = across(last, a, shift);
	}
}

/* Upwards. It is memcpy(), but for memmove()'s sake it may not take them for apart. */
static void *copy_up(void *target, const void *source, size_t n)
{
	size_t head = -(uintptr_t)target % SIZE, words;
	const uint8_t *from = source;
	uint8_t *to = target;

	if (n >= SHORT + head) {
		copy_bytes(to, from, head);
		to += head, from += head, n -= head;
		words = n / SIZE;
		copy_words((word *)to, from, words);
		to += words * SIZE, from += words * SIZE, n %= SIZE;
	}
	copy_bytes(to, from, n);
	return target;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
	__attribute__((alias("copy_up")));

/* Downwards, for `to` above `from`. */
static void copy_down(uint8_t *to, const uint8_t *from, size_t n)
{
	unsigned shift;
	const word *p;
	word high, low;

	for (to += n, from += n; n && ((uintptr_t)to % SIZE || n < SHORT); n--)
		*--to = *--from;
	shift = (uintptr_t)from % SIZE * 8;
	p = (const word *)(from - shift / 8);
	high = shift ? *p : 0;
	for (; n >= SIZE; n -= SIZE, to -= SIZE, from -= SIZE, high = low) {
		low = *--p;
		((word *)to)[-1] = shift ? across(low, high, shift) : low;
	}
	while (n--)
		*--to = *--from;
}

void *memmove(void *to, const void *from, size_t n)
{
	if ((uintptr_t)to - (uintptr_t)from < n) /* `to` lies inside `from` */
		copy_down(to, from, n);
	else
		copy_up(to, from, n);
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	const word pattern = UINTPTR_MAX / 255 * (uint8_t)byte;
	uint8_t *p = to, *end = p + n;

	/* Mostly nothing but whole words. */
	if (((uintptr_t)p | n) % SIZE == 0) {
		for (; p < end; p += SIZE) {
			*(word *)p = pattern;
			OPAQUE(p);
		}
		return to;
	}
	/* One loop, bytes where it must be: what is set is short, or set once. */
	while (p < end) {
		if ((uintptr_t)p % SIZE || (size_t)(end - p) < SIZE) {
			*p++ = (uint8_t)byte;
		} else {
			*(word *)p = pattern;
			p += SIZE;
		}
		OPAQUE(p);
	}
	return to;
}
