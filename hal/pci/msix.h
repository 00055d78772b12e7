/* SPDX-License-Identifier: MIT */
/*
 * msix.h - interrupts of a PCI function as messages (PCI Local Bus 3.0, 6.8.2), for functions without a line.
 *
 * One entry of the table is used, the first: who is woken looks after everything. Left out on purpose:
 * MSI, further entries, and the pending bits, which matter to entries that are masked.
 */
#ifndef BAREQGA_PCI_MSIX_H
#define BAREQGA_PCI_MSIX_H

#include "pci.h"

/* A store of these 32 bits there is an interrupt. */
struct pci_message {
	uint64_t address;
	uint32_t data;
};

/* Where the table of a function is. */
struct pci_msix {
	uintptr_t entry;    /* its first entry, as we reach it; 0: there is none that can be used */
	uint8_t capability; /* offset in configuration space */
};

/*
 * Finds the table, which must lie within a memory BAR that somebody has set: that decodes from here on.
 * reach() says where we reach a device's registers of an address and size in bytes, or 0. False: there is
 * none, and *msix says so, too.
 */
bool pci_msix_find(const struct pci_function *function,
                   uintptr_t (*reach)(uint64_t address, uint64_t size), struct pci_msix *msix);

/* Entry 0 sends this message, and messages take the place of the line. Costs little where that is so already. */
void pci_msix_send(const struct pci_function *function, const struct pci_msix *msix,
                   const struct pci_message *message);

#endif
