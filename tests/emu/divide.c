/* SPDX-License-Identifier: MIT */
/*
 * divide.c - divides numbers of 64 bits and logs "dividend divisor quotient remainder" in hex;
 * takes the place of firmware/, see test_divide.py and test-divide.elf in the Makefile.
 */
#include "board.h"

static const uint64_t numbers[] = {
	1,
	2,
	3,
	10,
	0xffff,
	0x10000,
	1000000000,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x123456789,
	5000000000,
	10000000000,
	0xfffffffff,
	0xffffffff00000000,
	0x8000000000000000,
	UINT64_MAX,
};

#define N           (sizeof(numbers) / sizeof(numbers[0]))
#define DIVISOR_END ((uint64_t)1 << 63)

void firmware_trap(uintptr_t cause, uintptr_t pc, uintptr_t value)
{
	(void)cause, (void)pc, (void)value;
	board_debug("trap", 4);
	for (;;)
		board_power(BOARD_HALT);
}

static char *hex(char *p, uint64_t value)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[value >> shift & 15];
	*p++ = ' ';
	return p;
}

void firmware_main(void)
{
	char line[4 * 17], *p;

	board_init();
	for (size_t i = 0; i < N * N; i++) {
		volatile uint64_t dividend = numbers[i / N], divisor = numbers[i % N];

		if (divisor >= DIVISOR_END)
			continue;
		p = hex(hex(line, dividend), divisor);
		p = hex(hex(p, dividend / divisor), dividend % divisor);
		board_debug(line, (size_t)(p - line));
	}
	board_debug("end", 3);
	for (;;)
		board_power(BOARD_HALT);
}
