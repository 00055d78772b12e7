// SPDX-License-Identifier: MIT
/*
 * acpi.c - Advanced Configuration and Power Interface Specification 6.4, chapter 5 (tables) and 4.8
 * (registers).
 *
 *   RSDP -> XSDT or RSDT -> "APIC" (MADT): processors, I/O APICs
 *                        -> "FACP" (FADT): sleep and reset registers -> DSDT: \_S5
 *
 * Tables come from the host: lengths are checked, and nothing above 4 GiB is followed.
 * Left out: AML, but for the one constant package \_S5 that names the sleep type of "off", and for
 * acpi_memory.c.
 */
#include <stddef.h>
#include <string.h>

#include "acpi.h"
#include "arch/protect.h"
#include "port.h"
#include "x86.h"

enum rsdp {
	RSDP_REVISION = 15,
	RSDP_RSDT = 16,
	RSDP_XSDT = 24,
};

enum table {
	TABLE_LENGTH = 4,
	TABLE_OEM = 10,
	TABLE_BODY = 36,
};

#define TABLE_LENGTH_MAX (1u << 20)

/* Of the root table; a longer one is damaged. */
#define ROOT_ENTRIES_MAX 256

/* Where a root pointer may begin: all of it is mapped, and no table is in the first page, which is nobody's. */
#define LEAST_ADDRESS ARCH_NULL_SIZE
#define RSDP_LAST     (UINT32_MAX - 64)

/* Of tables, in the order of their bytes. */
#define SIGNATURE(a, b, c, d) ((a) | (b) << 8 | (c) << 16 | (d) << 24)

enum fadt {
	FADT_DSDT = 40,
	FADT_SMI_CMD = 48,
	FADT_ACPI_ENABLE = 52,
	FADT_PM1A_CNT_BLK = 64,
	FADT_FLAGS = 112, /* the last of ACPI 1.0: all above is always there */
	FADT_RESET_REG = 116,
	FADT_RESET_VALUE = 128,
	FADT_X_DSDT = 140,
	FADT_SLEEP_CONTROL_REG = 244,
};

#define FADT_RESET_REG_SUP   (1u << 10)
#define FADT_HW_REDUCED_ACPI (1u << 20)
#define PM1_SCI_EN           (1u << 0)
#define PM1_SLP_TYP_SHIFT    10
#define PM1_SLP_EN           (1u << 13)
#define SLEEP_SLP_TYP_SHIFT  2
#define SLEEP_SLP_EN         (1u << 5)

/* Generic Address Structure, 5.2.3.2 */
enum gas {
	GAS_SPACE = 0,
	GAS_ADDRESS = 4,
	GAS_SIZE = 12,
};

#define GAS_SYSTEM_MEMORY 0
#define GAS_SYSTEM_IO     1

#define MADT_ENTRIES    44
#define LOCAL_APIC_SIZE 8
#define IO_APIC_SIZE    12
#define X2APIC_SIZE     16

/* How an entry begins: its type and its length (5.2.12.2, 5.2.12.3, 5.2.12.12). */
enum madt_entry {
	MADT_LOCAL_APIC = 0 | LOCAL_APIC_SIZE << 8,
	MADT_IO_APIC = 1 | IO_APIC_SIZE << 8,
	MADT_X2APIC = 9 | X2APIC_SIZE << 8,
};

#define MADT_CPU_ENABLED (1u << 0)

/* AML, 20.2: \_S5 is Name (_S5, Package () { type, ... }). */
#define AML_PACKAGE 0x12
#define AML_BYTE    0x0a
#define S5_MIN      9 /* bytes from _S5 to a second element */

static uint32_t get32(const uint8_t *p)
{
	uint32_t value;
	memcpy(&value, p, sizeof(value));
	return value;
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t value;
	memcpy(&value, p, sizeof(value));
	return value;
}

/* The pointer of 4 or 8 bytes at p. */
static uint64_t get_pointer(const uint8_t *p, uint32_t size)
{
	uint64_t low = get32(p), high = get32(p + size - 4);

	return size == 8 ? high << 32 | low : low;
}

