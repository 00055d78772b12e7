/* SPDX-License-Identifier: MIT */
/*
 * pci.h - PCI without firmware: configuration space, and what is behind a host bridge.
 *
 *     host bridge --- root bus --+-- function                PCI Local Bus 3.0, 3.2.2.3 (ports), 6.1;
 *                                +-- bridge --- bus --- ...   PCI Express Base 4.0, 7.2.2 (ECAM);
 *                                                             PCI-to-PCI Bridge 1.2
 *
 * Nobody has numbered the buses of QEMU's `virt` machines; firmware has on PCs. Both are met. Nothing
 * that is read is trusted: whatever functions say, each bus is looked at once and the walk ends.
 * Left out on purpose: giving out addresses (but for one BAR), hot plug of functions. Interrupts that are
 * messages: msix.h.
 */
#ifndef BAREQGA_PCI_PCI_H
#define BAREQGA_PCI_PCI_H

#include <stdbool.h>
#include <stdint.h>

/* 6.1, 6.2; bridges: 3.2 of their own document. */
enum pci_reg {
	PCI_VENDOR = 0x00,        /* R  16 */
	PCI_DEVICE = 0x02,        /* R  16 */
	PCI_COMMAND = 0x04,       /* RW 16 */
	PCI_STATUS = 0x06,        /* R  16 */
	PCI_HEADER_TYPE = 0x0e,   /* R  8  */
	PCI_BAR = 0x10,           /* RW 32, six of them */
	PCI_PRIMARY_BUS = 0x18,   /* RW 8  of a bridge, as the next two */
	PCI_SECONDARY_BUS = 0x19, /* RW 8  */
	PCI_SUBORDINATE = 0x1a,   /* RW 8  */
	PCI_MEMORY_WINDOW =
		0x20,         /* RW 32 of a bridge: bits 31:20 of its first and of its last MiB */
	PCI_SUBSYSTEM = 0x2e, /* R  16 */
	PCI_CAPABILITIES = 0x34,   /* R  8  */
	PCI_INTERRUPT_LINE = 0x3c, /* RW 8  */
	PCI_INTERRUPT_PIN = 0x3d,  /* R  8; 1 is INTA# */
};

enum {
	PCI_COMMAND_MEMORY = 1 << 1,
	PCI_COMMAND_MASTER = 1 << 2,
	PCI_COMMAND_NO_INTX = 1 << 10,
	PCI_STATUS_CAPABILITIES = 1 << 4,
	PCI_HEADER_BRIDGE = 1,
	PCI_HEADER_MANY = 0x80, /* there are functions 1 to 7 */
	PCI_CAPABILITY_VENDOR = 9,
	PCI_CAPABILITY_MSIX = 0x11,
};

/* Where configuration space is. Const while its functions are in use. */
struct pci_host {
	uintptr_t ecam;      /* of bus `first`; 0: at ports CF8 and CFC */
	uint8_t first, last; /* bus numbers */
};

struct pci_function {
	const struct pci_host *host;
	uint16_t address;        /* bus, slot and function, in 8, 5 and 3 bits */
	uint16_t vendor, device; /* as they were read first */
	uint8_t slot;            /* on the root bus: its own, or that of the bridge it is behind */
	uint8_t pin;             /* there: 0 to 3 for INTA# to INTD#; see has_pin */
	bool has_pin;            /* it has an interrupt line at all */
};

/* Registers, `width` bytes wide: 1, 2 or 4, at a multiple of that below 256. */
uint32_t pci_read(const struct pci_function *function, unsigned offset, unsigned width);
void pci_write(const struct pci_function *function, unsigned offset, unsigned width,
               uint32_t value);

/*
 * Calls found() for every function that is no bridge. Bridges that nobody gave a number get one, and
 * may pass on what comes from behind them.
 */
void pci_scan(const struct pci_host *host,
              void (*found)(void *context, const struct pci_function *function), void *context);

/*
 * The next capability of this id behind the one at `at` (0: the first), or 0. *left bounds a whole
 * walk of a list that may be a loop: PCI_CAPABILITIES_MAX at first.
 */
#define PCI_CAPABILITIES_MAX 48
unsigned pci_capability(const struct pci_function *function, uint8_t id, unsigned at,
                        unsigned *left);

/* Address of a memory BAR, if it is one that somebody has set and that decodes; or 0. */
uint64_t pci_bar(const struct pci_function *function, unsigned n);

/*
 * Gives a memory BAR an address below 4 GiB, at the start of a MiB that nobody uses, and has it decoded. Bridges
 * that nobody has set pass that MiB on.
 */
void pci_place(const struct pci_function *function, unsigned n, uint32_t address);

/* Bytes of a memory BAR, or 0 (6.2.5.1). Not of a device that is in use, for it decodes nothing meanwhile. */
uint64_t pci_bar_size(const struct pci_function *function, unsigned n);

/* Lets memory BARs decode, if this one is set; returns its address as pci_bar() does. */
uint64_t pci_decode(const struct pci_function *function, unsigned n);

/* Lets it read and write memory, and raise its interrupt line. Once, before it is started. */
void pci_enable(const struct pci_function *function);

#endif
