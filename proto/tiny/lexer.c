/* SPDX-License-Identifier: MIT */
/*
 * lexer.c - bytes become tokens, where QEMU's lexer (qobject/json-lexer.c) finds them, and the
 * document's text. A byte is looked at once.
 *
 * Strings are written as a tokenizer of RFC 8259 knows them: 'a"b\'c' becomes "a\"b'c".
 */
#include "core/agent.h"

enum state {
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

#define BIT(state) (1U << (state))

static bool in(unsigned set, enum state state)
{
	return set >> state & 1;
}

static bool is_digit(uint8_t byte)
{
	return (uint8_t)(byte - '0') <= 9;
}

static bool is_letter(uint8_t byte)
{
	return (uint8_t)(byte - 'a') <= 'z' - 'a';
}

static void put(struct document *doc, uint8_t byte)
{
	if (doc->len < doc->size)
		doc->text[doc->len++] = (char)byte;
	else if (!doc->fault)
		doc->fault = FAULT_LIMIT;
}

/* Where a number may end. */
#define WHOLE (BIT(ZERO) | BIT(DIGITS) | BIT(FRACTION) | BIT(EXPONENT_DIGITS))

/* Where a byte leads from inside a number. QEMU's "0" takes no exponent, and none a bare point. */
static enum state number(enum state state, uint8_t byte)
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

	if (is_digit(byte))
		return state == MINUS && byte == '0' ? ZERO : with_digit[state];
	if (byte == '.' && in(BIT(ZERO) | BIT(DIGITS), state))
		return POINT;
	if ((byte | 0x20) == 'e' && in(BIT(DIGITS) | BIT(FRACTION), state))
		return EXPONENT;
	if ((byte == '+' || byte == '-') && state == EXPONENT)
		return EXPONENT_SIGN;
	return in(WHOLE, state) ? COMPLETE : STRAY;
}

/* Where a byte leads from between tokens; STRAY if nothing begins with it. */
static enum state first(uint8_t byte)
{
	if (byte == '"' || byte == '\'')
		return STRING;
	if (is_letter(byte))
		return KEYWORD;
	if (is_digit(byte))
		return byte == '0' ? ZERO : DIGITS;
	return byte == '-' ? MINUS : STRAY;
}

static enum state in_string(struct document *doc, uint8_t byte)
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
		put(doc, '\\');
	return byte == '\\' ? ESCAPE : STRING;
}

enum token qga_lexer_next(struct document *doc, const uint8_t **data, const uint8_t *end)
{
	static const char punctuation[] = "{}[]:,";

	while (*data < end) {
		uint8_t byte = *(*data)++;
		const char *mark = byte ? strchr(punctuation, byte) : NULL;
		bool control = (byte < 0x20 && byte != '\t') || byte >= 0xFE;
		enum state state = doc->state, next;

		if (state == RECOVERY && !mark && !control)
			continue;
		if (state <= RECOVERY) {
			doc->state = START;
			if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
				continue;
			doc->start = doc->len;
			doc->quote = byte;
			next = mark ? START : first(byte);
			if (next == STRING)
				byte = '"';
		} else if (state <= ESCAPE) {
			next = in_string(doc, byte);
			if (next == COMPLETE)
				byte = '"';
		} else {
			next = state == KEYWORD ? is_letter(byte) ? KEYWORD : COMPLETE
			                        : number(state, byte);
			if (next == COMPLETE) {
				--*data;
				doc->state = START;
				return state == KEYWORD ? TOKEN_KEYWORD : TOKEN_NUMBER;
			}
		}
		doc->state = next;
		if (next == STRAY)
			return TOKEN_STRAY;
		put(doc, byte);
		if (next == START)
			return state <= RECOVERY ? TOKEN_OBJECT + (enum token)(mark - punctuation)
			                         : TOKEN_STRING;
	}
	return TOKEN_MORE;
}
