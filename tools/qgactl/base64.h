/* SPDX-License-Identifier: MIT */
/* base64.h - RFC 4648, section 4, with padding. */
#ifndef QGACTL_BASE64_H
#define QGACTL_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Characters for n bytes. */
#define BASE64_CHARS(n) (((n) + 2) / 3 * 4)

/* Writes BASE64_CHARS(len) characters, no NUL. */
void base64_encode(char *to, const void *data, size_t len);

/* Decodes to `to`, which has room for len / 4 * 3 + 3 bytes; false if the text is none. */
bool base64_decode(void *to, size_t *to_len, const char *text, size_t len);

#endif
