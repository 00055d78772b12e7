/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lexer.h"

/* What each token needs is kept apart from what few need: so it can do with few registers. */
#define HOT  __attribute__((noinline))
#define COLD __attribute__((noinline, cold))

enum lex_state {
	START,
	RECOVERY, /* after a stray byte, until one that may begin something */
	ESCAPE,	  /* behind a backslash */
	/* Numbers, named by what was last read; more of them below. */
	POINT,
	FRACTION,
	EXPONENT,
	EXPONENT_SIGN,
	EXPONENT_DIGITS,
	/* Not states, but what a number's next byte may mean. */
	COMPLETE,
	ASTRAY,
	/* States that one byte leads to from START. */
	STRING,
	KEYWORD,
	MINUS,
	ZERO,
	DIGITS,
};

/*
 * What a byte can begin: nothing, nothing but it may stand there, the token of punctuation that it
 * is (LEX_OBJECT to LEX_COMMA), or one of the states from STRING on.
 */
enum {
	BAD = 0,
	SPACE = 1,
	BEGINS = 15
};
/* And what it ends: a run of plain bytes of a string, or the recovery. */
enum {
	STOP_DOUBLE = 1 << 4,
	STOP_SINGLE = 1 << 5,
	STOP = STOP_DOUBLE | STOP_SINGLE,
	RESUME = 1 << 6
};

_Static_assert((int)SPACE < (int)LEX_OBJECT && (int)LEX_COMMA < (int)STRING &&
		       (int)DIGITS <= (int)BEGINS,
	       "what a byte begins must be told apart");

static const uint8_t kind[256] = {
	[0x00 ... 0x08] = BAD | STOP | RESUME,
	['\t'] = SPACE | STOP,
	['\n'] = SPACE | STOP | RESUME,
	[0x0B ... 0x0C] = BAD | STOP | RESUME,
	['\r'] = SPACE | STOP | RESUME,
	[0x0E ... 0x1F] = BAD | STOP | RESUME,
	[' '] = SPACE,
	['"'] = STRING | STOP_DOUBLE,
	['\''] = STRING | STOP_SINGLE,
	[','] = LEX_COMMA | RESUME,
	['-'] = MINUS,
	['0'] = ZERO,
	['1' ... '9'] = DIGITS,
	[':'] = LEX_COLON | RESUME,
	['['] = LEX_LIST | RESUME,
	['\\'] = BAD | STOP,
	[']'] = LEX_LIST_END | RESUME,
	['a' ... 'z'] = KEYWORD,
	['{'] = LEX_OBJECT | RESUME,
	['}'] = LEX_OBJECT_END | RESUME,
	[0x80 ... 0xFD] = BAD | STOP,
	[0xFE ... 0xFF] = BAD | STOP | RESUME,
};

void lexer_reset(struct lexer *lex)
{
	lex->len = lex->start = lex->body = 0;
	lex->end = lex->size;
	lex->full = false;
	lex->parking = true;
}

static void put(struct lexer *lex, uint8_t byte)
{
	if (lex->len < lex->end)
		lex->buf[lex->len++] = (char)byte;
	else
		lex->full = true;
}

/* The token ends with a byte that cannot be here; that byte is part of it. */
static COLD enum lex_token stray(struct lexer *lex, uint8_t byte)
{
	put(lex, byte);
	lex->state = RECOVERY;
	return LEX_STRAY;
}

/* --- Strings -------------------------------------------------------------------------------------
 */

/* Not on Arm: GCC defines __ARM_FEATURE_UNALIGNED and then loads byte by byte (-mstrict-align). */
#if defined(__x86_64__) || defined(__i386__)
#define ANY_ALIGNMENT 1
typedef uintptr_t __attribute__((may_alias, aligned(1))) word;
#else
#define ANY_ALIGNMENT 0
typedef uintptr_t __attribute__((may_alias)) word;
#endif

#define EACH(byte) (UINTPTR_MAX / 255 * (byte))

/*
 * Nonzero if one of a word's bytes is below 0x20, above 0x7F, a double quote or a backslash: each
 * test leaves the top bit of such a byte set. (Only bytes above one found may be set wrongly.)
 */
static inline uintptr_t special(uintptr_t w)
{
	uintptr_t low_or_quote = (w ^ EACH(0x02)) - EACH(0x21);
	uintptr_t backslash = (w ^ EACH('\\')) - EACH(0x01);

	return (low_or_quote | backslash | w) & EACH(0x80);
}

/*
 * Copies what needs no look, from p on; returns where it stopped. A singly
 * quoted string stops at double quotes too, if whole words are copied: harmless, and rare.
 */
