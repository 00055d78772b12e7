/* SPDX-License-Identifier: MIT */
/*
 * json_out.h - a bounded writer of JSON text, in the form qemu-ga writes it: ASCII only, ", " and
 * ": " as separators, everything outside 0x20..0x7E as \uXXXX with upper-case digits.
 *
 * It writes straight into whatever buffer it was given (a transmit buffer, usually) and puts the
 * commas itself. Writing past the end is a bug of the caller: ask out_room() first.
 */
#ifndef JSON_OUT_H
#define JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_out {
	char *buf;
	size_t cap;
	size_t len;
	bool comma; /* a value was written at this level */
};

/* Bytes that still fit. */
static inline size_t out_room(const struct json_out *out)
{
	return out->cap - out->len;
}

void out_raw(struct json_out *out, const char *text, size_t len); /* as it is, no comma */
void out_put(struct json_out *out, const char *text);             /* likewise, NUL-ended */
void out_object(struct json_out *out);                            /* { */
void out_object_end(struct json_out *out);                        /* } */
void out_list(struct json_out *out);                              /* [ */
void out_list_end(struct json_out *out);                          /* ] */
void out_key(struct json_out *out, const char *name);             /* "name":  ; plain ASCII */
void out_int(struct json_out *out, int64_t value);
void out_uint(struct json_out *out, uint64_t value);
void out_fixed(struct json_out *out, int64_t value, unsigned decimals); /* value / 10^decimals */
void out_bool(struct json_out *out, bool value);
void out_str(struct json_out *out,
             const char *text); /* NUL-ended UTF-8; up to 6 bytes a character */
void out_strn(struct json_out *out, const char *text, size_t len);

/* Room that any one character is sure to fit into: a surrogate pair, escaped. */
#define OUT_CHAR_MAX 12

/* The inside of a string, without quotes and comma; otherwise as out_str_part(). */
bool out_text(struct json_out *out, const char *text, size_t len, size_t *cursor);

/*
 * Strings of any length, in portions: *cursor starts at 0 and is kept by the writer. Returns true
 * when the closing quote has been written, false when out is full: call again with more room.
 */
bool out_str_part(struct json_out *out, const char *text, size_t len, size_t *cursor);

/* A string whose characters, already escaped, the caller writes between these two. */
static inline void out_str_begin(struct json_out *out)
{
	if (out->comma)
		out_raw(out, ", ", 2);
	out_raw(out, "\"", 1);
}

static inline void out_str_end(struct json_out *out)
{
	out_raw(out, "\"", 1);
	out->comma = true;
}

/* Commits n bytes of room and returns where they are: the caller fills them. */
static inline char *out_lend(struct json_out *out, size_t n)
{
	out->len += n;
	return out->buf + out->len - n;
}

/* Whole members: "name": value. */
static inline void out_member_str(struct json_out *out, const char *name, const char *value)
{
	out_key(out, name);
	out_str(out, value);
}

static inline void out_member_int(struct json_out *out, const char *name, int64_t value)
{
	out_key(out, name);
	out_int(out, value);
}

static inline void out_member_uint(struct json_out *out, const char *name, uint64_t value)
{
	out_key(out, name);
	out_uint(out, value);
}

static inline void out_member_bool(struct json_out *out, const char *name, bool value)
{
	out_key(out, name);
	out_bool(out, value);
}

#endif
