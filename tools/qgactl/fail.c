/* SPDX-License-Identifier: MIT */
/* fail.c - see fail.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

static char sentence[1024];

int fail(int status, const char *format, ...)
{
	char text[sizeof(sentence)];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format,
	          values); /* the old sentence may be among the values */
	va_end(values);
	memcpy(sentence, text, sizeof(text));
	return status;
}

int fail_in(int status, const char *format, ...)
{
	char text[sizeof(sentence)];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	return fail(status, "%s: %s", text, sentence);
}

const char *failure(void)
{
	return sentence;
}

void *grow(void *memory, size_t size)
{
	void *more = realloc(memory, size);

	if (!more && size > 0) {
		fprintf(stderr, "qgactl: out of memory\n");
		exit(FAIL_LOCAL);
	}
	return more;
}
