/* SPDX-License-Identifier: MIT */
/* lexer_string.c - strings: most bytes of most requests, so they are copied by whole words. */
#include <string.h>

#include "byte.h"
#include "lexer_state.h"
#include "lexer_string.h"
#include "parked.h"

#if !QGA_TINY

/* Not on Arm: GCC defines __ARM_FEATURE_UNALIGNED and then loads byte by byte (-mstrict-align). */
#if defined(__x86_64__) || defined(__i386__)
#define ANY_ALIGNMENT 1
typedef uintptr_t __attribute__((may_alias, aligned(1))) lex_word;
#else
#define ANY_ALIGNMENT 0
typedef uintptr_t __attribute__((may_alias)) lex_word;
#endif

#define EACH_BYTE(byte) (UINTPTR_MAX / 255 * (byte))

/* Words copied before they are judged. */
#define BLOCK_WORDS 8
#define BLOCK_SIZE  (BLOCK_WORDS * sizeof(lex_word))

/*
 * Copies a word. In what it returns, the top bit is set of a byte that is below 0x20, a double
 * quote or a backslash: each test borrows for it. One that is above 0x7F keeps its own top bit in
 * the second test, but 0xDC, and that in the first. (Bytes above one found may be wrong.)
 */
static inline uintptr_t copy_word(lex_word *to, const volatile lex_word *from)
{
	uintptr_t w = *from;

	*to = w;
	return ((w ^ EACH_BYTE(0x02)) - EACH_BYTE(0x21)) |
	       ((w ^ EACH_BYTE('\\')) - EACH_BYTE(0x01));
}

static inline uintptr_t copy_block(lex_word *to, const volatile lex_word *from)
{
	return copy_word(to, from) | copy_word(to + 1, from + 1) | copy_word(to + 2, from + 2) |
	       copy_word(to + 3, from + 3) | copy_word(to + 4, from + 4) |
	       copy_word(to + 5, from + 5) | copy_word(to + 6, from + 6) |
	       copy_word(to + 7, from + 7);
}

/*
 * Copies by whole words as long as their bytes are plain for a doubly quoted string; moves *p and
 * *to behind them. What was then copied and is not plain stands at *to: as many bytes as are
 * returned. Where addresses must be aligned, both must be so alike: see string_park(). There must
 * be room for all up to `end`.
 */
static inline size_t copy_words(const uint8_t **p, char **to, const uint8_t *end)
{
	const volatile lex_word *from = (const volatile lex_word *)*p;
	const volatile lex_word *last = from + (size_t)(end - *p) / sizeof(lex_word);
	lex_word *into = (lex_word *)*to;
	size_t unlike = 0;

	while (last - from >= BLOCK_WORDS && !unlike) {
		if (copy_block(into, from) & EACH_BYTE(0x80))
			unlike = BLOCK_SIZE;
		else
			from += BLOCK_WORDS, into += BLOCK_WORDS;
	}
	while (last > from && !unlike) {
		if (copy_word(into, from) & EACH_BYTE(0x80))
			unlike = sizeof(lex_word);
		else
			from++, into++;
	}
	*p = (const uint8_t *)from;
	*to = (char *)into;
	return unlike;
}

/* Copies what is plain; false: *byte is not, and *p is left at it. */
static inline bool copy_bytes(const uint8_t **p, char **to, const uint8_t *end, unsigned stop,
                              uint8_t *byte)
{
	for (; *p < end; ++*p) {
		*byte = qga_byte(*p);
		if (qga_lexer_kind[*byte] & stop)
			return false;
		*(*to)++ = (char)*byte;
	}
	return true;
}

/* Likewise, for long strings. */
static inline bool copy_long(const uint8_t **p, char **to, const uint8_t *end, unsigned stop,
                             uint8_t *byte)
{
	size_t ahead = -(uintptr_t)*p % sizeof(lex_word), unlike;

	if (!copy_bytes(p, to, *p + ahead, stop, byte))
		return false;
	unlike = copy_words(p, to, end);
	if (!unlike)
		return copy_bytes(p, to, end, stop, byte);
	/* It is looked for in the copy, which nobody else can write. */
	while (!(qga_lexer_kind[(uint8_t) * *to] & stop))
		++*to, ++*p;
	*byte = (uint8_t) * *to;
	return false;
}

/* Copies what needs no look, up to `end`; false: *byte does, and *data is behind it. */
static inline bool copy_plain(struct lexer *lex, const uint8_t **data, const uint8_t *end,
                              unsigned stop, uint8_t *byte)
{
	const size_t room = lex->end - lex->len;
	const uint8_t *p = *data, *limit = (size_t)(end - p) > room ? p + room : end;
	char *to = lex->buf + lex->len;
	bool all;

	if (!QGA_SMALL && limit - p >= (ptrdiff_t)BLOCK_SIZE && stop == STOP_DOUBLE &&
	    (ANY_ALIGNMENT || ((uintptr_t)p - (uintptr_t)to) % sizeof(lex_word) == 0))
		all = copy_long(&p, &to, limit, stop, byte);
	else
		all = copy_bytes(&p, &to, limit, stop, byte);
	lex->len = (size_t)(to - lex->buf);
	if (all && limit < end) {
		/* There is no room for this one. */
		*byte = qga_byte(p);
		all = false;
	}
	*data = all ? p : p + 1;
	return all;
}

/*
 * Opens a gap before the body of a long string, so wide that the byte at p will be aligned as it
 * is. However wide it is, the widest is charged: what fits must not depend on where bytes come to
 * lie.
 */
