/* SPDX-License-Identifier: MIT */
/* number.h - numbers in text that a host has written. */
#ifndef BAREQGA_DISCOVER_NUMBER_H
#define BAREQGA_DISCOVER_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads digits of base 10 or 16, as many as there are, and moves *text behind them. False: there is none, or the
 * number is above `max`.
 */
bool number_read(const char **text, unsigned base, uint32_t max, uint32_t *value);

/* Is it written as a hexadecimal number: 0x...? */
static inline bool number_has_0x(const char *text)
{
	return text[0] == '0' && (text[1] | 0x20) == 'x';
}

#endif
