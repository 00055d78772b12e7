/* SPDX-License-Identifier: MIT */
/*
 * lexer.c - bytes become tokens, where QEMU's lexer (qobject/json-lexer.c) finds them, and the
 * document's text. A byte is looked at once.
 *
 * Strings are written as a tokenizer of RFC 8259 knows them: 'a"b\'c' becomes "a\"b'c".
 */
#include "core/agent.h"
#include "json/byte.h"

#if QGA_TINY

enum lex_state {
	START,
	RECOVERY, /* after a stray byte, until one that may begin something */
	STRING,
	ESCAPE, /* behind a backslash */
	KEYWORD,
	/* Numbers, named by what was last read. */
	MINUS,
	ZERO,
	DIGITS,
	POINT,
	FRACTION,
	EXPONENT,
	EXPONENT_SIGN,
	EXPONENT_DIGITS,
};

/* A number or keyword ends before the byte; or the byte is stray. */
#define COMPLETE START
#define STRAY    RECOVERY

#define STATE_BIT(state) (1U << (state))

static bool lex_in(unsigned set, enum lex_state state)
{
	return set >> state & 1;
}

static bool lex_is_digit(uint8_t byte)
{
	return (uint8_t)(byte - '0') <= 9;
}

static bool lex_is_letter(uint8_t byte)
{
	return (uint8_t)(byte - 'a') <= 'z' - 'a';
}

static void lex_put(struct document *doc, uint8_t byte)
{
	if (doc->len < doc->size)
		doc->text[doc->len++] = (char)byte;
	else if (!doc->fault)
		doc->fault = FAULT_LIMIT;
}

/* Where a number may end. */
#define NUMBER_WHOLE \
	(STATE_BIT(ZERO) | STATE_BIT(DIGITS) | STATE_BIT(FRACTION) | STATE_BIT(EXPONENT_DIGITS))

/* Where a byte leads from inside a number. QEMU's "0" takes no exponent, and none a bare point. */
static enum lex_state lex_number(enum lex_state state, uint8_t byte)
{
	static const uint8_t with_digit[] = {
		[MINUS] = DIGITS,
		[ZERO] = STRAY,
		[DIGITS] = DIGITS,
		[POINT] = FRACTION,
		[FRACTION] = FRACTION,
		[EXPONENT] = EXPONENT_DIGITS,
		[EXPONENT_SIGN] = EXPONENT_DIGITS,
		[EXPONENT_DIGITS] = EXPONENT_DIGITS,
	};

	if (lex_is_digit(byte))
		return state == MINUS && byte == '0' ? ZERO : with_digit[state];
	if (byte == '.' && lex_in(STATE_BIT(ZERO) | STATE_BIT(DIGITS), state))
		return POINT;
	if ((byte | 0x20) == 'e' && lex_in(STATE_BIT(DIGITS) | STATE_BIT(FRACTION), state))
		return EXPONENT;
	if ((byte == '+' || byte == '-') && state == EXPONENT)
		return EXPONENT_SIGN;
	return lex_in(NUMBER_WHOLE, state) ? COMPLETE : STRAY;
}

/* Where a byte leads from between tokens; STRAY if nothing begins with it. */
static enum lex_state lex_first(uint8_t byte)
{
	if (byte == '"' || byte == '\'')
		return STRING;
	if (lex_is_letter(byte))
		return KEYWORD;
	if (lex_is_digit(byte))
		return byte == '0' ? ZERO : DIGITS;
	return byte == '-' ? MINUS : STRAY;
}

static enum lex_state lex_in_string(struct document *doc, uint8_t byte)
{
	if (byte < 0x20 || byte >= 0xFE)
		return STRAY;
	if (doc->state == ESCAPE) {
		/* \' is no escape of RFC 8259. */
		doc->len -= byte == '\'' && !doc->fault;
		return STRING;
	}
	if (byte == doc->quote)
		return COMPLETE;
	if (byte == '"')
		lex_put(doc, '\\');
	return byte == '\\' ? ESCAPE : STRING;
}

enum token qga_lexer_next(struct document *doc, const uint8_t **data, const uint8_t *end)
{
	static const char punctuation[] = "{}[]:,";

	while (*data < end) {
		uint8_t byte = qga_byte((*data)++);
		const char *mark = byte ? strchr(punctuation, byte) : NULL;
		bool control = (byte < 0x20 && byte != '\t') || byte >= 0xFE;
		enum lex_state state = doc->state, next;

		if (state == RECOVERY && !mark && !control)
			continue;
		if (state <= RECOVERY) {
			doc->state = START;
			if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
				continue;
			doc->start = doc->len;
			doc->quote = byte;
			next = mark ? START : lex_first(byte);
			if (next == STRING)
				byte = '"';
		} else if (state <= ESCAPE) {
			next = lex_in_string(doc, byte);
			if (next == COMPLETE)
				byte = '"';
		} else {
			next = state == KEYWORD ? lex_is_letter(byte) ? KEYWORD : COMPLETE
			                        : lex_number(state, byte);
			if (next == COMPLETE) {
				--*data;
				doc->state = START;
				return state == KEYWORD ? TOKEN_KEYWORD : TOKEN_NUMBER;
			}
		}
		doc->state = next;
		if (next == STRAY)
			return TOKEN_STRAY;
		lex_put(doc, byte);
		if (next == START)
			return state <= RECOVERY ? TOKEN_OBJECT + (enum token)(mark - punctuation)
			                         : TOKEN_STRING;
		if (doc->fault == FAULT_LIMIT)
			break; /* said at once, however much follows */
	}
	return TOKEN_MORE;
}

#endif