static COLD void string_park(struct lexer *lex, const uint8_t *p)
{
	char *quote = lex->buf + lex->start;
	size_t pad =
		((uintptr_t)p - (uintptr_t)(lex->buf + lex->len + PARKED_HEAD)) % sizeof(lex_word);
	size_t gap = PARKED_HEAD + pad, unused = sizeof(lex_word) - 1 - pad;

	if (lex->end - lex->len < gap + unused)
		return;
	lex->end -= unused;
	memmove(quote + 1 + gap, quote + 1, lex->len - lex->start - 1);
	parked_begin(quote, pad);
	lex->len += gap;
	lex->body = lex->start + 1 + gap;
}

void qga_lexer_resize(struct lexer *lex, size_t len)
{
	if (!lex->body) {
		lex->len = lex->start + 1 + len;
		qga_lexer_put(lex, '"');
		return;
	}
	parked_resize(lex->buf + lex->start, len);
	lex->len = lex->body + len;
}

char *qga_lexer_body(const struct lexer *lex, size_t *len)
{
	if (!lex->body) {
		*len = lex->len - lex->start - 2;
		return lex->buf + lex->start + 1;
	}
	*len = parked_length(lex->buf + lex->start);
	return lex->buf + lex->body;
}

/* Shorter than any string that is parked. */
#define STRING_SHORT 32

static enum lex_token string_end(struct lexer *lex, uint8_t quote)
{
	size_t body = lex->body ? lex->body : lex->start + 1, len = lex->len - body;

	qga_lexer_put(lex, quote);
	lex->state = START;
	if (lex->body && !lex->full)
		qga_lexer_resize(lex, len);
	return LEX_STRING;
}

/* The byte behind a backslash is taken blindly, if a string may hold it at all. */
static COLD enum lex_token string_escape(struct lexer *lex, uint8_t byte)
{
	if (byte < 0x20 || byte >= 0xFE)
		return qga_lexer_astray(lex, byte);
	if (byte >= 0x80)
		lex->found |= LEX_HIGH;
	qga_lexer_put(lex, byte);
	lex->state = STRING;
	return LEX_MORE;
}

/* A byte that is not plain. */
static COLD enum lex_token string_unusual(struct lexer *lex, uint8_t byte)
{
	if (byte < 0x20 || byte >= 0xFE)
		return qga_lexer_astray(lex, byte);
	if (byte == '\\') {
		lex->found |= LEX_ESCAPE;
		lex->state = ESCAPE;
	} else if (byte >= 0x80) {
		lex->found |= LEX_HIGH;
	}
	qga_lexer_put(lex, byte);
	return LEX_MORE;
}

/*
 * Where to stop looking for the end of a string that is not parked: it is parked when it has just
 * the length QGA_PARK_MIN, whatever the portions it comes in.
 */
static const uint8_t *park_or_limit(struct lexer *lex, const uint8_t *p, const uint8_t *end)
{
	size_t len = lex->len - lex->start;

	if (len < QGA_PARK_MIN)
		return (size_t)(end - p) > QGA_PARK_MIN - len ? p + (QGA_PARK_MIN - len) : end;
	string_park(lex, p);
	return end;
}

HOT enum lex_token qga_lexer_string(struct lexer *lex, const uint8_t **data, const uint8_t *end)
{
	const uint8_t quote = lex->found & LEX_SINGLE ? '\'' : '"';
	const unsigned stop = lex->found & LEX_SINGLE ? STOP_SINGLE : STOP_DOUBLE;
	enum lex_token token = LEX_MORE;
	const uint8_t *p = *data;

	if (p == end)
		return LEX_MORE;
	/* What there is no room for is told where it begins, whatever the portions it comes in. */
	do {
		const uint8_t *limit = end;
		uint8_t byte;

		if (lex->state == ESCAPE) {
			token = string_escape(lex, qga_byte(p++));
			continue;
		}
		if (!QGA_SMALL && !lex->body && lex->parking)
			limit = park_or_limit(lex, p, end);
		if (copy_plain(lex, &p, limit, stop, &byte))
			continue;
		token = byte == quote ? string_end(lex, quote) : string_unusual(lex, byte);
	} while (p < end && token == LEX_MORE && !qga_lexer_is_full(lex));
	*data = p;
	return token;
}

/* A string that begins: most are short, plain and at hand, and need nothing else. */
enum lex_token qga_lexer_string_begin(struct lexer *lex, const uint8_t **data, const uint8_t *end,
                                      uint8_t quote)
{
	const unsigned stop = quote == '"' ? STOP_DOUBLE : STOP_SINGLE;
	const uint8_t *p = *data, *limit = end - p > STRING_SHORT ? p + STRING_SHORT : end;
	char *to = lex->buf + lex->len;
	uint8_t byte;

	lex->found = quote == '"' ? 0 : LEX_SINGLE;
	if (!QGA_SMALL && lex->end - lex->len > STRING_SHORT) {
		if (!copy_bytes(&p, &to, limit, stop, &byte) && byte == quote) {
			*to++ = (char)byte;
			p++;
			lex->state = START;
		}
		lex->len = (size_t)(to - lex->buf);
		*data = p;
		if (lex->state == START)
			return LEX_STRING;
	}
	if (qga_lexer_is_full(lex))
		return LEX_MORE; /* there was no room for the quote: told here, too */
	return qga_lexer_string(lex, data, end);
}

const char *qga_lexer_stray(struct lexer *lex, size_t *len)
{
	size_t from = lex->start;

	if (lex->body) {
		from = lex->body - 1;
		lex->buf[from] = lex->found & LEX_SINGLE ? '\'' : '"';
	}
	*len = lex->len - from;
	return lex->buf + from;
}

#endif
