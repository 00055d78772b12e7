// SPDX-License-Identifier: MIT
/*
 * pc_tree.c - the device tree of QEMU's microvm, fw_cfg's "etc/fdt": I/O APICs, virtio-mmio, serial ports, PCI.
 */
#include "machine.h"
#include "pc.h"
#include "pci_tree.h"
#include "port.h"
#include "x86.h"

#define IO_APIC_PINS 24

/* A device tree of microvm with its 24 consoles is 4 KiB; the megabyte it comes in is empty. */
#define FDT_MAX       8192
#define FDT_TOTALSIZE 4 /* offset in its header */

static uint32_t io_apic_phandle[IOAPICS_MAX]; /* in the device tree, of x86_apic.io[] */
static uint8_t fdt_blob[FDT_MAX] __attribute__((section(".noinit.large"), aligned(4096)));

/* Opens etc/fdt, of which fdt_blob gets the used part, as a tree of that size; 0 or -1. */
static int load_fdt(struct machine *m, struct fdt *fdt, uint16_t item, int64_t size)
{
	if (size > FDT_MAX)
		size = FDT_MAX;
	if (fw_cfg_read(&m->fw_cfg, item, 0, fdt_blob, (size_t)size))
		return -1;
	if (size < FDT_MAX)
		return fdt_open(fdt, fdt_blob, (size_t)size);
	fdt_blob[FDT_TOTALSIZE] = fdt_blob[FDT_TOTALSIZE + 1] = fdt_blob[FDT_TOTALSIZE + 3] = 0;
	fdt_blob[FDT_TOTALSIZE + 2] = FDT_MAX >> 8;
	return fdt_open(fdt, fdt_blob, FDT_MAX);
}

/* An I/O APIC. QEMU numbers their interrupts in the order of their addresses. */
static void found_io_apic(struct machine *m, const struct fdt_node *node,
                          const struct machine_device *device)
{
	struct apic *apic = &x86_apic;
	uint32_t gsi = 0;

	(void)m;
	if (apic->n_io == IOAPICS_MAX)
		return;
	for (unsigned i = 0; i < apic->n_io; i++) {
		if (apic->io[i].base < device->base)
			gsi += IO_APIC_PINS;
		else
			apic->io[i].gsi += IO_APIC_PINS;
	}
	io_apic_phandle[apic->n_io] = node->prop[FDT_PHANDLE].cell;
	apic->io[apic->n_io++] = (struct ioapic){device->base, gsi};
}

/* The interrupt of a node's device: a pin of the I/O APIC that is its parent. */
static uint32_t gsi_of(const struct fdt_node *node, const struct machine_device *device)
{
	uint32_t first = 0;

	for (unsigned i = 0; i < x86_apic.n_io; i++)
		first += x86_apic.io[i].gsi *
		         (io_apic_phandle[i] == node->prop[FDT_INTERRUPT_PARENT].cell);
	return first + device->irq.number;
}

static void found_pc_virtio(struct machine *m, const struct fdt_node *node,
                            const struct machine_device *device)
{
	pc_add_virtio(m, device->base, gsi_of(node, device));
}

static void found_pc_uart(struct machine *m, const struct fdt_node *node,
                          const struct machine_device *device)
{
	if (device->base && device->base < PORTS)
		pc_add_uart(m, device->base, gsi_of(node, device));
}

/*
 * The tree of QEMU's microvm does not say where lines come out (hw/i386/microvm.c: PCIE_IRQ_BASE,
 * microvm_pcie_irq_base): behind the lines of virtio-mmio, or where those are with a second I/O APIC.
 */
static void found_microvm_pci(struct machine *m, const struct fdt_node *node,
                              const struct machine_device *device)
{
	found_pci_host(m, node, device);
	pci_tree_default_line(x86_apic.n_io > 1 ? 16 : 12);
}

/* Devices come before or after the I/O APICs that they name. */
static const struct machine_driver io_apics[] = {
	{FDT_COMPATIBLE, "intel,ce4100-ioapic", found_io_apic, 0},
	MACHINE_DRIVERS_END,
};

static const struct machine_driver devices[] = {
	{FDT_COMPATIBLE, "virtio,mmio", found_pc_virtio, 0},
	{FDT_COMPATIBLE, "pci-host-ecam-generic", found_microvm_pci, 0},
	{FDT_COMPATIBLE, "ns16550", found_pc_uart, 0},
	MACHINE_DRIVERS_END,
};

bool pc_find_in_tree(struct machine *m)
{
	struct fdt fdt;
	uint16_t item;
	int64_t size = m->has_fw_cfg ? fw_cfg_find(&m->fw_cfg, "etc/fdt", &item) : -1;

	if (size < 0)
		return false;
	if (load_fdt(m, &fdt, item, size))
		return true;
	machine_walk(m, &fdt, io_apics);
	return !machine_walk(m, &fdt, devices);
}
