/* SPDX-License-Identifier: MIT */
/*
 * fake_pci.h - PCI functions behind a host bridge: configuration space by ECAM, and by ports CF8 and CFC. Registers
 * of virtio functions are those of a fake behind virtio-mmio (fake_console.h, fake_vsock.h), translated.
 */
#ifndef FAKE_PCI_H
#define FAKE_PCI_H

#include "pci_access.h"

#define FAKE_PCI_FUNCTIONS 24
#define FAKE_PCI_BAR_SIZE \
	0x8000u /* of each virtio function's BAR 4; its MSI-X table is the last 4 KiB */
#define FAKE_PCI_TABLE 0x7000u

struct fake_pci_function {
	int behind; /* index of the bridge it is behind; -1: on the root bus */
	uint8_t at; /* slot and function, in 5 and 3 bits */
	uint8_t config[256];
	uint32_t size[6]; /* of its BARs, powers of two; 0: it is not there */

	/* Of one with registers in BAR 4. */
	struct registers registers;
	const struct registers *device; /* the fake that they are of; NULL: they are memory */
	uint16_t queue_sel, vector;
	uint16_t queue_size[256];
	uint8_t memory[FAKE_PCI_BAR_SIZE];
};

struct fake_pci {
	struct fake_pci_function function[FAKE_PCI_FUNCTIONS];
	int n;
	struct pci_access access;
	unsigned reads; /* of configuration space */
};

extern struct fake_pci fake_pci;

/* Forgets all functions; the ECAM area of 256 buses, and the two ports, answer from here on. 0: not that one. */
void fake_pci_start(uintptr_t ecam, uintptr_t ports);

/* A function with INTA#; id is its vendor and, above it, its device. */
struct fake_pci_function *fake_pci_add(int behind, unsigned slot, uint32_t id);

/*
 * A modern virtio function with registers at this address, which its BAR 4 has: those of a fake. NULL: of memory.
 * MSI-X, if it has a table.
 */
struct fake_pci_function *fake_pci_virtio(int behind, unsigned slot, uint32_t id, uint32_t address,
                                          const struct registers *device, int msix);

#endif
