/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "grammar.h"
#include "lexer_string.h"
#include "parked.h"
#include "text.h"

#if !QGA_TINY

enum rule {
	RULE_VALUE, /* the document itself */
	RULE_FIRST_KEY,
	RULE_KEY,
	RULE_COLON,
	RULE_MEMBER,
	RULE_MEMBER_END,
	RULE_FIRST_ITEM,
	RULE_ITEM,
	RULE_ITEM_END,
	RULE_NOTHING, /* the document is complete */
};

/* QEMU cuts what its parser says to 1023 bytes. */
#define KEYWORD_ECHO_MAX (1023 - sizeof("invalid keyword ''") + 1)

enum {
	BRACKET_LIST = 1,
	BRACKET_KEY = 2
};

void qga_grammar_reset(struct grammar *g)
{
	g->rule = RULE_VALUE;
	g->depth = g->tokens = g->keys = g->closed = 0;
	g->escapes = g->limit = false;
	g->fault = NULL;
}

void qga_grammar_fault(struct grammar *g, const struct lexer *lex, const char *fault)
{
	g->fault = fault;
	g->text = (struct qga_span){0};
	g->good = lex->start;
}

void qga_grammar_limit(struct grammar *g, const struct lexer *lex, const char *fault)
{
	qga_grammar_fault(g, lex, fault);
	g->limit = true;
}

static void grammar_fault_text(struct grammar *g, const struct lexer *lex, const char *fault,
                               struct qga_span text)
{
	qga_grammar_fault(g, lex, fault);
	g->text = text;
}

/* --- The stack: two bits for each open bracket --- */

static void grammar_push(struct grammar *g, const struct lexer *lex, unsigned bits)
{
	unsigned i = g->depth;

	if (i == QGA_NESTING_MAX) {
		qga_grammar_limit(g, lex, "JSON nesting depth limit exceeded");
		return;
	}
	g->stack[i / 4] = (uint8_t)((g->stack[i / 4] & ~(3U << i % 4 * 2)) | bits << i % 4 * 2);
	g->depth++;
	g->rule = bits & BRACKET_LIST ? RULE_FIRST_ITEM : RULE_FIRST_KEY;
	g->after = bits & BRACKET_LIST ? RULE_ITEM_END : RULE_MEMBER_END;
}

static unsigned grammar_top(const struct grammar *g)
{
	unsigned i = g->depth - 1;

	return g->stack[i / 4] >> i % 4 * 2 & 3;
}

static void grammar_pop(struct grammar *g, const struct lexer *lex)
{
	bool key = grammar_top(g) & BRACKET_KEY;

	g->depth--;
	if (g->depth == 0)
		g->after = RULE_NOTHING;
	else
		g->after = grammar_top(g) & BRACKET_LIST ? RULE_ITEM_END : RULE_MEMBER_END;
	g->rule = g->after;
	/* No value since the last bracket that closed, so it stands just before this one. */
	if (g->closed == g->tokens)
		lex->buf[lex->start] = PARKED_CLOSE;
	g->closed = g->tokens;
	if (key)
		qga_grammar_fault(g, lex, "JSON parse error, key is not a string in object");
}

/* --- Values --- */

/*
 * RFC 8259 section 7: a string that is not plain ASCII. What the tokenizer would not know is
 * rewritten.
 */
static __attribute__((noinline)) void grammar_string(struct grammar *g, struct lexer *lex)
{
	size_t len, room;
	char *body;
	struct qga_span bad = {0};

	body = qga_lexer_body(lex, &len);
	switch (qga_text_check(body, len, &bad)) {
	case TEXT_BAD_ESCAPE:
		qga_grammar_fault(g, lex, "JSON parse error, invalid escape sequence in string");
		return;
	case TEXT_BAD_UNICODE:
		grammar_fault_text(g, lex, "JSON parse error, %S is not a valid Unicode character",
		                   bad);
		return;
	case TEXT_BAD_UTF8:
		qga_grammar_fault(g, lex, "JSON parse error, invalid UTF-8 sequence in string");
		return;
	default: /* TEXT_GOOD */
		break;
	}
	if (lex->body) {
		qga_lexer_resize(lex, qga_text_unescape(body, len));
		return;
	}
	room = lex->end - lex->start - 2;
	len = qga_text_requote(body, len, lex->found & LEX_SINGLE ? '\'' : '"', room);
	if (len > room) {
		lex->full = true;
		return;
	}
	*(body - 1) = '"';
	qga_lexer_resize(lex, len);
	g->escapes = true;
}

