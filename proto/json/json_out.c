/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "bareqga.h"
#include "utf8.h"

static const char hex[] = "0123456789ABCDEF";

/*
 * Is there room for n bytes more? If not, there is none for anything from now on. Room is what the
 * caller of the writer gives, so that this is asked before each write.
 */
static inline bool fits(struct qga_out *out, size_t n)
{
	if (n <= out->cap - out->len)
		return true;
	out->cap = out->len;
	out->full = true;
	return false;
}

void qga_out_raw(struct qga_out *out, const char *text, size_t len)
{
	if (!fits(out, len))
		return;
	memcpy(out->buf + out->len, text, len);
	out->len += len;
}

void qga_out_put(struct qga_out *out, const char *text)
{
	qga_out_raw(out, text, strlen(text));
}

static void put(struct qga_out *out, char c)
{
	if (fits(out, 1))
		out->buf[out->len++] = c;
}

/* Every value begins here: a separator, if it is not the first of its level. */
static void begin(struct qga_out *out)
{
	if (out->comma)
		qga_out_raw(out, ", ", 2);
	out->comma = true;
}

static void open(struct qga_out *out, char bracket)
{
	begin(out);
	put(out, bracket);
	out->comma = false;
}

static void close(struct qga_out *out, char bracket)
{
	put(out, bracket);
	out->comma = true;
}

void qga_out_object(struct qga_out *out)
{
	open(out, '{');
}

void qga_out_object_end(struct qga_out *out)
{
	close(out, '}');
}

void qga_out_list(struct qga_out *out)
{
	open(out, '[');
}

void qga_out_list_end(struct qga_out *out)
{
	close(out, ']');
}

void qga_out_key(struct qga_out *out, const char *name)
{
	begin(out);
	put(out, '"');
	qga_out_raw(out, name, strlen(name));
	qga_out_raw(out, "\": ", 3);
	out->comma = false;
}

/* Divides by ten and returns the rest; 64-bit division is dear on 32-bit processors. */
static unsigned divide_by_ten(uint64_t *value)
{
	uint32_t high = (uint32_t)(*value >> 32), low = (uint32_t)*value;
	uint32_t middle = high % 10 << 16 | low >> 16;

	low = middle % 10 << 16 | (low & 0xFFFF);
	*value = (uint64_t)(high / 10) << 32 | (uint64_t)(middle / 10) << 16 | low / 10;
	return low % 10;
}

/* The decimal digits of value, with a point before the last `decimals` of them. */
static void digits(struct qga_out *out, uint64_t value, unsigned decimals)
{
	char text[24];
	size_t i = sizeof(text);
	uint32_t small;

	while (value > UINT32_MAX || decimals > 0) {
		text[--i] = (char)('0' + divide_by_ten(&value));
		if (decimals && --decimals == 0)
			text[--i] = '.';
	}
	small = (uint32_t)value;
	do
		text[--i] = (char)('0' + small % 10);
	while (small /= 10);
	qga_out_raw(out, text + i, sizeof(text) - i);
}

void qga_out_uint(struct qga_out *out, uint64_t value)
{
	begin(out);
	digits(out, value, 0);
}

void qga_out_int(struct qga_out *out, int64_t value)
{
	qga_out_fixed(out, value, 0);
}

void qga_out_fixed(struct qga_out *out, int64_t value, unsigned decimals)
{
	begin(out);
	if (value < 0)
		put(out, '-');
	digits(out, value < 0 ? -(uint64_t)value : (uint64_t)value, decimals);
}

void qga_out_bool(struct qga_out *out, bool value)
{
	begin(out);
	qga_out_raw(out, value ? "true" : "false", value ? 4 : 5);
}

/* \uXXXX */
static void unit(struct qga_out *out, unsigned code)
{
	qga_out_raw(out, "\\u", 2);
	for (int shift = 12; shift >= 0; shift -= 4)
		put(out, hex[code >> shift & 15]);
}

/* One character that cannot stand for itself; returns how many bytes of text it took. */
static size_t escape(struct qga_out *out, const char *text, size_t len)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	size_t used;
	int32_t code = qga_utf8_get(text, len, &used);
	const char *known = code > 0 && code < 0x80 ? strchr(plain, code) : NULL;

	if (known) {
		put(out, '\\');
		put(out, letter[known - plain]);
	} else if (code > 0xFFFF) {
		unit(out, 0xD800 + ((unsigned)(code - 0x10000) >> 10));
		unit(out, 0xDC00 + (code & 0x3FF));
	} else {
		unit(out, code < 0 ? 0xFFFD : (unsigned)code);
	}
	return used;
}

/* Characters from text[i] on, as long as there are `room` bytes for each; returns where it stopped.
 */
static inline size_t characters(struct qga_out *out, const char *text, size_t len, size_t i,
                                size_t room)
{
	while (i < len && qga_out_room(out) >= room) {
		char c = text[i];

		if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
			put(out, c);
			i++;
		} else {
			i += escape(out, text + i, len - i);
		}
	}
	return i;
}

void qga_out_str_begin(struct qga_out *out)
{
	if (out->comma)
		qga_out_raw(out, ", ", 2);
	qga_out_raw(out, "\"", 1);
}

void qga_out_str_end(struct qga_out *out)
{
	qga_out_raw(out, "\"", 1);
	out->comma = true;
}

bool qga_out_text(struct qga_out *out, const char *text, size_t len, size_t *cursor)
{
	*cursor = characters(out, text, len, *cursor, QGA_OUT_CHAR_MAX);
	return *cursor == len;
}

bool qga_out_str_part(struct qga_out *out, const char *text, size_t len, size_t *cursor)
{
	/* The cursor counts the quotes too, so that 0 is before the first one. */
	size_t at = *cursor ? *cursor - 1 : 0;

	if (*cursor == 0) {
		if (qga_out_room(out) < QGA_OUT_CHAR_MAX)
			return false;
		qga_out_str_begin(out);
	}
	if (!qga_out_text(out, text, len, &at) || qga_out_room(out) == 0) {
		*cursor = at + 1;
		return false;
	}
	qga_out_str_end(out);
	return true;
}

void qga_out_strn(struct qga_out *out, const char *text, size_t len)
{
	qga_out_str_begin(out);
	characters(out, text, len, 0, 0);
	qga_out_str_end(out);
}

void qga_out_str(struct qga_out *out, const char *text)
{
	qga_out_strn(out, text, strlen(text));
}
