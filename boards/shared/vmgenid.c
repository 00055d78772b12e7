/* SPDX-License-Identifier: MIT */
/*
 * vmgenid.c - Virtual Machine Generation ID (QEMU, docs/specs/vmgenid.rst): -device vmgenid,guid=auto
 *
 * Firmware that reads ACPI tables (SeaBIOS, OVMF) gives it room in memory and writes the address to the
 * fw_cfg item below; from then on QEMU stores the machine's identity there, whenever it starts or
 * restores one. So there is nothing to do but to look. Left out: the event that ACPI tells of, for AML
 * says what to do about it; machines without such firmware, as microvm with qboot.
 */
#include "machine.h"

#include <string.h>

#define ADDRESS_ITEM "etc/vmgenid_addr"

static uint64_t address;
static bool looked_for;

static void look_for(void)
{
	looked_for = true;
	if (board_item_read(ADDRESS_ITEM, 0, &address, sizeof address) != sizeof address)
		address = 0;
}

bool machine_vmgenid(uint8_t identity[BOARD_IDENTITY_SIZE])
{
	if (!looked_for)
		look_for();
	/* Where memory is mapped. */
	if (!address || address > UINT32_MAX - BOARD_IDENTITY_SIZE)
		return false;
	for (unsigned i = 0; i < BOARD_IDENTITY_SIZE; i++)
		identity[i] = ((const volatile uint8_t *)(uintptr_t)address)[i];
	return true;
}
