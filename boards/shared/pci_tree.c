/* SPDX-License-Identifier: MIT */
/* pci_tree.c - see pci_tree.h. */
#include "pci_tree.h"
#include "arch.h"
#include "pci_devices.h"

#define BUS_SHIFT        20 /* bytes of configuration space for each bus */
#define MAP_SLOTS        4 /* of interrupt-map: slots and pins that differ, the others being like these */
#define MAP_PINS         4
#define GIC_SPI_FIRST    32 /* shared interrupts are counted from here */
#define WINDOW_MEMORY_32 2  /* PCI Bus Binding to IEEE 1275, 2.2.1.1 */

static struct {
	struct fdt_prop reg, range, map, windows;
	uint8_t address_cells, size_cells; /* of reg, the first also of addresses in windows */
	struct machine_irq line;           /* where the root bus's slot 0, INTA# comes out */
	uint32_t default_line;
} tree;

void found_pci_host(struct machine *m, const struct fdt_node *node,
                    const struct machine_device *device)
{
	(void)m;
	if (pci_devices_present() || device->size >> BUS_SHIFT == 0)
		return;
	pci_devices_add_tree();
	tree.reg = node->prop[FDT_REG];
	tree.range = node->prop[FDT_BUS_RANGE];
	tree.map = node->prop[FDT_INTERRUPT_MAP];
	tree.windows = node->prop[FDT_RANGES];
	tree.address_cells = node->address_cells;
	tree.size_cells = node->size_cells;
}

void pci_tree_default_line(uint32_t number)
{
	tree.default_line = number;
}

/*
 * An entry of interrupt-map has the function's address and pin, in four cells, the controller's
 * phandle and address, and the line as the controller has it. On all that have one, lines count up
 * with slots and pins, so that the first entry tells all: the first cell that is behind the
 * controller's address. A GIC's has two cells there, and its line three of them.
 */
static struct machine_irq first_line(const struct fdt_prop *map)
{
	uint32_t cells = map->len / 4 / (MAP_SLOTS * MAP_PINS);
	struct machine_irq irq = {0};

	if (cells < 6)
		return irq;
	irq.parent = fdt_be32(map->value + 4 * 4);
	irq.number = cells < 10 ? fdt_be32(map->value + 4 * 5)
	                        : fdt_be32(map->value + 4 * 8) + GIC_SPI_FIRST;
	return irq;
}

bool pci_tree_open(struct pci_host *host)
{
	uint32_t first = tree.range.cell;
	uint32_t last = tree.range.len >= 8 ? fdt_be32(tree.range.value + 4) : 255;
	uint64_t base = 0, size = 0, buses;

	fdt_range(&tree.reg, tree.address_cells, tree.size_cells, 0, &base, &size);
	buses = size >> BUS_SHIFT;
	if (last > 255)
		last = 255;
	if (first > last)
		return false;
	if (last - first >= buses)
		last = first + (uint32_t)buses - 1;
	host->first = (uint8_t)first;
	host->last = (uint8_t)last;
	host->ecam = arch_reach(base, buses << BUS_SHIFT);
	if (!host->ecam) {
		machine_log("bareqga: PCI configuration space is out of reach; PCI is not used");
		return false;
	}
	tree.line = first_line(&tree.map);
	if (tree.line.number == 0)
		tree.line.number = tree.default_line;
	return true;
}

struct machine_irq pci_tree_first_line(void)
{
	return tree.line;
}

struct machine_irq pci_tree_irq(const struct pci_function *function)
{
	struct machine_irq irq = tree.line;

	if (irq.number) /* else nothing says where any comes out */
		irq.number += (function->slot + function->pin) & 3u;
	return irq;
}

/*
 * An entry of `ranges` has three cells of PCI (the first one says what kind it is), the address on our side, and two
 * cells of size.
 */
uint32_t pci_tree_window(void)
{
	uint32_t size = (3 + tree.address_cells + 2) * 4;

	for (uint32_t at = 0; at + size <= tree.windows.len; at += size) {
		const uint8_t *entry = tree.windows.value + at;
		uint32_t address = fdt_be32(entry + 8);

		if ((fdt_be32(entry) >> 24 & 3) == WINDOW_MEMORY_32 &&
		    fdt_be32(entry + 8 + 4 * tree.address_cells) == address)
			return address;
	}
	return 0;
}
