/* SPDX-License-Identifier: MIT */
/*
 * boot.h - what the loader told us: hvm_start_info or Linux's zero page, in one form.
 */
#ifndef BAREQGA_ARCH_X86_BOOT_H
#define BAREQGA_ARCH_X86_BOOT_H

#include <stdbool.h>
#include <stdint.h>

/* The zero page of Linux (Documentation/arch/x86/zero-page.rst). Its entries are packed: 20 bytes each. */
enum zero_page {
	ZERO_PAGE_ACPI_RSDP_ADDR = 0x070,
	ZERO_PAGE_E820_ENTRIES = 0x1e8,
	ZERO_PAGE_HDR_MAGIC = 0x202,
	ZERO_PAGE_CMD_LINE_PTR = 0x228,
	ZERO_PAGE_E820_TABLE = 0x2d0,
};

#define ZERO_PAGE_HDRS 0x53726448 /* "HdrS" */

/* The memory that start.S maps, in bytes. */
#define BOOT_MAPPED (UINT64_C(1) << 32)

/* More entries are a damaged map. */
#define E820_MAX 128

struct e820_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
} __attribute__((packed));

struct boot {
	const char *cmdline; /* "" if there is none */
	uint64_t rsdp;       /* address of the ACPI root pointer, 0: not told */
	const uint8_t *map;  /* of memory: entries that are `stride` bytes apart */
	uint32_t map_entries, stride;
	uint64_t ram_end; /* of the region we live in; 0: in none */
};

/* Reads what start.S was given. Returns 0, or -1: not the structure that the protocol promises. */
int boot_read(struct boot *boot);

/*
 * Entry number `index` of the map, up to the end of its last whole page; *size is 0 if it is no RAM. False:
 * there is no such entry.
 */
bool boot_ram(const struct boot *boot, uint32_t index, uint64_t *base, uint64_t *size);

#endif
