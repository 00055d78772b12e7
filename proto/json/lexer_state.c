/* SPDX-License-Identifier: MIT */
#include "lexer_state.h"

#if !QGA_TINY

const uint8_t qga_lexer_kind[256] = {
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

COLD enum lex_token qga_lexer_astray(struct lexer *lex, uint8_t byte)
{
	qga_lexer_put(lex, byte);
	lex->state = RECOVERY;
	return LEX_STRAY;
}

#endif
