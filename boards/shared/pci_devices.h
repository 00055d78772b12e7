/* SPDX-License-Identifier: MIT */
/*
 * pci_devices.h - the virtio devices behind a machine's PCI host bridge, and pvpanic.
 *
 * Who has the agent's port on virtio-mmio need not wait for a look at PCI: the bus is walked when a
 * driver first asks for one of its devices.
 */
#ifndef PCI_DEVICES_H
#define PCI_DEVICES_H

#include "machine.h"
#include "pci/pci.h"

/* Consoles of a machine's PCI that are looked at; further ones are told of in a line. */
#define PCI_CONSOLES_MAX 4

/* Where a function's interrupt comes out. */
typedef struct machine_irq pci_irq(const struct pci_function *function);

/* Adds the host bridge. There is one; further ones are left alone. */
void pci_devices_add(struct machine *m, const struct pci_host *host, pci_irq *irq);

/* Likewise the one of a device tree, by pci_tree.c, which opens it when somebody asks. Only where none is present. */
void pci_devices_add_tree(void);

/* Is there PCI at all? */
bool pci_devices_present(void);

/* Is there a console or a socket device at all? Asked before interrupts are set up, and by nobody in a hurry. */
bool pci_devices_have_agent_device(void);

/* The first of its interrupts. */
struct machine_irq pci_devices_irq(void);

/* The bus of those of machine_consoles that are not on virtio-mmio: asked, one is on PCI, or is nothing. */
extern const struct qga_virtio_bus pci_devices_place;

/* Looks for a socket device of PCI, which is then the last one of m->vsock; false: there is none. */
bool pci_devices_add_vsock(struct machine *m);

/* A look at PCI, if there was one, found a socket device. */
bool pci_devices_found_vsock(void);

/* A look at PCI, if there was one, found a clock, which is then m->clock. */
bool pci_devices_add_clock(struct machine *m);

/*
 * Where the register of QEMU's pvpanic-pci is, which is looked for on the bus; 0: there is none. It is given an
 * address if nobody has, and the tree says from where: the only function that needs one.
 */
uintptr_t pci_devices_pvpanic(struct machine *m);

/* Walks the bus, if there is one and it was not walked; disks and network cards are then in board. */
void pci_devices_find(struct machine *m);

#endif
