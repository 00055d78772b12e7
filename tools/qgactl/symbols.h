/* SPDX-License-Identifier: MIT */
/* symbols.h - functions and lines of an image's addresses: its ELF file, and addr2line of binutils or LLVM. */
#ifndef QGACTL_SYMBOLS_H
#define QGACTL_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

enum {
	BUILD_ID_MAX = 64 /* bytes of text, with the NUL */
};

struct image {
	char build_id[BUILD_ID_MAX]; /* hexadecimal digits; "": it has none */
	uint64_t address;            /* where its code was linked to begin */
};

/* Reads what there is to know of an ELF file, little endian, of 32 or 64 bits. */
int image_read(struct image *image, const char *path);

/*
 * Asks for n addresses at once; *lines gets what addr2line says of them, in their order: "0xADDRESS: FUNCTION at
 * FILE:LINE", and lines that begin with a blank for functions it was inlined into. $ADDR2LINE names the program.
 */
int image_lines(const char *path, const uint64_t *address, size_t n, struct buffer *lines);

#endif
