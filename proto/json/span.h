/* SPDX-License-Identifier: MIT */
/* span.h - does a piece of a request say something that is known? */
#ifndef BAREQGA_JSON_SPAN_H
#define BAREQGA_JSON_SPAN_H

#include "bareqga.h"

/* Names are short and not aligned: calling memcmp() and strlen() would take longer. */
static inline bool qga_span_is(const struct qga_span *text, const char *known)
{
	const char *p = text->ptr, *end = p + text->len;

	while (p < end && *p == *known && *known)
		p++, known++;
	return p == end && *known == 0;
}

#endif
