/* SPDX-License-Identifier: MIT */
/*
 * base64.h - base64 (RFC 4648, section 4) as the protocol carries file data.
 *
 * Decoding is as lenient as qemu-ga's, which uses GLib's decoder behind a check of the alphabet:
 * line feeds are skipped, '=' counts as a digit of value 0 wherever it stands, only the last two
 * characters of a group of four shorten it, and an incomplete last group is dropped.
 */
#ifndef BAREQGA_CMD_BASE64_H
#define BAREQGA_CMD_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters that n bytes become. */
#define BASE64_CHARS(n) (((n) + 2) / 3 * 4)

/* Bytes that fill n characters without padding. */
#define BASE64_BYTES(n) ((n) / 4 * 3)

/*
 * Encodes len bytes; returns how many characters were written, BASE64_CHARS(len). The last group
 * is padded, so only the last piece of a stream may have a length that is not a multiple of 3.
 * src may overlap dst if src ends where dst will, or behind that.
 */
size_t qga_base64_encode(char *dst, const void *src, size_t len);

/*
 * Decodes len characters; dst may be src, or lie below it. Returns how many bytes were written, or
 * -1 if there is a character outside the alphabet, and then dst holds rubbish.
 */
int64_t qga_base64_decode(void *dst, const char *src, size_t len);

#endif
