/* SPDX-License-Identifier: MIT */
/* buffer.c - see buffer.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "fail.h"

char *buffer_room(struct buffer *b, size_t n)
{
	if (b->cap - b->len < n) {
		size_t cap = b->cap + b->cap / 2;

		b->cap = cap > b->len + n ? cap : b->len + n;
		b->data = grow(b->data, b->cap);
	}
	return b->data + b->len;
}

void buffer_add(struct buffer *b, const void *data, size_t len)
{
	if (len == 0)
		return;
	memcpy(buffer_room(b, len), data, len);
	b->len += len;
}

void buffer_text(struct buffer *b, const char *text)
{
	buffer_add(b, text, strlen(text));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list values;
	int n;

	va_start(values, format);
	n = vsnprintf(NULL, 0, format, values);
	va_end(values);
	buffer_room(b, (size_t)n + 1);
	va_start(values, format);
	vsnprintf(b->data + b->len, (size_t)n + 1, format, values);
	va_end(values);
	b->len += (size_t)n;
}

void buffer_drop(struct buffer *b, size_t n)
{
	b->len -= n;
	if (b->len > 0)
		memmove(b->data, b->data + n, b->len);
}

void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){0};
}
