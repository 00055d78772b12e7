/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "bareqga.h"
#include "utf8.h"

static const char out_hex[] = "0123456789ABCDEF";

/*
 * Is there room for n bytes more? If not, there is none for anything from now on. Room is what the
 * caller of the writer gives, so that this is asked before each write.
 */
static inline bool out_fits(struct qga_out *out, size_t n)
{
	if (n <= out->cap - out->len)
		return true;
	out->cap = out->len;
	out->full = true;
	return false;
}

void qga_out_raw(struct qga_out *out, const char *text, size_t len)
{
	if (!out_fits(out, len))
		return;
	memcpy(out->buf + out->len, text, len);
	out->len += len;
}

void qga_out_put(struct qga_out *out, const char *text)
{
	qga_out_raw(out, text, strlen(text));
}

static void out_char(struct qga_out *out, char c)
{
	if (out_fits(out, 1))
		out->buf[out->len++] = c;
}

/* Every value begins here: a separator, if it is not the first of its level. */
static void out_value(struct qga_out *out)
{
	if (out->comma)
		qga_out_raw(out, ", ", 2);
	out->comma = true;
}

static void out_open(struct qga_out *out, char bracket)
{
	out_value(out);
	out_char(out, bracket);
	out->comma = false;
}

static void out_close(struct qga_out *out, char bracket)
{
	out_char(out, bracket);
	out->comma = true;
}

void qga_out_object(struct qga_out *out)
{
	out_open(out, '{');
}

void qga_out_object_end(struct qga_out *out)
{
	out_close(out, '}');
}

void qga_out_list(struct qga_out *out)
{
	out_open(out, '[');
}

void qga_out_list_end(struct qga_out *out)
{
	out_close(out, ']');
}

void qga_out_key(struct qga_out *out, const char *name)
{
	out_value(out);
	out_char(out, '"');
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
static void out_digits(struct qga_out *out, uint64_t value, unsigned decimals)
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
	out_value(out);
	out_digits(out, value, 0);
}

void qga_out_int(struct qga_out *out, int64_t value)
{
	qga_out_fixed(out, value, 0);
}

void qga_out_fixed(struct qga_out *out, int64_t value, unsigned decimals)
{
	out_value(out);
	if (value < 0)
		out_char(out, '-');
	out_digits(out, value < 0 ? -(uint64_t)value : (uint64_t)value, decimals);
}

void qga_out_bool(struct qga_out *out, bool value)
{
	out_value(out);
	qga_out_raw(out, value ? "true" : "false", value ? 4 : 5);
}

/* \uXXXX */
static void out_unit(struct qga_out *out, unsigned code)
{
	qga_out_raw(out, "\\u", 2);
	for (int shift = 12; shift >= 0; shift -= 4)
		out_char(out, out_hex[code >> shift & 15]);
}

/* One character that cannot stand for itself; returns how many bytes of text it took. */
static size_t out_escape(struct qga_out *out, const char *text, size_t len)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	size_t used;
	int32_t code = qga_utf8_get(text, len, &used);
	const char *known = code > 0 && code < 0x80 ? strchr(plain, code) : NULL;

	if (known) {
		out_char(out, '\\');
		out_char(out, letter[known - plain]);
	} else if (code > 0xFFFF) {
		out_unit(out, 0xD800 + ((unsigned)(code - 0x10000) >> 10));
		out_unit(out, 0xDC00 + (code & 0x3FF));
	} else {
		out_unit(out, code < 0 ? 0xFFFD : (unsigned)code);
	}
	return used;
}

/*
 * Characters from text[i] on, as long as there are `room` bytes for each; returns where it stopped.
 */
static inline size_t out_characters(struct qga_out *out, const char *text, size_t len, size_t i,
                                    size_t room)
{
	while (i < len && qga_out_room(out) >= room) {
		char c = text[i];

		if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
			out_char(out, c);
			i++;
		} else {
			i += out_escape(out, text + i, len - i);
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
	*cursor = out_characters(out, text, len, *cursor, QGA_OUT_CHAR_MAX);
	return *cursor >= len;
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
	out_characters(out, text, len, 0, 0);
	qga_out_str_end(out);
}

void qga_out_str(struct qga_out *out, const char *text)
{
	qga_out_strn(out, text, strlen(text));
}
