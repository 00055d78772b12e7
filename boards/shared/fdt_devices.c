/* SPDX-License-Identifier: MIT */
/*
 * fdt_devices.c - goes through a device tree, and notes what its nodes say about devices that several
 * boards have.
 */
#include "machine.h"
#include "arch.h"
#include "arch/protect.h"
#include "mmio.h"
#include "uart/ns16550.h"
#include "uart/pl011.h"
#include "virtio/virtio_mmio.h"

/* Interrupts of the GIC binding: type, number, flags. */
enum {
	GIC_SPI = 0,
	GIC_SPI_FIRST = 32,
	GIC_PPI_FIRST = 16,
	IRQ_EDGE = 1 | 2, /* rising, falling */
};

/*
 * A specifier has one cell on RISC-V's PLIC, two on its APLIC and x86's I/O APIC, and three on Arm's
 * GIC. A device has one line or, of those we ask for others, always three cells each.
 */
static struct machine_irq irq_of(const struct fdt_node *node, uint32_t index)
{
	const struct fdt_prop *prop = &node->prop[FDT_INTERRUPTS];
	const uint8_t *cells;

	if (prop->len < 12 * index + 12)
		return (struct machine_irq){
			.number = index == 0 ? prop->cell : 0,
			.parent = node->prop[FDT_INTERRUPT_PARENT].cell,
			.edge = prop->len == 8 && fdt_be32(prop->value + 4) & IRQ_EDGE,
		};
	cells = prop->value + 12 * index;
	return (struct machine_irq){
		.number = fdt_be32(cells + 4) +
	                  (fdt_be32(cells) == GIC_SPI ? GIC_SPI_FIRST : GIC_PPI_FIRST),
		.edge = fdt_be32(cells + 8) & IRQ_EDGE,
	};
}

static void found(struct machine *m, const struct fdt_node *node,
                  const struct machine_driver *driver)
{
	struct machine_device device = {.irq = irq_of(node, driver->which), .which = driver->which};
	uint64_t base = 0, size = 0;

	if (driver->by == FDT_NODE_NAME && node->depth != 1)
		return;
	if (driver->by == FDT_COMPATIBLE && !fdt_enabled(node))
		return;
	fdt_reg(node, 0, &base, &size);
	device.size = (uintptr_t)size;
	if (base == (uintptr_t)base) {
		device.base = (uintptr_t)base;
		/* The first page is nobody's, but where a device is: kvmtool had a serial port there. */
		if (driver->by == FDT_COMPATIBLE && base && base < ARCH_NULL_SIZE)
			arch_reach(base, size);
	}
	driver->found(m, node, &device);
}

bool machine_walk(struct machine *m, const struct fdt *fdt, const struct machine_driver *drivers)
{
	struct fdt_walk walk;
	struct fdt_node node;

	fdt_start(&walk, fdt);
	while (fdt_next(&walk, fdt, &node)) {
		for (const struct machine_driver *driver = drivers; driver->found; driver++) {
			if (fdt_lists(&node.prop[driver->by], driver->name)) {
				found(m, &node, driver);
				break;
			}
		}
	}
	return !walk.damaged;
}

static void add_idle(struct qga_virtio_device *list, unsigned *n, uintptr_t base)
{
	if (*n < BOARD_IDLE_MAX)
		list[(*n)++] = (struct qga_virtio_device){.bus = &qga_virtio_mmio, .base = base};
}

/*
 * Consoles and the socket device are for the agent, the rest is just told of. Slots are many and mostly empty; whoever
 * uses a device looks at all of its identity, see qga_virtio_probe().
 */
void found_virtio(struct machine *m, uintptr_t base, struct machine_irq irq)
{
	uint32_t id = base ? mmio_read32(base + VIRTIO_MMIO_DEVICE_ID) : 0;

	if (id == 0)
		return;
	if (id == VIRTIO_ID_CONSOLE && m->n_consoles < MACHINE_MMIO_MAX) {
		machine_consoles[m->n_consoles].bus = &qga_virtio_mmio;
		machine_consoles[m->n_consoles].base = base;
		m->console_irq[m->n_consoles++] = irq;
	} else if (BOARD_WITH_VSOCK && id == VIRTIO_ID_VSOCK && m->n_vsocks == 0) {
		m->vsock[0].bus = &qga_virtio_mmio;
		m->vsock[0].base = base;
		m->vsock_irq[m->n_vsocks++] = irq;
	} else if (id == VIRTIO_ID_RTC) {
		m->clock.bus = &qga_virtio_mmio;
		m->clock.base = base;
	} else if (id == VIRTIO_ID_NET) {
		add_idle(m->board.net, &m->board.n_nets, base);
	} else if (id == VIRTIO_ID_BLOCK) {
		add_idle(m->board.disk, &m->board.n_disks, base);
	}
}

void found_virtio_mmio(struct machine *m, const struct fdt_node *node,
                       const struct machine_device *device)
{
	(void)node;
	found_virtio(m, device->base, device->irq);
}

static void add_uart(struct machine *m, const struct fdt_node *node,
                     const struct machine_device *device, struct machine_uart uart)
{
	uart.base = device->base;
	uart.irq = device->irq;
	uart.name = (const char *)node->prop[FDT_NODE_NAME].value;
	uart.number = m->n_uarts;
	if (uart.base && m->n_uarts < MACHINE_UARTS_MAX)
		m->uart[m->n_uarts++] = uart;
}

void found_ns16550(struct machine *m, const struct fdt_node *node,
                   const struct machine_device *device)
{
	unsigned stride = 1u << node->prop[FDT_REG_SHIFT].cell % 3;

	add_uart(m, node, device, (struct machine_uart){.init = ns16550_init, .stride = stride});
}

void found_pl011(struct machine *m, const struct fdt_node *node,
                 const struct machine_device *device)
{
	add_uart(m, node, device, (struct machine_uart){.init = pl011_init});
}

void found_fw_cfg(struct machine *m, const struct fdt_node *node,
                  const struct machine_device *device)
{
	uintptr_t base = device->base;

	(void)node;
	m->has_fw_cfg = base && fw_cfg_init(&m->fw_cfg, base + 8, base, base + 16) == 0;
}
