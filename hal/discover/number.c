/* SPDX-License-Identifier: MIT */
/* number.c - see number.h. */
#include "number.h"

/* The value of a digit; 16 or more: it is none. */
static unsigned digit(char c)
{
	unsigned letter = (unsigned)(c | 0x20) - 'a';

	return letter < 6 ? letter + 10 : c <= '9' ? (unsigned)c - '0' : 16;
}

bool number_read(const char **text, unsigned base, uint32_t max, uint32_t *value)
{
	const char *p = *text;
	uint64_t sum = 0;

	for (; digit(*p) < base && sum <= max; p++)
		sum = sum * base + digit(*p);
	*value = (uint32_t)sum;
	if (p == *text)
		return false;
	*text = p;
	return sum <= max;
}
