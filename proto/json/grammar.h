/* SPDX-License-Identifier: MIT */
/*
 * grammar.h - do the tokens make a JSON document?
 *
 * RFC 8259 section 2 as a pushdown automaton, fed token by token, one function per rule. Of a bad
 * document the first fault is kept, in the order and words of QEMU's parser
 * (qobject/json-parser.c); but for duplicate keys, which are judged when the whole of it is there
 * (json.h).
 */
#ifndef BAREQGA_JSON_GRAMMAR_H
#define BAREQGA_JSON_GRAMMAR_H

#include "bareqga.h"
#include "lexer.h"

struct grammar {
	uint8_t rule;          /* enum rule: what may come next */
	uint8_t after;         /* likewise, behind the value that is expected or being read */
	unsigned depth;        /* brackets open */
	unsigned tokens, keys; /* values and keys so far */
	unsigned closed;       /* tokens, when a bracket was last closed */
	unsigned max_tokens;
	bool escapes;         /* a string that is not parked has one */
	bool limit;           /* the fault is that there is too much: so it stays, whatever comes */
	const char *fault;    /* first fault: a format for qga_error(), or NULL */
	struct qga_span text; /* %S of fault: in the request buffer */
	size_t good;          /* bytes of the document before the fault */
	/* For each open bracket: a list or an object? and does it stand where a key should? */
	uint8_t stack[(QGA_NESTING_MAX * 2 + 7) / 8];
};

void qga_grammar_reset(struct grammar *g);

/* The next token, which lex has just found. Not to be called again once there is a fault. */
void qga_grammar_token(struct grammar *g, struct lexer *lex, enum lex_token token);

/* Records the first fault. */
void qga_grammar_fault(struct grammar *g, const struct lexer *lex, const char *fault);

/* Likewise, one of a limit. */
void qga_grammar_limit(struct grammar *g, const struct lexer *lex, const char *fault);

#endif
