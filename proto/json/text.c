/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "text.h"
#include "utf8.h"

#if !QGA_TINY

#define HIGH_SURROGATE(code) (((code) & ~0x3FF) == 0xD800)
#define LOW_SURROGATE(code)  (((code) & ~0x3FF) == 0xDC00)

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The value of four hexadecimal digits, or -1. */
static int32_t hex4(const char *p, const char *end)
{
	int32_t code = 0;
	int i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		code = code << 4 | digit;
	}
	return code;
}

/*
 * The code point of the \uXXXX, or pair of them, at *p; -1 if there is none. *p is moved behind
 * what was looked at: both halves only if they are a pair.
 */
static int32_t unicode_escape(const char **p, const char *end)
{
	int32_t code = hex4(*p + 2, end), low;

	*p = end - *p < 6 ? end : *p + 6;
	if (!HIGH_SURROGATE(code))
		return code;
	if (end - *p < 2 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return code;
	low = hex4(*p + 2, end);
	if (!LOW_SURROGATE(low))
		return -1;
	*p += 6;
	return 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
}

/* What the escape \c stands for; 0 if there is none. */
static char simple_escape(char c)
{
	switch (c) {
	case '"':
	case '\'':
	case '\\':
	case '/':
		return c;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	}
	return 0;
}

enum text_fault qga_text_check(char *body, size_t len, struct qga_span *where)
{
	const char *p = body, *end = body + len;
	size_t used;

	while (p < end) {
		const char *from = p;

		if (*p == '\\' && p[1] == 'u') {
			if (qga_utf8_valid(unicode_escape(&p, end)))
				continue;
			where->ptr = body + (from - body);
			/* An escape cut short takes in the closing quote, as qemu-ga tells it. */
			where->len = (size_t)(p - from) + (p == end && p - from < 6);
			return TEXT_BAD_UNICODE;
		}
		if (*p == '\\') {
			if (!simple_escape(p[1]))
				return TEXT_BAD_ESCAPE;
			p += 2;
			continue;
		}
		if (qga_utf8_get(p, (size_t)(end - p), &used) < 0)
			return TEXT_BAD_UTF8;
		p += used;
	}
	return TEXT_GOOD;
}

size_t qga_text_unescape(char *body, size_t len)
{
	const char *end = body + len, *p = memchr(body, '\\', len);
	char *to;

	if (!p)
		return len;
	to = body + (p - body);
	while (p < end) {
		if (*p != '\\') {
			*to++ = *p++;
		} else if (p[1] == 'u') {
			to += qga_utf8_put(to, unicode_escape(&p, end));
		} else {
			*to++ = simple_escape(p[1]);
			p += 2;
		}
	}
	return (size_t)(to - body);
}

size_t qga_text_requote(char *body, size_t len, char quote, size_t room)
{
	size_t growth = 0, i;
	char *to = body;

	/*
	 * What grows first moves up by as much as it may grow, so that writing never overtakes
	 * reading.
	 */
	if (quote == '\'')
		for (i = 0; i < len; i++)
			growth += body[i] == '"';
	if (len + growth > room)
		return SIZE_MAX;
	if (growth)
		memmove(body + growth, body, len);
	for (i = growth; i < len + growth; i++) {
		if (body[i] == '\\' && body[i + 1] == '\'') {
			*to++ = body[++i];
		} else if (body[i] == '\\') {
			*to++ = body[i++];
			*to++ = body[i];
		} else if (body[i] == '"') {
			*to++ = '\\';
			*to++ = '"';
		} else {
			*to++ = body[i];
		}
	}
	return (size_t)(to - body);
}

#endif
