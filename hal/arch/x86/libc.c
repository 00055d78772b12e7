// SPDX-License-Identifier: MIT
/*
 * libc.c - the few C library functions that the compiler and the agent call (C17, 7.24).
 *
 * Copies are string instructions (Intel SDM volume 1, 7.3.9.3), eight bytes at a time: one
 * instruction for any length is the fastest form for an interpreting hypervisor, and close to it
 * for TCG and processors. No SSE: nothing here may need the FPU to be switched on.
 */
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	void *d = to;
	size_t words = n / 8;

	__asm__ volatile("rep movsq" : "+D"(d), "+S"(from), "+c"(words)::"memory");
	n %= 8;
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(n)::"memory");
	return to;
}

/* Downwards: bytes until the rest is whole words; then those. */
static void copy_down(uint8_t *to, const uint8_t *from, size_t n)
{
	uint8_t *d = to + n - 1;
	const uint8_t *s = from + n - 1;
	size_t bytes = n % 8, words = n / 8;

	__asm__ volatile("std\n\t"
	                 "rep movsb\n\t"
	                 "sub $7, %0\n\t"
	                 "sub $7, %1\n\t"
	                 "mov %3, %2\n\t"
	                 "rep movsq\n\t"
	                 "cld"
	                 : "+D"(d), "+S"(s), "+c"(bytes)
	                 : "r"(words)
	                 : "memory", "cc");
}

void *memmove(void *to, const void *from, size_t n)
{
	if ((uintptr_t)to - (uintptr_t)from < n) /* `to` lies inside `from` */
		copy_down(to, from, n);
	else
		memcpy(to, from, n);
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	void *d = to;
	uint64_t pattern = (uint8_t)byte * 0x0101010101010101u;
	size_t words = n / 8;

	__asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	n %= 8;
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *s, int byte, size_t n)
{
	const uint8_t *p = s;

	for (; n; n--, p++)
		if (*p == (uint8_t)byte)
			return (void *)(uintptr_t)p;
	return NULL;
}

/* The assembly keeps the compiler from seeing strlen() in this loop and calling it. */
size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n]) {
		n++;
		__asm__("" : "+r"(n));
	}
	return n;
}

size_t strnlen(const char *s, size_t n)
{
	const char *end = memchr(s, 0, n);

	return end ? (size_t)(end - s) : n;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (uint8_t)*a - (uint8_t)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, PTRDIFF_MAX);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do
		if (*s == (char)c)
			last = s;
	while (*s++);
	return (char *)(uintptr_t)last;
}

size_t strcspn(const char *s, const char *stops)
{
	size_t n = 0;

	while (s[n] && !strchr(stops, s[n]))
		n++;
	return n;
}

char *strstr(const char *s, const char *part)
{
	size_t len = strlen(part);

	for (; strncmp(s, part, len) != 0; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

char *strcpy(char *restrict to, const char *restrict from)
{
	return memcpy(to, from, strlen(from) + 1);
}

char *strncpy(char *restrict to, const char *restrict from, size_t n)
{
	size_t i = 0;

	for (; i < n && from[i]; i++)
		to[i] = from[i];
	memset(to + i, 0, n - i);
	return to;
}

char *strncat(char *restrict to, const char *restrict from, size_t n)
{
	size_t len = strlen(to), more = strnlen(from, n);

	memcpy(to + len, from, more);
	to[len + more] = '\0';
	return to;
}

char *strcat(char *restrict to, const char *restrict from)
{
	return strncat(to, from, strlen(from));
}