/* The table at that address; its length is read once, and is 0 if there can be none. */
static struct acpi_table table_at(uint64_t address)
{
	struct acpi_table table = {0};

	if (address < LEAST_ADDRESS || address > UINT32_MAX - TABLE_LENGTH_MAX)
		return table;
	table.at = (const uint8_t *)(uintptr_t)address;
	table.length = get32(table.at + TABLE_LENGTH);
	if (table.length < TABLE_BODY || table.length > TABLE_LENGTH_MAX)
		table.length = 0;
	return table;
}

/* 5.2.5.1: on a 16-byte boundary in the BIOS's read-only area. */
static const uint8_t *search_rsdp(void)
{
	for (uintptr_t at = x86_low + 0xe0000; at < x86_low + 0x100000; at += 16)
		if (memcmp((const void *)at, "RSD PTR ", 8) == 0)
			return (const uint8_t *)at;
	return NULL;
}

static void read_madt(struct acpi *acpi, const struct acpi_table *madt)
{
	uint32_t at = MADT_ENTRIES, size;

	for (; at + LOCAL_APIC_SIZE <= madt->length; at += size > 2 ? size : 2) {
		const uint8_t *entry = madt->at + at;
		uint32_t left = madt->length - at;

		size = entry[1];
		switch (entry[0] | size << 8) {
		case MADT_LOCAL_APIC:
			acpi->n_cpus += get32(entry + 4) & MADT_CPU_ENABLED;
			break;
		case MADT_X2APIC:
			if (left >= X2APIC_SIZE)
				acpi->n_cpus += get32(entry + 8) & MADT_CPU_ENABLED;
			break;
		case MADT_IO_APIC:
			if (left >= IO_APIC_SIZE && acpi->n_io < IOAPICS_MAX)
				acpi->io[acpi->n_io++] =
					(struct ioapic){get32(entry + 4), get32(entry + 8)};
			break;
		}
	}
}

/* False: there are none. */
static bool find_root(struct acpi_root *root, uint64_t rsdp)
{
	const uint8_t *pointer = rsdp >= LEAST_ADDRESS && rsdp <= RSDP_LAST
	                                 ? (const uint8_t *)(uintptr_t)rsdp
	                                 : search_rsdp();
	uint32_t size;

	*root = (struct acpi_root){.at = TABLE_BODY};
	if (!pointer || memcmp(pointer, "RSD PTR ", 8) != 0)
		return false;
	size = pointer[RSDP_REVISION] >= 2 && get64(pointer + RSDP_XSDT) ? 8 : 4;
	root->size = size;
	root->table = table_at(get_pointer(pointer + (size == 8 ? RSDP_XSDT : RSDP_RSDT), size));
	if (root->table.length > TABLE_BODY + ROOT_ENTRIES_MAX * size)
		root->table.length = TABLE_BODY + ROOT_ENTRIES_MAX * size;
	return true;
}

bool acpi_next(struct acpi_root *root, struct acpi_table *table)
{
	while (root->size > 0 && root->at + root->size <= root->table.length) {
		*table = table_at(get_pointer(root->table.at + root->at, root->size));
		root->at += root->size;
		if (table->length)
			return true;
	}
	return false;
}

int acpi_init(struct acpi *acpi, uint64_t rsdp)
{
	struct acpi_table table, madt = {0};
	struct acpi_root root;

	*acpi = (struct acpi){0};
	if (!find_root(&root, rsdp))
		return -1;
	acpi->root = root;
	if (root.table.length)
		memcpy(acpi->oem, root.table.at + TABLE_OEM, sizeof acpi->oem);
	while (acpi_next(&root, &table)) {
		if (get32(table.at) == SIGNATURE('F', 'A', 'C', 'P') &&
		    table.length >= FADT_FLAGS + 4)
			acpi->fadt = table;
		if (get32(table.at) == SIGNATURE('A', 'P', 'I', 'C'))
			madt = table;
	}
	read_madt(acpi, &madt);
	return acpi->fadt.length ? 0 : -1;
}

