/* SPDX-License-Identifier: MIT */
/*
 * mptable.c - Intel MultiProcessor Specification 1.4, chapter 4.
 *
 * The floating pointer is in the first KiB of the extended BIOS data area, in the last KiB of base
 * memory, or in the BIOS's read-only area. Left out: everything but processors, for what else is in
 * there is where PCs have it; and the default configurations, which are of machines that are gone.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "mptable.h"

#define EBDA_SEGMENT 0x40e /* in the BIOS data area */
#define BASE_END     0xa0000
#define KIB          1024u

enum floating_pointer {
	MPF_ADDRESS = 4,
	MPF_LENGTH = 8, /* in units of 16 bytes */
	MPF_SIZE = 16,
};

enum configuration_table {
	MPC_LENGTH = 4,
	MPC_OEM = 8,
	MPC_BODY = 44,
};

enum entry {
	ENTRY_PROCESSOR = 0,
	PROCESSOR_SIZE = 20,
	PROCESSOR_FLAGS = 3,
	OTHER_SIZE = 8,
};

#define PROCESSOR_ENABLED 1

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

/* True if all bytes add up to zero, as in both structures. */
static bool adds_up(const uint8_t *p, uint32_t n)
{
	uint8_t sum = 0;

	while (n--)
		sum = (uint8_t)(sum + *p++);
	return sum == 0;
}

/* The table that a floating pointer in such memory names, or NULL. */
static const uint8_t *search(uintptr_t at, uintptr_t size)
{
	const uint8_t *p = (const uint8_t *)at, *end = p + size;
	uint32_t address;

	for (; end - p >= MPF_SIZE; p += 16) {
		if (memcmp(p, "_MP_", 4) != 0 || p[MPF_LENGTH] != 1 || !adds_up(p, MPF_SIZE))
			continue;
		memcpy(&address, p + MPF_ADDRESS, sizeof address);
		return address && address < UINT32_MAX - UINT16_MAX
		               ? (const uint8_t *)(uintptr_t)address
		               : NULL;
	}
	return NULL;
}

static const uint8_t *find(uintptr_t low)
{
	uintptr_t ebda = (uintptr_t)get16((const uint8_t *)(low + EBDA_SEGMENT)) << 4;
	const uint8_t *table = NULL;

	if (ebda && ebda <= BASE_END - KIB)
		table = search(low + ebda, KIB);
	if (!table)
		table = search(low + BASE_END - KIB, KIB);
	if (!table)
		table = search(low + BASE_END - 2 * KIB, KIB); /* of 639 KiB */
	if (!table)
		table = search(low + 0xf0000, 0x10000);
	return table && memcmp(table, "PCMP", 4) == 0 ? table : NULL;
}

bool mptable_by(uintptr_t low, const char *oem)
{
	const uint8_t *table = find(low);

	return table && memcmp(table + MPC_OEM, oem, 8) == 0;
}

unsigned mptable_cpus(uintptr_t low)
{
	const uint8_t *table = find(low);
	uint32_t at = MPC_BODY, length, size;
	unsigned cpus = 0;

	if (!table)
		return 0;
	length = get16(table + MPC_LENGTH);
	if (!adds_up(table, length))
		return 0;
	/* As far as the table goes, as Linux does: qboot says that it has no entries. */
	for (; at < length; at += size) {
		bool processor = table[at] == ENTRY_PROCESSOR;

		size = processor ? PROCESSOR_SIZE : OTHER_SIZE;
		cpus += processor && at + size <= length &&
		        table[at + PROCESSOR_FLAGS] & PROCESSOR_ENABLED;
	}
	return cpus;
}
