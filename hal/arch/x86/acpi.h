/* SPDX-License-Identifier: MIT */
/*
 * acpi.h - the few facts of ACPI tables that need no AML interpreter: processors, I/O APICs, and
 * the registers that switch the machine off or reset it.
 */
#ifndef BAREQGA_ARCH_X86_ACPI_H
#define BAREQGA_ARCH_X86_ACPI_H

#include <stdbool.h>
#include <stdint.h>

#include "apic.h"

struct acpi_table {
	const uint8_t *at;
	uint32_t length; /* as it was when it was checked; 0: there is no such table */
};

/* Where one has come to in going through all tables. */
struct acpi_root {
	struct acpi_table table; /* XSDT or RSDT */
	uint32_t size;           /* of its pointers */
	uint32_t at;             /* the next one */
};

struct acpi {
	struct acpi_root root; /* at the first table */
	struct acpi_table fadt;
	unsigned n_cpus; /* 0: not told */
	struct ioapic io[IOAPICS_MAX];
	unsigned n_io;
	uint8_t oem[6]; /* who wrote the tables */
};

/*
 * Finds the tables; rsdp is where the loader says the root pointer is, 0 to search for it. Returns
 * 0, or -1: there are none (*acpi then says so too).
 */
int acpi_init(struct acpi *acpi, uint64_t rsdp);

/* The next table that can be read; false: there are no more. The DSDT is none of these ... */
bool acpi_next(struct acpi_root *root, struct acpi_table *table);

/* ... but here. */
struct acpi_table acpi_dsdt(const struct acpi *acpi);

/*
 * Address of the memory where the host keeps what it tells of restoring and cloning: the machine's
 * identity of 16 bytes, and struct vmclock; 0: there is none, or none that is mapped. Goes through all AML.
 */
uintptr_t acpi_vmgenid(const struct acpi *acpi);
uintptr_t acpi_vmclock(const struct acpi *acpi);

/* Is there a register to switch off with, and is it told what to write there? */
bool acpi_can_power_off(const struct acpi *acpi);

/* Does it; returns if the machine cannot, or has not done it yet. */
void acpi_power_off(const struct acpi *acpi);

/* Likewise; false: there is no register to reset with. */
bool acpi_reset(const struct acpi *acpi);

#endif
