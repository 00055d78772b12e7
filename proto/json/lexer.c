/* SPDX-License-Identifier: MIT */
#include "byte.h"
#include "lexer_state.h"
#include "lexer_string.h"

#if !QGA_TINY

void qga_lexer_init(struct lexer *lex)
{
	lex->state = START;
}

void qga_lexer_reset(struct lexer *lex)
{
	lex->len = lex->start = lex->body = 0;
	lex->end = lex->size;
	lex->full = false;
	lex->parking = true;
}

/* They end before the first byte that cannot belong to them, which *p is left at. */
static HOT enum lex_token lex_keyword(struct lexer *lex, const uint8_t **p, const uint8_t *end)
{
	for (; *p < end; ++*p) {
		uint8_t byte = qga_byte(*p);

		if ((qga_lexer_kind[byte] & BEGINS) != KEYWORD) {
			lex->state = START;
			return LEX_KEYWORD;
		}
		qga_lexer_put(lex, byte);
	}
	return LEX_MORE;
}

/*
 * What a byte makes of a number, but for a digit of DIGITS, which is met more often than all others.
 * QEMU's "0" takes no exponent, and no number takes a bare point.
 */
static HOT enum lex_state lex_number_next(enum lex_state state, uint8_t byte)
{
	bool digit = byte >= '0' && byte <= '9', e = byte == 'e' || byte == 'E';

	switch (state) {
	case MINUS:
		return byte == '0' ? ZERO : digit ? DIGITS : ASTRAY;
	case ZERO:
		return byte == '.' ? POINT : digit ? ASTRAY : COMPLETE;
	case DIGITS:
		return byte == '.' ? POINT : e ? EXPONENT : COMPLETE;
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

static HOT enum lex_token lex_number(struct lexer *lex, const uint8_t **data, const uint8_t *end)
{
	enum lex_state state = lex->state;
	enum lex_token token = LEX_MORE;
	const uint8_t *p = *data;

	for (; p < end && token == LEX_MORE; p++) {
		uint8_t byte = qga_byte(p);
		/* Whole numbers are what there is most of. */
		bool digit = state == DIGITS && byte >= '0' && byte <= '9';
		enum lex_state next = digit ? DIGITS : lex_number_next(state, byte);

		if (next == COMPLETE) {
			state = START;
			token = LEX_NUMBER;
			break;
		}
		if (next == ASTRAY) {
			token = qga_lexer_astray(lex, byte);
			state = RECOVERY;
		} else {
			qga_lexer_put(lex, byte);
			state = next;
			if (qga_lexer_is_full(lex)) {
				p++;
				break; /* as strings do */
			}
		}
	}
	lex->state = (uint8_t)state;
	*data = p;
	return token;
}

enum lex_token qga_lexer_next(struct lexer *lex, const uint8_t **data, const uint8_t *end)
{
	const uint8_t *p = *data;
	unsigned begins = SPACE;
	uint8_t byte = 0;

	if (lex->state == RECOVERY) {
		while (p < end && !(qga_lexer_kind[qga_byte(p)] & RESUME))
			p++;
		if (p < end)
			lex->state = START;
		*data = p;
	}
	if (lex->state == START) {
		while (p < end && begins == SPACE) {
			byte = qga_byte(p++);
			begins = qga_lexer_kind[byte] & BEGINS;
		}
		*data = p;
		if (begins == SPACE)
			return LEX_MORE;
		lex->start = lex->len;
		lex->body = 0;
		if (begins == BAD)
			return qga_lexer_astray(lex, byte);
		qga_lexer_put(lex, byte);
		if (begins <= LEX_COMMA)
			return (enum lex_token)begins;
		lex->state = (uint8_t)begins;
		if (begins == STRING)
			return qga_lexer_string_begin(lex, data, end, byte);
		if (qga_lexer_is_full(lex))
			return LEX_MORE; /* as strings do */
	}
	switch (lex->state) {
	case RECOVERY:
		return LEX_MORE;
	case STRING:
	case ESCAPE:
		return qga_lexer_string(lex, data, end);
	case KEYWORD:
		return lex_keyword(lex, data, end);
	default:
		return lex_number(lex, data, end);
	}
}

#endif
