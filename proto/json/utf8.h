/* SPDX-License-Identifier: MIT */
/*
 * utf8.h - code points of "modified" UTF-8, as QEMU's JSON has them: like RFC 3629, but U+0000 is
 * C0 80, and surrogates and the 66 noncharacters are invalid.
 */
#ifndef BAREQGA_JSON_UTF8_H
#define BAREQGA_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May this code point stand in a string? */
bool qga_utf8_valid(int32_t code);

/*
 * Decodes the code point at text, where at least one of len bytes is. Returns it, or -1 if it is
 * invalid; *used says how many bytes it took. An invalid sequence ends before the byte that
 * breaks it, or is as long as it claims to be.
 */
int32_t qga_utf8_get(const char *text, size_t len, size_t *used);

/* Encodes a valid code point into up to 4 bytes; returns how many. */
size_t qga_utf8_put(char *to, int32_t code);

#endif
