/* SPDX-License-Identifier: MIT */
/* text.c - strings, read character by character: RFC 8259 section 7, and "modified" UTF-8. */
#include "core/agent.h"
#include "json/utf8.h"

#if QGA_TINY

static int32_t text_hex4(const char **p)
{
	int32_t code = 0;
	int i;

	for (i = 0; i < 4; i++) {
		unsigned c = (uint8_t) * (*p)++, letter = (c | 0x20) - 'a';

		if (c - '0' <= 9)
			c -= '0';
		else if (letter <= 5)
			c = letter + 10;
		else
			return -1;
		code = code << 4 | (int32_t)c;
	}
	return code;
}

/* \uXXXX, or a pair of them; the first \u has been read. */
static int32_t text_unicode(const char **p)
{
	int32_t code = text_hex4(p), low;

	if ((code & ~0x3FF) == 0xD800 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		*p += 2;
		low = text_hex4(p);
		code = (low & ~0x3FF) == 0xDC00 ? 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF))
		                                : -1;
	}
	return qga_utf8_valid(code) ? code : -1;
}

int32_t qga_text_next(const char **p, const char *end)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *name;
	int32_t code;
	size_t used;
	char c;

	if (**p != '\\') {
		code = qga_utf8_get(*p, (size_t)(end - *p), &used);
		*p += used;
		return code;
	}
	c = (*p)[1];
	*p += 2;
	if (c == 'u')
		return text_unicode(p);
	name = strchr(names, c);
	return name ? meant[name - names] : -1;
}

bool qga_text_same(struct qga_span a, struct qga_span b)
{
	const char *p = a.ptr, *q = b.ptr, *p_end = p + a.len, *q_end = q + b.len;

	while (p < p_end && q < q_end)
		if (qga_text_next(&p, p_end) != qga_text_next(&q, q_end))
			return false;
	return p == p_end && q == q_end;
}

bool qga_text_is(struct qga_span text, const char *known)
{
	return qga_text_same(text, (struct qga_span){(char *)known, strlen(known)});
}

#endif
