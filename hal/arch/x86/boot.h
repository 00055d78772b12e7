/* SPDX-License-Identifier: MIT */
/*
 * boot.h - what the loader told us: hvm_start_info or Linux's zero page, in one form.
 */
#ifndef BAREQGA_ARCH_X86_BOOT_H
#define BAREQGA_ARCH_X86_BOOT_H

#include <stdint.h>

struct boot {
	const char *cmdline;         /* "" if there is none */
	uint64_t rsdp;               /* address of the ACPI root pointer, 0: not told */
	uint64_t ram_base, ram_size; /* the lowest address; bytes in all regions, 0: not told */
	uint64_t ram_end;            /* of the region we live in; 0: in none */
};

/* Reads what start.S was given. Returns 0, or -1: not the structure that the protocol promises. */
int boot_read(struct boot *boot);

#endif