/* RFC 8259 section 3. */
static __attribute__((noinline)) void grammar_keyword(struct grammar *g, const struct lexer *lex)
{
	struct qga_span text = {lex->buf + lex->start, lex->len - lex->start};

	if ((text.len == 4 && (!memcmp(text.ptr, "true", 4) || !memcmp(text.ptr, "null", 4))) ||
	    (text.len == 5 && !memcmp(text.ptr, "false", 5)))
		return;
	if (text.len <= KEYWORD_ECHO_MAX) {
		grammar_fault_text(g, lex, "JSON parse error, invalid keyword '%S'", text);
		return;
	}
	text.len = KEYWORD_ECHO_MAX + 1;
	grammar_fault_text(g, lex, "JSON parse error, invalid keyword '%S", text);
}

/* Any value; `bits` says where it stands. */
static void grammar_value(struct grammar *g, struct lexer *lex, enum lex_token token, unsigned bits)
{
	if (token <= LEX_COMMA && token != LEX_OBJECT && token != LEX_LIST) {
		qga_grammar_fault(g, lex, "JSON parse error, expecting value");
		return;
	}
	if (g->tokens++ == g->max_tokens) {
		qga_grammar_limit(g, lex, "JSON token count limit exceeded");
		return;
	}
	g->rule = g->after;
	if (token == LEX_OBJECT || token == LEX_LIST)
		grammar_push(g, lex, bits | (token == LEX_LIST ? BRACKET_LIST : 0));
	else if (token == LEX_STRING && lex->found)
		grammar_string(g, lex);
	else if (token == LEX_KEYWORD)
		grammar_keyword(g, lex);
}

/* --- One function for each rule --- */

static void rule_value(struct grammar *g, struct lexer *lex, enum lex_token token)
{
	grammar_value(g, lex, token, 0);
}

/* As QEMU's parser does, any value is read where a key should be, and then refused. */
static void rule_key(struct grammar *g, struct lexer *lex, enum lex_token token)
{
	grammar_value(g, lex, token, BRACKET_KEY);
	if (g->fault || token == LEX_OBJECT || token == LEX_LIST)
		return;
	if (token != LEX_STRING) {
		qga_grammar_fault(g, lex, "JSON parse error, key is not a string in object");
		return;
	}
	g->keys++;
	g->rule = RULE_COLON;
}

static void rule_first_key(struct grammar *g, struct lexer *lex, enum lex_token token)
{
	if (token == LEX_OBJECT_END)
		grammar_pop(g, lex);
	else
		rule_key(g, lex, token);
}

static void rule_colon(struct grammar *g, struct lexer *lex, enum lex_token token)
{
	if (token == LEX_COLON)
		g->rule = RULE_MEMBER;
	else
		qga_grammar_fault(g, lex, "JSON parse error, missing : in object pair");
}

static void rule_member_end(struct grammar *g, struct lexer *lex, enum lex_token token)
{
	if (token == LEX_COMMA)
		g->rule = RULE_KEY;
	else if (token == LEX_OBJECT_END)
		grammar_pop(g, lex);
	else
		qga_grammar_fault(g, lex, "JSON parse error, expected separator in dict");
}

static void rule_first_item(struct grammar *g, struct lexer *lex, enum lex_token token)
{
	if (token == LEX_LIST_END)
		grammar_pop(g, lex);
	else
		grammar_value(g, lex, token, 0);
}

static void rule_item_end(struct grammar *g, struct lexer *lex, enum lex_token token)
{
	if (token == LEX_COMMA)
		g->rule = RULE_ITEM;
	else if (token == LEX_LIST_END)
		grammar_pop(g, lex);
	else
		qga_grammar_fault(g, lex, "JSON parse error, expected separator in list");
}

void qga_grammar_token(struct grammar *g, struct lexer *lex, enum lex_token token)
{
	static void (*const rules[])(struct grammar *, struct lexer *, enum lex_token) = {
		[RULE_VALUE] = rule_value,
		[RULE_FIRST_KEY] = rule_first_key,
		[RULE_KEY] = rule_key,
		[RULE_COLON] = rule_colon,
		[RULE_MEMBER] = rule_value,
		[RULE_MEMBER_END] = rule_member_end,
		[RULE_FIRST_ITEM] = rule_first_item,
		[RULE_ITEM] = rule_value,
		[RULE_ITEM_END] = rule_item_end,
		[RULE_NOTHING] = rule_value,
	};

	rules[g->rule](g, lex, token);
}

#endif
