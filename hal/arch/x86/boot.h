/* SPDX-License-Identifier: MIT */
/*
 * boot.h - what the loader told us: hvm_start_info or Linux's zero page, in one form.
 */
#ifndef BAREQGA_ARCH_X86_BOOT_H
#define BAREQGA_ARCH_X86_BOOT_H

#include <stdbool.h>
#include <stdint.h>

struct boot {
	const char *cmdline; /* "" if there is none */
	uint64_t rsdp;       /* address of the ACPI root pointer, 0: not told */
	const uint8_t *map;  /* of memory: entries that are `stride` bytes apart */
	uint32_t map_entries, stride;
	uint64_t ram_end; /* of the region we live in; 0: in none */
};

/* Reads what start.S was given. Returns 0, or -1: not the structure that the protocol promises. */
int boot_read(struct boot *boot);

/* Entry number `index` of the map; *size is 0 if it is no RAM. False: there is no such entry. */
bool boot_ram(const struct boot *boot, uint32_t index, uint64_t *base, uint64_t *size);

#endif
