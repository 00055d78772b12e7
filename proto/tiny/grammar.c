/* SPDX-License-Identifier: MIT */
/* grammar.c - do the tokens make a JSON document (RFC 8259, section 2), with good strings? */
#include "core/agent.h"

#if QGA_TINY

enum expects {
	VALUE,
	FIRST, /* a value or a key; or the end */
	KEY,
	COLON,
	END, /* or a comma */
};

static bool good_string(const char *p, const char *end)
{
	while (p < end)
		if (qga_text_next(&p, end) < 0)
			return false;
	return true;
}

/* A value that is no container. */
static bool good_scalar(const struct document *doc, enum token token)
{
	struct qga_span text = {doc->text + doc->start, doc->len - doc->start};

	if (token == TOKEN_STRING)
		return good_string(text.ptr + 1, text.ptr + text.len - 1);
	if (token == TOKEN_KEYWORD)
		return qga_text_is(text, "true") || qga_text_is(text, "false") ||
		       qga_text_is(text, "null");
	return token == TOKEN_NUMBER;
}

enum fault qga_grammar_token(struct document *doc, enum token token)
{
	const bool list = doc->lists & 1;
	const enum expects expects = doc->expects;
	const bool key = expects == KEY || (expects == FIRST && !list);

	if (expects == COLON) {
		doc->expects = VALUE;
		return token == TOKEN_COLON ? FAULT_NONE : FAULT_JSON;
	}
	if ((expects == FIRST || expects == END) &&
	    token == (list ? TOKEN_LIST_END : TOKEN_OBJECT_END)) {
		doc->lists >>= 1;
		doc->expects = END;
		return FAULT_NONE;
	}
	if (expects == END) {
		doc->expects = list ? VALUE : KEY;
		return token == TOKEN_COMMA ? FAULT_NONE : FAULT_JSON;
	}
	if (key && token != TOKEN_STRING)
		return FAULT_JSON;
	if (token == TOKEN_OBJECT || token == TOKEN_LIST) {
		if (doc->lists >> 31)
			return FAULT_LIMIT;
		doc->lists = doc->lists << 1 | (token == TOKEN_LIST);
		doc->expects = FIRST;
		return FAULT_NONE;
	}
	doc->expects = key ? COLON : END;
	return good_scalar(doc, token) ? FAULT_NONE : FAULT_JSON;
}

#endif
