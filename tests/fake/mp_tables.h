/* SPDX-License-Identifier: MIT */
/* mp_tables.h - the tables of before ACPI (MultiProcessor Specification 1.4, 4), as hosts write them. */
#ifndef MP_TABLES_H
#define MP_TABLES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MP_POINTER \
	0x9fc00 /* where the pointer is, in the last KiB of 639; the table is behind it */

static inline uint8_t mp_balance(const uint8_t *bytes, unsigned n)
{
	uint8_t sum = 0;

	while (n > 0)
		sum = (uint8_t)(sum + bytes[--n]);
	return (uint8_t)-sum;
}

static inline void mp_pointer(uint8_t *pointer, uint32_t table)
{
	memcpy(pointer, "_MP_", 4);
	memcpy(pointer + 4, &table, 4);
	pointer[8] = 1;
	pointer[10] = 0;
	pointer[10] = mp_balance(pointer, 16);
}

/*
 * In this memory, which is below 4 GiB, the table of that OEM (8 letters): n processors with these flags, then a bus
 * if there is one. Returns the table.
 */
static inline uint8_t *mp_tables(uint8_t *low, const char *oem, const uint8_t *flags, unsigned n,
                                 bool has_bus)
{
	uint8_t *table = low + MP_POINTER + 16;
	unsigned length = 44 + 20 * n + 8 * has_bus;

	mp_pointer(low + MP_POINTER, (uint32_t)(uintptr_t)table);
	memcpy(table, "PCMP", 4);
	table[4] = (uint8_t)length;
	memcpy(table + 8, oem, 8);
	for (unsigned i = 0; i < n; i++)
		table[44 + 20 * i + 3] = flags[i];
	table[44 + 20 * n] = has_bus;
	table[7] = mp_balance(table, length);
	return table;
}

#endif
