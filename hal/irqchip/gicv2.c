/* SPDX-License-Identifier: MIT */
/*
 * gicv2.c - Arm's generic interrupt controller, version 2: qemu-system-aarch64 -M virt.
 *
 * IHI 0048B, 4.3 (distributor) and 4.4 (CPU interface). Interrupts are never acknowledged: a level
 * goes away with its cause, and a latched edge is cleared by one write to GICD_ICPENDR, where
 * GICC_IAR and GICC_EOIR would be two accesses.
 */
#include "gicv2.h"
#include "arch.h"
#include "mmio.h"

enum gicd_register {
	GICD_CTLR = 0x000,       /* RW */
	GICD_ISENABLER = 0x100,  /* RW, 1 bit a line */
	GICD_ISPENDR = 0x200,    /* RW, 1 bit a line */
	GICD_ICPENDR = 0x280,    /* RW, 1 bit a line */
	GICD_IPRIORITYR = 0x400, /* RW, 8 bits a line */
	GICD_ITARGETSR = 0x800,  /* RW, 8 bits a line */
	GICD_ICFGR = 0xc00,      /* RW, 2 bits a line */
};

enum gicc_register {
	GICC_CTLR = 0x000, /* RW */
	GICC_PMR = 0x004,  /* RW */
};

enum {
	GIC_ENABLE_GROUPS = 3, /* as seen from either security state */
	GIC_PRIORITY = 0x80,
	GIC_SPI_FIRST = 32,
	ICFGR_EDGE = 2,
};

/* What does not happen in so many looks is not waited for any longer. */
#define PATIENCE 100000

/* Lets a device's line be pending for a moment, to see that it ends waits. */
static bool is_heard(const struct gicv2 *gic, uint32_t irq)
{
	uintptr_t word = irq / 32 * 4;
	bool heard = false;

	mmio_write32(gic->dist + GICD_ISPENDR + word, 1u << irq % 32);
	for (int i = 0; i < PATIENCE && !heard; i++)
		heard = arch_irq_pending();
	mmio_write32(gic->dist + GICD_ICPENDR + word, 1u << irq % 32);
	return heard;
}

static bool enable(struct irqchip *chip, uint32_t irq, bool edge)
{
	struct gicv2 *gic = (struct gicv2 *)chip;
	uintptr_t config = gic->dist + GICD_ICFGR + irq / 16 * 4;

	if (irq >= GICV2_LINES_MAX)
		return false;
	mmio_write32(config, mmio_read32(config) | (uint32_t)(edge * ICFGR_EDGE) << irq % 16 * 2);
	gic->edges[irq / 32] |= (uint32_t)edge << irq % 32;
	mmio_write8(gic->dist + GICD_IPRIORITYR + irq, GIC_PRIORITY);
	/* To us: line 0 is always aimed at who reads. The processor's own lines ignore it. */
	mmio_write8(gic->dist + GICD_ITARGETSR + irq, mmio_read8(gic->dist + GICD_ITARGETSR));
	mmio_write32(gic->dist + GICD_ISENABLER + irq / 32 * 4, 1u << irq % 32);
	return irq < GIC_SPI_FIRST || is_heard(gic, irq);
}

static void settle(struct irqchip *chip)
{
	struct gicv2 *gic = (struct gicv2 *)chip;

	for (uint32_t i = 0; i < GICV2_LINES_MAX / 32; i++)
		if (gic->edges[i])
			mmio_write32(gic->dist + GICD_ICPENDR + i * 4, gic->edges[i]);
	chip->acknowledge();
}

static void disable(struct irqchip *chip)
{
	struct gicv2 *gic = (struct gicv2 *)chip;

	mmio_write32(gic->cpu + GICC_CTLR, 0);
}

static const struct irqchip_ops gicv2_ops = {
	.enable = enable, .settle = settle, .disable = disable};

void gicv2_init(struct gicv2 *gic, uintptr_t dist, uintptr_t cpu)
{
	*gic = (struct gicv2){.chip.ops = &gicv2_ops, .dist = dist, .cpu = cpu};
	mmio_write32(dist + GICD_CTLR, GIC_ENABLE_GROUPS);
	mmio_write32(cpu + GICC_PMR, 0xff);
	mmio_write32(cpu + GICC_CTLR, GIC_ENABLE_GROUPS);
}