/* A register of the FADT: a port, or an address above all ports; 0 if it is elsewhere. */
static uintptr_t fadt_register(const struct acpi *acpi, uint32_t offset)
{
	const uint8_t *gas = acpi->fadt.at + offset;
	uint64_t address;
	bool port, memory;

	if (acpi->fadt.length < offset + GAS_SIZE)
		return 0;
	address = get64(gas + GAS_ADDRESS);
	port = gas[GAS_SPACE] == GAS_SYSTEM_IO && address < PORTS;
	memory = gas[GAS_SPACE] == GAS_SYSTEM_MEMORY && address >= PORTS && address <= UINT32_MAX;
	return port || memory ? address : 0;
}

static void write_register(uintptr_t reg, uint8_t value)
{
	if (reg < PORTS)
		port_write8(reg, value);
	else
		mmio_write8(reg, value);
}

static uint32_t fadt_flags(const struct acpi *acpi)
{
	return get32(acpi->fadt.at + FADT_FLAGS);
}

static uint32_t pm1a_control(const struct acpi *acpi)
{
	return get32(acpi->fadt.at + FADT_PM1A_CNT_BLK) & (PORTS - 1);
}

struct acpi_table acpi_dsdt(const struct acpi *acpi)
{
	struct acpi_table dsdt = {0};

	if (acpi->fadt.length)
		dsdt = table_at(get32(acpi->fadt.at + FADT_DSDT));
	if (!dsdt.length && acpi->fadt.length >= FADT_X_DSDT + 8)
		dsdt = table_at(get64(acpi->fadt.at + FADT_X_DSDT));
	return dsdt;
}

/* The first element of \_S5, or -1. */
static int s5_type(const struct acpi *acpi)
{
	struct acpi_table dsdt = acpi_dsdt(acpi);
	const uint8_t *p, *end;

	if (!dsdt.length)
		return -1;
	end = dsdt.at + dsdt.length;
	for (p = dsdt.at + TABLE_BODY; end - p >= S5_MIN; p++) {
		if (*p != '_' || memcmp(p, "_S5_", 4) != 0 || p[4] != AML_PACKAGE)
			continue;
		p += 5;
		p += 1 + (*p >> 6) + 1; /* PkgLength (20.2.4), NumElements */
		if (end - p < 2)
			return -1;
		return *p == AML_BYTE ? p[1] : *p <= 1 ? *p : -1;
	}
	return -1;
}

bool acpi_can_power_off(const struct acpi *acpi)
{
	if (!acpi->fadt.length || s5_type(acpi) < 0)
		return false;
	if (fadt_flags(acpi) & FADT_HW_REDUCED_ACPI)
		return fadt_register(acpi, FADT_SLEEP_CONTROL_REG) != 0;
	return pm1a_control(acpi) != 0;
}

static void enter_acpi_mode(const struct acpi *acpi, uint32_t control)
{
	uint32_t command = get32(acpi->fadt.at + FADT_SMI_CMD);

	if (!(port_read16(control) & PM1_SCI_EN) && command && command < PORTS)
		port_write8(command, acpi->fadt.at[FADT_ACPI_ENABLE]);
}

void acpi_power_off(const struct acpi *acpi)
{
	uint32_t control;
	int type;

	if (!acpi_can_power_off(acpi))
		return;
	type = s5_type(acpi);
	if (fadt_flags(acpi) & FADT_HW_REDUCED_ACPI) {
		write_register(fadt_register(acpi, FADT_SLEEP_CONTROL_REG),
		               (uint8_t)(type << SLEEP_SLP_TYP_SHIFT | SLEEP_SLP_EN));
		return;
	}
	control = pm1a_control(acpi);
	enter_acpi_mode(acpi, control);
	port_write16(control, (uint16_t)(type << PM1_SLP_TYP_SHIFT | PM1_SLP_EN | PM1_SCI_EN));
}

bool acpi_reset(const struct acpi *acpi)
{
	uintptr_t reg;

	if (!acpi->fadt.length || !(fadt_flags(acpi) & FADT_RESET_REG_SUP))
		return false;
	reg = fadt_register(acpi, FADT_RESET_REG);
	if (!reg)
		return false;
	write_register(reg, acpi->fadt.at[FADT_RESET_VALUE]);
	return true;
}
