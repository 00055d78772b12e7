/* SPDX-License-Identifier: MIT */
/*
 * parked.h - what the lexer leaves in a document for the tokenizer to stop at. Nobody else knows
 * these bytes.
 *
 * A string body that gets long is *parked*: left in place behind an empty string, so that nobody
 * looks at each of its bytes again:
 *
 *     ... : " " MARK LEN(4) PAD(1) PAD bytes, LEN bytes of body  , ...
 *
 * The padding puts the body where it can be copied by whole words. A bracket that closes behind
 * another one is replaced by PARKED_CLOSE: jsmn would look for what it closes through all that has
 * just been closed.
 *
 * Both are control characters, which stand in no document: jsmn refuses them (JSMN_STRICT), and
 * goes on where it is told to.
 */
#ifndef BAREQGA_JSON_PARKED_H
#define BAREQGA_JSON_PARKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	PARKED_STRING = 1,
	PARKED_CLOSE = 2
};

/* Bytes between the opening quote of a parked string and its padding. */
#define PARKED_HEAD 7

/* Writes what stands between the opening quote and the padding; the length comes later. */
static inline void parked_begin(char *quote, size_t pad)
{
	quote[0] = quote[1] = '"';
	quote[2] = PARKED_STRING;
	memset(quote + 3, 0, sizeof(uint32_t));
	quote[PARKED_HEAD] = (char)pad;
}

static inline void parked_resize(char *quote, size_t len)
{
	uint32_t n = (uint32_t)len;

	memcpy(quote + 3, &n, sizeof(n));
}

/* The length of the body. */
static inline size_t parked_length(const char *quote)
{
	uint32_t n;

	memcpy(&n, quote + 3, sizeof(n));
	return n;
}

/*
 * The mark of a parked string is `room` bytes in front of the end of the document: where does the
 * body begin, counted from the mark, and how long is it? False: it would end outside.
 */
static inline bool parked_body(const char *mark, size_t room, size_t *at, size_t *len)
{
	if (room < PARKED_HEAD - 1)
		return false;
	*at = PARKED_HEAD - 1 + (size_t)(uint8_t)mark[PARKED_HEAD - 2];
	*len = parked_length(mark - 2);
	return *at <= room && *len <= room - *at;
}

#endif
