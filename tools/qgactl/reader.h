/* SPDX-License-Identifier: MIT */
/*
 * reader.h - what an agent says, from bytes to answers. No I/O: the bytes are handed in, so a
 * hostile agent can be tried without one.
 *
 *     reader_feed(&r, data, len);
 *     while (reader_line(&r, &line, &len) == READER_LINE)
 *             answer_read(&answer, line, len) ...
 */
#ifndef QGACTL_READER_H
#define QGACTL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "buffer.h"

/* No agent says more in one answer: guest-file-read gives 48 MiB at most, 64 MiB as base64. */
#define READER_LINE_MAX (68u << 20)

struct reader {
	struct buffer in;
	size_t at;       /* everything before was taken */
	size_t scanned;  /* no line ends in what lies between */
	char heard[256]; /* the first bytes since heard_len was set to 0; for a message */
	size_t heard_len;
	bool delimited; /* 0xFF has been seen, and the line behind it not yet */
};

enum reader_result {
	READER_MORE, /* nothing whole yet */
	READER_LINE,
	READER_TOO_LONG,
};

/* Room for n bytes that are to be read; reader_fed() then says how many it became. */
char *reader_room(struct reader *r, size_t n);
void reader_fed(struct reader *r, size_t n);
void reader_feed(struct reader *r, const void *data, size_t len);

/* The next line, without its end; it stays until bytes are fed again. */
enum reader_result reader_line(struct reader *r, char **line, size_t *len);

/*
 * Looks for the answer to guest-sync-delimited: drops everything up to a byte 0xFF, reads the line
 * behind it, and goes on like that. READER_LINE: a line there holds one of the numbers from `first`
 * to `last`, which *number becomes.
 */
enum reader_result reader_sync(struct reader *r, uint64_t first, uint64_t last, uint64_t *number);

/* How many bytes came and were not yet taken. */
size_t reader_rest(const struct reader *r);
void reader_free(struct reader *r);

/* One answer. */
struct answer {
	json_t *whole; /* owns the others */
	json_t *value; /* of "return", if it is no error */
	const char *error_class, *desc;
};

/* False: the line is no answer. answer_free() in any case. */
bool answer_read(struct answer *a, const char *line, size_t len);
void answer_free(struct answer *a);

/*
 * The same, for an answer with a long string: the value of the member `name` is left where it is in
 * the line, *text, and is the empty string in what was parsed. NULL: there is none without an
 * escape in it.
 */
bool answer_read_around(struct answer *a, char *line, size_t len, const char *name, char **text,
                        size_t *text_len);

/*
 * Is the line one that says what has happened, as QEMU's monitor says it, and is no answer? Its member "event" comes
 * first. So an agent's log comes that has to share the serial port with it.
 */
bool answer_is_event(const char *line, size_t len);

/* Parses JSON; integers beyond 64 bits become reals. NULL: it is none. */
json_t *json_read(const char *text, size_t len);

#endif
