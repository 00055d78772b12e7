/* SPDX-License-Identifier: MIT */
/* What bareqga needs of C's <string.h>, for targets that have none: docs/EMBEDDING.md. */
#ifndef BAREQGA_FREESTANDING_STRING_H
#define BAREQGA_FREESTANDING_STRING_H

#include <stddef.h>

/* Those of Rust's compiler_builtins, or of the kernel. */
int memcmp(const void *a, const void *b, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

/* Those of string.c, unless the kernel has its own. */
void *memchr(const void *s, int c, size_t n);
char *strchr(const char *s, int c);
int strcmp(const char *a, const char *b);
size_t strcspn(const char *s, const char *reject);
size_t strlen(const char *s);
int strncmp(const char *a, const char *b, size_t n);

#endif
