/* SPDX-License-Identifier: MIT */
/*
 * fuzz_base64.c - libFuzzer: what is encoded decodes to itself; and any text decodes, in place,
 * without a byte read or written beside it.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t chars = BASE64_CHARS(len);
	char *text = malloc(chars + 1), *any = malloc(len + 1);
	int64_t n;

	if (qga_base64_encode(text, data, len) != chars)
		abort();
	if (qga_base64_decode(text, text, chars) != (int64_t)len || memcmp(text, data, len))
		abort();
	free(text);
	/* Exactly as large as the text is. */
	any = realloc(any, len ? len : 1);
	memcpy(any, data, len);
	n = qga_base64_decode(any, any, len);
	if (n > (int64_t)len)
		abort();
	free(any);
	return 0;
}
