// SPDX-License-Identifier: MIT
/*
 * acpi_memory.c - where the host keeps what it tells of restoring and cloning: memory that only AML names
 * (Advanced Configuration and Power Interface Specification 6.4, chapter 20). As Firecracker and QEMU
 * write it (acpi/vmgenid.rs, acpi/vmclock.rs; hw/acpi/vmclock.c):
 *
 *     Device (VGEN) { Name (_CID, "VM_Gen_Counter") ... Name (ADDR, Package () { low, high }) }
 *     Device (VCLK) { Name (_CID, "VMCLOCK") ... Name (_CRS, ResourceTemplate () { QWordMemory (...) }) }
 *
 * Constants, so they are searched and not interpreted; all that is read lies within its table. Left out: what a
 * method computes, as for QEMU's vmgenid, whose address is in fw_cfg.
 */
#include <string.h>

#include "acpi.h"
#include "arch/protect.h"

/* What follows a device's _CID lies within so many bytes. */
#define DEVICE_MAX 256

/* Of tables that are damaged not all is searched. */
#define SEARCHED_MAX (256u << 10)
#define TABLES_MAX   32

enum aml {
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_NAME = 0x08,
	AML_BYTE = 0x0a,
	AML_WORD = 0x0b,
	AML_DWORD = 0x0c,
	AML_PACKAGE = 0x12,
};

/* 6.4.3.5.1: tag, length, memory; the lowest address. */
static const uint8_t qword_memory[] = {0x8a, 0x2b, 0x00, 0x00};

#define QWORD_MIN 14
#define QWORD_END 46

/* Where we may read: above what is NULL's, and below what is not mapped. */
#define LEAST_ADDRESS ARCH_NULL_SIZE
#define MOST_ADDRESS  (UINT32_MAX - 4096)

struct span {
	const uint8_t *at, *end;
};

/* What is behind the first such bytes; at is NULL: there are none. */
static struct span behind(struct span in, const void *what, size_t size)
{
	const uint8_t first = *(const uint8_t *)what;

	for (; (size_t)(in.end - in.at) >= size; in.at++)
		if (in.at[0] == first && memcmp(in.at, what, size) == 0)
			return (struct span){in.at + size, in.end};
	return (struct span){NULL, NULL};
}

/* The rest of the device with that _CID, in some table. */
static struct span device_in(const struct acpi_table *table, const char *cid)
{
	uint32_t length = table->length < SEARCHED_MAX ? table->length : SEARCHED_MAX;
	struct span found =
		behind((struct span){table->at, table->at + length}, cid, strlen(cid) + 1);

	if (found.end - found.at > DEVICE_MAX)
		found.end = found.at + DEVICE_MAX;
	return found;
}

/* In the DSDT, or in a table that adds to it. */
static struct span device(const struct acpi *acpi, const char *cid)
{
	struct acpi_root root = acpi->root;
	struct acpi_table table = acpi_dsdt(acpi);
	struct span found = {NULL, NULL};

	if (table.length)
		found = device_in(&table, cid);
	for (unsigned n = 0; !found.at && n < TABLES_MAX && acpi_next(&root, &table); n++)
		if (memcmp(table.at, "SSDT", 4) == 0)
			found = device_in(&table, cid);
	return found;
}

/* Takes a constant; false: it is none. */
static bool integer(struct span *in, uint32_t *value)
{
	uint8_t op = in->at < in->end ? *in->at++ : 0xff;
	uint32_t size = op == AML_BYTE ? 1 : op == AML_WORD ? 2 : op == AML_DWORD ? 4 : 0;

	*value = op == AML_ONE;
	if ((size == 0 && op > AML_ONE) || in->end - in->at < size)
		return false;
	memcpy(value, in->at, size);
	in->at += size;
	return true;
}

static uintptr_t reach(uint64_t address)
{
	return address >= LEAST_ADDRESS && address <= MOST_ADDRESS ? (uintptr_t)address : 0;
}

uintptr_t acpi_vmgenid(const struct acpi *acpi)
{
	static const uint8_t name[] = {AML_NAME, 'A', 'D', 'D', 'R', AML_PACKAGE};
	struct span in = behind(device(acpi, "VM_Gen_Counter"), name, sizeof name);
	uint32_t low, high;

	if (in.end - in.at < 2 || in.at[0] > 0x3f || in.at[1] != 2) /* PkgLength, NumElements */
		return 0;
	in.at += 2;
	if (!integer(&in, &low) || !integer(&in, &high))
		return 0;
	return reach((uint64_t)high << 32 | low);
}

uintptr_t acpi_vmclock(const struct acpi *acpi)
{
	static const uint8_t name[] = {AML_NAME, '_', 'C', 'R', 'S'};
	struct span in = behind(device(acpi, "VMCLOCK"), name, sizeof name);
	uint64_t address;

	in = behind(in, qword_memory, sizeof qword_memory);
	if (!in.at || in.end - in.at < QWORD_END - (int)sizeof qword_memory)
		return 0;
	memcpy(&address, in.at - sizeof qword_memory + QWORD_MIN, sizeof address);
	return reach(address);
}
