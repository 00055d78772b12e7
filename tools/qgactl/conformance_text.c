/* SPDX-License-Identifier: MIT */
/*
 * conformance_text.c - the language of tests/diff/corpus (tests/diff/stream.py), as far as the data uses it.
 *
 *     <0a> <ef bb bf>  bytes     <lf> <cr> <tab> <sp> <nul> <ping> <tmp>  the same, by name
 *     <*1024:[>        again and again
 *     <handle> <pid> <ended> <reopen> <pause>  parts of their own
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

static const struct {
	const char *name, *bytes;
	size_t len;
} named[] = {
	{"lf", "\n", 1}, {"cr", "\r", 1},  {"tab", "\t", 1},
	{"sp", " ", 1},  {"nul", "\0", 1}, {"ping", "{\"execute\":\"guest-ping\"}", 24},
};

static const struct {
	const char *name;
	enum part_kind kind;
} referred[] = {
	{"handle", PART_HANDLE}, {"pid", PART_PID},     {"ended", PART_ENDED},
	{"reopen", PART_REOPEN}, {"pause", PART_PAUSE},
};

static struct part *append(struct parts *p, enum part_kind kind)
{
	p->part = grow(p->part, (p->n + 1) * sizeof(p->part[0]));
	p->part[p->n] = (struct part){.kind = kind};
	return &p->part[p->n++];
}

static struct buffer *bytes(struct parts *p)
{
	if (p->n == 0 || p->part[p->n - 1].kind != PART_BYTES)
		return &append(p, PART_BYTES)->bytes;
	return &p->part[p->n - 1].bytes;
}

static bool is(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(text, name, len) == 0;
}

static bool read_hex(struct parts *p, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		char digits[3] = {text[i], i + 1 < len ? text[i + 1] : '\0', '\0'}, byte;

		if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]) ||
		    (i + 2 < len && text[i + 2] != ' '))
			return false;
		byte = (char)strtoul(digits, NULL, 16);
		buffer_add(bytes(p), &byte, 1);
	}
	return len > 0;
}

static bool read_text(struct parts *p, const char *text, size_t len, const char *tmp, int depth);

/* NUMBER:TEXT of bytes. */
static bool read_again(struct parts *p, const char *text, size_t len, const char *tmp, int depth)
{
	char *rest;
	unsigned long n = strtoul(text, &rest, 10);
	struct parts once = {0};
	bool ok = rest < text + len && *rest == ':' && n <= 1u << 24 && depth < 4 &&
	          read_text(&once, rest + 1, len - (size_t)(rest + 1 - text), tmp, depth + 1) &&
	          once.n == 1 && once.part[0].kind == PART_BYTES;

	for (unsigned long i = 0; ok && i < n; i++)
		buffer_add(bytes(p), once.part[0].bytes.data, once.part[0].bytes.len);
	parts_free(&once);
	return ok;
}

/* What stands between angle brackets. */
static bool read_angle(struct parts *p, const char *text, size_t len, const char *tmp, int depth)
{
	if (len > 1 && *text == '*')
		return read_again(p, text + 1, len - 1, tmp, depth);
	if (is(text, len, "tmp")) {
		buffer_text(bytes(p), tmp);
		return true;
	}
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (is(text, len, named[i].name)) {
			buffer_add(bytes(p), named[i].bytes, named[i].len);
			return true;
		}
	for (size_t i = 0; i < sizeof(referred) / sizeof(referred[0]); i++)
		if (is(text, len, referred[i].name)) {
			append(p, referred[i].kind);
			return true;
		}
	return read_hex(p, text, len);
}

static bool read_text(struct parts *p, const char *text, size_t len, const char *tmp, int depth)
{
	const char *end = text + len;

	while (text < end) {
		const char *open = memchr(text, '<', (size_t)(end - text)), *close = open;
		int inside = 0;

		if (!open) {
			buffer_add(bytes(p), text, (size_t)(end - text));
			return true;
		}
		if (open > text)
			buffer_add(bytes(p), text, (size_t)(open - text));
		for (; close < end; close++) {
			inside += (*close == '<') - (*close == '>');
			if (inside == 0)
				break;
		}
		if (close == end ||
		    !read_angle(p, open + 1, (size_t)(close - open - 1), tmp, depth))
			return false;
		text = close + 1;
	}
	return true;
}

bool parts_read(struct parts *p, const char *text, const char *tmp)
{
	*p = (struct parts){0};
	return read_text(p, text, strlen(text), tmp, 0);
}

void parts_free(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		buffer_free(&p->part[i].bytes);
	free(p->part);
	*p = (struct parts){0};
}
