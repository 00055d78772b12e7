/* SPDX-License-Identifier: MIT */
/*
 * lexer.h - bytes of the host become tokens of JSON, and one document in the request buffer.
 *
 * Fed in any portions, it finds the same tokens as QEMU's lexer (qobject/json-lexer.c): RFC 8259
 * and singly quoted strings, with numbers, keywords and errors cut where QEMU cuts them. It judges
 * form alone; what a string or keyword means is the grammar's business (grammar.h).
 *
 * The document is written without white space, long strings as parked.h has it. The bytes of the
 * host are loaded as byte.h has it.
 */
#ifndef BAREQGA_JSON_LEXER_H
#define BAREQGA_JSON_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lex_token {
	LEX_MORE,  /* no token yet: give more bytes */
	LEX_STRAY, /* a byte that cannot be here; the token's text ends with it */
	LEX_OBJECT,
	LEX_OBJECT_END,
	LEX_LIST,
	LEX_LIST_END,
	LEX_COLON,
	LEX_COMMA,
	LEX_STRING,
	LEX_NUMBER,
	LEX_KEYWORD,
};

struct lexer {
	char *buf; /* the request buffer */
	size_t size;
	size_t end;    /* bytes of it that this document may use */
	size_t len;    /* bytes of the document so far */
	size_t start;  /* where the last token begins */
	size_t body;   /* a parked string: where its body begins; else 0 */
	uint8_t state; /* enum lex_state */
	uint8_t found; /* enum lex_found: in the last token */
	bool full;     /* the buffer could not take a byte of this document */
	bool parking;  /* strings may be parked */
};

/* Why a string must be looked at. */
enum lex_found {
	LEX_ESCAPE = 1 << 0,
	LEX_HIGH = 1 << 1,   /* not ASCII */
	LEX_SINGLE = 1 << 2, /* quoted singly */
};

/* Nothing was lexed so far. */
void qga_lexer_init(struct lexer *lex);

/* Begins a new document; what the last byte left open goes on. */
void qga_lexer_reset(struct lexer *lex);

/*
 * Takes bytes up to `end` from *data until a token is complete. The token's text is
 * buf[start..len), but for a parked string.
 */
enum lex_token qga_lexer_next(struct lexer *lex, const uint8_t **data, const uint8_t *end);

/* Between tokens it means nothing. */
static inline bool qga_lexer_space(uint8_t byte)
{
	return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

#endif
