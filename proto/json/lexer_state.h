/* SPDX-License-Identifier: MIT */
/* lexer_state.h - what the bytes of JSON mean to its lexer; lexer.c and lexer_string.c need it. */
#ifndef BAREQGA_JSON_LEXER_STATE_H
#define BAREQGA_JSON_LEXER_STATE_H

#include "bareqga.h"
#include "lexer.h"

/* What each token needs is kept apart from what few need: so it can do with few registers. */
#define HOT  __attribute__((noinline))
#define COLD __attribute__((noinline, cold))

enum lex_state {
	START,
	RECOVERY, /* after a stray byte, until one that may begin something */
	ESCAPE,   /* behind a backslash */
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

extern const uint8_t qga_lexer_kind[256];

/* Takes a byte of the token into the document. */
static inline void qga_lexer_put(struct lexer *lex, uint8_t byte)
{
	if (lex->len < lex->end)
		lex->buf[lex->len++] = (char)byte;
	else
		lex->full = true;
}

/* There was no room for the byte at hand, or that is how it looks: it is in the midst of what is skipped. */
static inline bool qga_lexer_is_full(const struct lexer *lex)
{
	return lex->len == lex->end && lex->full;
}

/* The token ends with a byte that cannot be here; that byte is part of it. */
enum lex_token qga_lexer_astray(struct lexer *lex, uint8_t byte);

#endif