static inline const uint8_t *plain(struct lexer *lex, const uint8_t *p, const uint8_t *end,
				   unsigned stop)
{
	size_t room = lex->end - lex->len;
	char *to = lex->buf + lex->len;

	if ((size_t)(end - p) > room)
		end = p + room;
	if (end - p >= 32 && stop == STOP_DOUBLE &&
	    (ANY_ALIGNMENT || ((uintptr_t)p - (uintptr_t)to) % sizeof(word) == 0)) {
		for (; (uintptr_t)p % sizeof(word) && !(kind[*p] & stop);)
			*to++ = (char)*p++;
		if ((uintptr_t)p % sizeof(word) == 0) {
			for (; (size_t)(end - p) >= 4 * sizeof(word);
			     p += 4 * sizeof(word), to += 4 * sizeof(word)) {
				const word *from = (const word *)p;
				word *into = (word *)to;
				uintptr_t a = from[0], b = from[1], c = from[2], d = from[3];

				if (special(a) | special(b) | special(c) | special(d))
					break;
				into[0] = a;
				into[1] = b;
				into[2] = c;
				into[3] = d;
			}
		}
	}
	while (p < end && !(kind[*p] & stop))
		*to++ = (char)*p++;
	lex->len = (size_t)(to - lex->buf);
	return p;
}

/*
 * Opens a gap before the body of a long string, so wide that the byte at p will be aligned as it
 * is. However wide it is, the widest is charged: what fits must not depend on where bytes come to
 * lie.
 */
static COLD void park(struct lexer *lex, const uint8_t *p)
{
	char *quote = lex->buf + lex->start;
	size_t pad = ((uintptr_t)p - (uintptr_t)(lex->buf + lex->len + 1 + LEX_PARK_HEAD)) %
		     sizeof(word);
	size_t gap = 1 + LEX_PARK_HEAD + pad, unused = sizeof(word) - 1 - pad;

	if (lex->end - lex->len < gap + unused)
		return;
	lex->end -= unused;
	memmove(quote + 1 + gap, quote + 1, lex->len - lex->start - 1);
	quote[0] = quote[1] = '"';
	quote[2] = 0;
	quote[1 + LEX_PARK_HEAD] = (char)pad;
	lex->len += gap;
	lex->body = lex->start + 1 + gap;
}

void lexer_resize(struct lexer *lex, size_t len)
{
	uint32_t n = (uint32_t)len;

	if (!lex->body) {
		lex->len = lex->start + 1 + len;
		put(lex, '"');
		return;
	}
	memcpy(lex->buf + lex->start + 3, &n, sizeof(n));
	lex->len = lex->body + len;
}

char *lexer_body(const struct lexer *lex, size_t *len)
{
	uint32_t n;

	if (!lex->body) {
		*len = lex->len - lex->start - 2;
		return lex->buf + lex->start + 1;
	}
	memcpy(&n, lex->buf + lex->start + 3, sizeof(n));
	*len = n;
	return lex->buf + lex->body;
}

/* Shorter than any string that is parked. */
#define SHORT 32

static enum lex_token string_end(struct lexer *lex, uint8_t quote)
{
	size_t body = lex->body ? lex->body : lex->start + 1, len = lex->len - body;

	put(lex, quote);
	lex->state = START;
	if (lex->body && !lex->full)
		lexer_resize(lex, len);
	return LEX_STRING;
}

/* The byte behind a backslash is taken blindly, if a string may hold it at all. */
static COLD enum lex_token escape(struct lexer *lex, uint8_t byte)
{
	if (byte < 0x20 || byte >= 0xFE)
		return stray(lex, byte);
	if (byte >= 0x80)
		lex->found |= LEX_HIGH;
	put(lex, byte);
	lex->state = STRING;
	return LEX_MORE;
}

/* A byte that is not plain. */
static COLD enum lex_token unusual(struct lexer *lex, uint8_t byte)
{
	if (byte < 0x20 || byte >= 0xFE)
		return stray(lex, byte);
	if (byte == '\\') {
		lex->found |= LEX_ESCAPE;
		lex->state = ESCAPE;
	} else if (byte >= 0x80) {
		lex->found |= LEX_HIGH;
	}
	put(lex, byte);
	return LEX_MORE;
}

/*
 * Where to stop looking for the end of a string that is not parked: it is parked when it has just
 * the length `longest`, whatever the portions it comes in.
 */
static const uint8_t *park_or_limit(struct lexer *lex, const uint8_t *p, const uint8_t *end)
{
	size_t len = lex->len - lex->start;

	if (len < lex->longest)
		return (size_t)(end - p) > lex->longest - len ? p + (lex->longest - len) : end;
	park(lex, p);
	return end;
}

static HOT enum lex_token string(struct lexer *lex, const uint8_t **data, const uint8_t *end)
{
	const uint8_t quote = lex->found & LEX_SINGLE ? '\'' : '"';
	const unsigned stop = lex->found & LEX_SINGLE ? STOP_SINGLE : STOP_DOUBLE;
	enum lex_token token = LEX_MORE;
	const uint8_t *p = *data;

	while (p < end && token == LEX_MORE) {
		const uint8_t *limit = end;

		if (lex->state == ESCAPE) {
			token = escape(lex, *p++);
			continue;
		}
		if (!lex->body && lex->parking)
			limit = park_or_limit(lex, p, end);
		p = plain(lex, p, limit, stop);
		if (p == limit)
			continue;
		if (*p == quote)
			token = string_end(lex, quote);
		else
			token = unusual(lex, *p);
		p++;
	}
	*data = p;
	return token;
}

