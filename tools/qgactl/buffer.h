/* SPDX-License-Identifier: MIT */
/* buffer.h - bytes that become more. Starts zeroed; buffer_free() leaves it so. */
#ifndef QGACTL_BUFFER_H
#define QGACTL_BUFFER_H

#include <stddef.h>

struct buffer {
	char *data;
	size_t len, cap;
};

/* Room for n more bytes behind the others, not yet counted as there. */
char *buffer_room(struct buffer *b, size_t n);
void buffer_add(struct buffer *b, const void *data, size_t len);
void buffer_text(struct buffer *b, const char *text);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops the first n bytes. */
void buffer_drop(struct buffer *b, size_t n);
void buffer_free(struct buffer *b);

#endif
