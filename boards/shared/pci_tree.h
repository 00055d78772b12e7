/* SPDX-License-Identifier: MIT */
/*
 * pci_tree.h - a PCI host bridge in a device tree (IEEE 1275, PCI Bus Binding; "pci-host-ecam-generic" of Linux's
 * bindings): where configuration space is, where interrupts come out, what addresses may be given out.
 *
 * What its node says is kept when it is found, and understood when somebody asks.
 */
#ifndef PCI_TREE_H
#define PCI_TREE_H

#include "machine.h"
#include "pci/pci.h"

/* There is one; further ones are left alone. */
void found_pci_host(struct machine *m, const struct fdt_node *node,
                    const struct machine_device *device);

/* Makes a host bridge of it, once; false: it cannot be used, as a line of text says if it is out of reach. */
bool pci_tree_open(struct pci_host *host);

/* Where slot 0, INTA# comes out, if the tree does not say. Before it is opened. */
void pci_tree_default_line(uint32_t number);

/* Where slot 0 of the root bus, INTA# comes out; and where a function's interrupt does. Of one that is open. */
struct machine_irq pci_tree_first_line(void);
struct machine_irq pci_tree_irq(const struct pci_function *function);

/* The first address of a window for memory below 4 GiB that is the same on both sides; 0: there is none. */
uint32_t pci_tree_window(void);

#endif