/* A string that begins: most are short, plain and at hand, and need nothing else. */
static inline enum lex_token short_string(struct lexer *lex, const uint8_t **data,
					  const uint8_t *end, uint8_t quote)
{
	const unsigned stop = quote == '"' ? STOP_DOUBLE : STOP_SINGLE;
	const uint8_t *p = *data, *limit = end - p > SHORT ? p + SHORT : end;
	char *to = lex->buf + lex->len;

	lex->found = quote == '"' ? 0 : LEX_SINGLE;
	if (lex->end - lex->len > SHORT) {
		while (p < limit && !(kind[*p] & stop))
			*to++ = (char)*p++;
		if (p < limit && *p == quote) {
			*to++ = (char)*p++;
			lex->state = START;
		}
		lex->len = (size_t)(to - lex->buf);
		*data = p;
		if (lex->state == START)
			return LEX_STRING;
	}
	return string(lex, data, end);
}

/* --- Keywords and numbers
 * -------------------------------------------------------------------------- */

/* They end before the first byte that cannot belong to them, which *p is left at. */
static HOT enum lex_token keyword(struct lexer *lex, const uint8_t **p, const uint8_t *end)
{
	for (; *p < end; ++*p) {
		if ((kind[**p] & BEGINS) != KEYWORD) {
			lex->state = START;
			return LEX_KEYWORD;
		}
		put(lex, **p);
	}
	return LEX_MORE;
}

/* What a byte makes of a number. QEMU's "0" takes no exponent, and no number takes a bare point. */
static enum lex_state number_next(enum lex_state state, uint8_t byte)
{
	bool digit = byte >= '0' && byte <= '9', e = byte == 'e' || byte == 'E';

	switch (state) {
	case MINUS:
		return byte == '0' ? ZERO : digit ? DIGITS : ASTRAY;
	case ZERO:
		return byte == '.' ? POINT : digit ? ASTRAY : COMPLETE;
	case DIGITS:
		return digit ? DIGITS : byte == '.' ? POINT : e ? EXPONENT : COMPLETE;
	case POINT:
		return digit ? FRACTION : ASTRAY;
	case FRACTION:
		return digit ? FRACTION : e ? EXPONENT : COMPLETE;
	case EXPONENT:
		if (byte == '+' || byte == '-')
			return EXPONENT_SIGN;
		return digit ? EXPONENT_DIGITS : ASTRAY;
	case EXPONENT_SIGN:
		return digit ? EXPONENT_DIGITS : ASTRAY;
	default:
		return digit ? EXPONENT_DIGITS : COMPLETE;
	}
}

static HOT enum lex_token number(struct lexer *lex, const uint8_t **p, const uint8_t *end)
{
	while (*p < end) {
		enum lex_state next = number_next(lex->state, **p);

		if (next == COMPLETE) {
			lex->state = START;
			return LEX_NUMBER;
		}
		if (next == ASTRAY)
			return stray(lex, *(*p)++);
		put(lex, *(*p)++);
		lex->state = (uint8_t)next;
	}
	return LEX_MORE;
}

/* --- All of it ----------------------------------------------------------------------------------
 */

/* Skips what cannot begin anything after a stray byte; false: all of it. */
static COLD bool recover(struct lexer *lex, const uint8_t **data, const uint8_t *end)
{
	while (*data < end && !(kind[**data] & RESUME))
		++*data;
	if (*data == end)
		return false;
	lex->state = START;
	return true;
}

enum lex_token lexer_next(struct lexer *lex, const uint8_t **data, const uint8_t *end)
{
	if (lex->state == RECOVERY && !recover(lex, data, end))
		return LEX_MORE;
	if (lex->state == START) {
		const uint8_t *p = *data;
		unsigned begins = SPACE;

		while (p < end && begins == SPACE)
			begins = kind[*p++] & BEGINS;
		*data = p;
		if (begins == SPACE)
			return LEX_MORE;
		lex->start = lex->len;
		lex->body = 0;
		if (begins == BAD)
			return stray(lex, p[-1]);
		put(lex, p[-1]);
		if (begins <= LEX_COMMA)
			return (enum lex_token)begins;
		lex->state = (uint8_t)begins;
		if (begins == STRING)
			return short_string(lex, data, end, p[-1]);
	}
	switch (lex->state) {
	case STRING:
	case ESCAPE:
		return string(lex, data, end);
	case KEYWORD:
		return keyword(lex, data, end);
	default:
		return number(lex, data, end);
	}
}

const char *lexer_stray(struct lexer *lex, size_t *len)
{
	size_t from = lex->start;

	if (lex->body) {
		from = lex->body - 1;
		lex->buf[from] = lex->found & LEX_SINGLE ? '\'' : '"';
	}
	*len = lex->len - from;
	return lex->buf + from;
}
