/* SPDX-License-Identifier: MIT */
/*
 * found.c - notes what nodes of a device tree say about devices that several boards have.
 */
#include "machine.h"
#include "fdt.h"
#include "mmio.h"
#include "ns16550.h"
#include "pl011.h"
#include "virtio_mmio.h"

/* Interrupts of the GIC binding: type, number, flags. */
enum {
	GIC_SPI = 0,
	GIC_SPI_FIRST = 32,
	GIC_PPI_FIRST = 16,
	IRQ_EDGE = 1 | 2, /* rising, falling */
};

uintptr_t machine_reg(const struct fdt *fdt, const struct fdt_node *node, uint32_t index)
{
	uint64_t base, size;

	return fdt_reg(fdt, node, index, &base, &size) && base == (uintptr_t)base ? (uintptr_t)base
	                                                                          : 0;
}

/*
 * A specifier has one cell on RISC-V's PLIC and three on Arm's GIC. A device has one line or, of
 * those we ask for others, always three cells each.
 */
struct machine_irq machine_irq(const struct fdt *fdt, const struct fdt_node *node, uint32_t index)
{
	uint32_t len = 0;
	const uint8_t *cells = fdt_prop(fdt, node, "interrupts", &len);

	if (len < 12 * index + 4)
		return (struct machine_irq){0};
	cells += 12 * index;
	if (len < 12 * index + 12)
		return (struct machine_irq){.number = fdt_be32(cells)};
	return (struct machine_irq){
		.number = fdt_be32(cells + 4) +
	                  (fdt_be32(cells) == GIC_SPI ? GIC_SPI_FIRST : GIC_PPI_FIRST),
		.edge = fdt_be32(cells + 8) & IRQ_EDGE,
	};
}

static void add_idle(uintptr_t *list, unsigned *n, uintptr_t base)
{
	if (*n < BOARD_IDLE_MAX)
		list[(*n)++] = base;
}

/* What is in a slot; 0: nothing. */
static uint32_t virtio_id(uintptr_t base)
{
	if (!base || mmio_read32(base + VIRTIO_MMIO_MAGIC_VALUE) != VIRTIO_MMIO_MAGIC)
		return 0;
	return mmio_read32(base + VIRTIO_MMIO_DEVICE_ID);
}

/* Consoles are for the agent, the rest is just told of. */
void found_virtio(struct machine *m, uintptr_t base, struct machine_irq irq)
{
	switch (virtio_id(base)) {
	case VIRTIO_ID_CONSOLE:
		if (m->n_consoles == MACHINE_CONSOLES_MAX)
			return;
		m->console[m->n_consoles] = base;
		m->console_irq[m->n_consoles++] = irq;
		break;
	case VIRTIO_ID_NET:
		add_idle(m->board.nets, &m->board.n_nets, base);
		break;
	case VIRTIO_ID_BLOCK:
		add_idle(m->board.disks, &m->board.n_disks, base);
		break;
	}
}

void found_virtio_mmio(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	uintptr_t base = machine_reg(fdt, node, 0);

	/* Slots are many and mostly empty. */
	if (virtio_id(base))
		found_virtio(m, base, machine_irq(fdt, node, 0));
}

static void add_uart(struct machine *m, const struct fdt *fdt, const struct fdt_node *node,
                     struct machine_uart uart)
{
	uart.base = machine_reg(fdt, node, 0);
	uart.irq = machine_irq(fdt, node, 0);
	uart.name = node->name;
	if (uart.base && m->n_uarts < MACHINE_UARTS_MAX)
		m->uart[m->n_uarts++] = uart;
}

void found_ns16550(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	uint32_t shift = 0;

	fdt_cell(fdt, node, "reg-shift", 0, &shift);
	add_uart(m, fdt, node,
	         (struct machine_uart){.init = ns16550_init, .stride = 1u << shift % 3});
}

void found_pl011(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	add_uart(m, fdt, node, (struct machine_uart){.init = pl011_init});
}

void found_fw_cfg(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	uintptr_t base = machine_reg(fdt, node, 0);

	m->has_fw_cfg = base && fw_cfg_init(&m->fw_cfg, base + 8, base, base + 16, false) == 0;
}
