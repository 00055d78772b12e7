/* SPDX-License-Identifier: MIT */
/*
 * gicv3.c - Arm's generic interrupt controller, version 3: -M virt,gic-version=3, and most real
 * hosts.
 *
 * IHI 0069H, 12.9 (GICD), 12.11 (GICR), 12.2 (ICC system registers, which a hypervisor with
 * hardware help does not trap; so latched edges are acknowledged there). Left out: LPIs and the
 * ITS.
 */
#include "gicv3.h"
#include "arch.h"
#include "mmio.h"
#include "sysreg.h"

enum gicd_register {
	GICD_CTLR = 0x0000,       /* RW */
	GICD_IGROUPR = 0x0080,    /* RW, 1 bit a line */
	GICD_ISENABLER = 0x0100,  /* RW, 1 bit a line */
	GICD_ISPENDR = 0x0200,    /* RW, 1 bit a line */
	GICD_ICPENDR = 0x0280,    /* RW, 1 bit a line */
	GICD_IPRIORITYR = 0x0400, /* RW, 8 bits a line */
	GICD_ICFGR = 0x0c00,      /* RW, 2 bits a line */
	GICD_IGRPMODR = 0x0d00,   /* RW, 1 bit a line; only in the secure state of two */
	GICD_IROUTER = 0x6000,    /* RW, 64 bits a line */
};

enum gicr_register {
	GICR_TYPER = 0x0008, /* R, 64 bits */
	GICR_WAKER = 0x0014, /* RW */
	GICR_SGI = 0x10000,  /* lines 0 to 31, laid out as in the distributor */
};

enum {
	GICD_CTLR_GROUPS = 7,   /* all, as seen from either security state */
	GICD_CTLR_ARE = 3 << 4, /* of either */
	GICD_CTLR_DS = 1 << 6,  /* there is but one security state */
	GICR_TYPER_VLPIS = 1 << 1,
	GICR_TYPER_LAST = 1 << 4,
	GICR_FRAME = 0x20000,
	GICR_WAKER_SLEEP = 1 << 1,
	GICR_WAKER_ASLEEP = 1 << 2,
	GIC_SPI_FIRST = 32,
	GIC_LINES_MAX = 1020,
	GIC_PRIORITY = 0x80,
	ICFGR_EDGE = 2,
};

/* What does not happen in so many looks is not waited for any longer. */
#define PATIENCE 100000

/* Aff3.Aff2.Aff1.Aff0 as GICR_TYPER has them. */
static uint32_t affinity(void)
{
	uint64_t mpidr = sysreg_read(MPIDR_EL1);

	return (uint32_t)(mpidr & 0xffffff) | (uint32_t)(mpidr >> 32 & 0xff) << 24;
}

static void set_bit(uintptr_t word, uint32_t bit, bool value)
{
	mmio_write32(word, (mmio_read32(word) & ~bit) | (value ? bit : 0));
}

/* Lets a device's line be pending for a moment, to see that it ends waits. */
static bool is_heard(const struct gicv3 *gic, uintptr_t word, uint32_t bit)
{
	bool heard = false;

	mmio_write32(gic->dist + GICD_ISPENDR + word, bit);
	for (int i = 0; i < PATIENCE && !heard; i++)
		heard = arch_irq_pending();
	mmio_write32(gic->dist + GICD_ICPENDR + word, bit);
	return heard;
}

/*
 * The interrupts that are IRQs, not FIQs, where we run are those of group 1 of our own security
 * state (4.6.2).
 */
static bool enable(struct irqchip *chip, uint32_t irq, bool edge)
{
	struct gicv3 *gic = (struct gicv3 *)chip;
	uintptr_t base = irq < GIC_SPI_FIRST ? gic->redist + GICR_SGI : gic->dist;
	uintptr_t word = irq / 32 * 4, config = base + GICD_ICFGR + irq / 16 * 4;
	uint32_t bit = 1u << irq % 32, route = affinity();

	if (irq >= GIC_LINES_MAX)
		return false;
	if (edge)
		mmio_write32(config, mmio_read32(config) | (uint32_t)ICFGR_EDGE << irq % 16 * 2);
	set_bit(base + GICD_IGROUPR + word, bit, !gic->secure);
	if (gic->secure)
		set_bit(base + GICD_IGRPMODR + word, bit, true);
	mmio_write8(base + GICD_IPRIORITYR + irq, GIC_PRIORITY);
	if (irq >= GIC_SPI_FIRST) {
		mmio_write32(base + GICD_IROUTER + irq * 8, route & 0xffffff);
		mmio_write32(base + GICD_IROUTER + irq * 8 + 4, route >> 24);
	}
	mmio_write32(base + GICD_ISENABLER + word, bit);
	return irq < GIC_SPI_FIRST || is_heard(gic, word, bit);
}

static void settle(struct irqchip *chip)
{
	uint32_t irq = (uint32_t)sysreg_read(ICC_IAR1_EL1);

	__asm__ volatile("dsb sy" ::: "memory");
	if (irq < GIC_LINES_MAX)
		sysreg_write(ICC_EOIR1_EL1, irq);
	sysreg_barrier();
	chip->acknowledge();
}

static void disable(struct irqchip *chip)
{
	(void)chip;
	sysreg_write(ICC_IGRPEN1_EL1, 0);
	sysreg_barrier();
}

static const struct irqchip_ops gicv3_ops = {
	.enable = enable, .settle = settle, .disable = disable};

/* The frame whose TYPER names us; frames with virtual LPIs are twice as long. */
static uintptr_t find_redistributor(uintptr_t redist, uintptr_t size)
{
	for (uintptr_t at = redist; at - redist < size;) {
		uint32_t low = mmio_read32(at + GICR_TYPER);

		if (mmio_read32(at + GICR_TYPER + 4) == affinity())
			return at;
		if (low & GICR_TYPER_LAST)
			break;
		at += low & GICR_TYPER_VLPIS ? 2 * GICR_FRAME : GICR_FRAME;
	}
	return 0;
}

/* Are there two security states, and ours is the secure one? Others cannot set this register. */
static bool is_secure(const struct gicv3 *gic)
{
	uintptr_t modifiers = gic->redist + GICR_SGI + GICD_IGRPMODR;
	uint32_t before = mmio_read32(modifiers), after;

	mmio_write32(modifiers, before | 1);
	after = mmio_read32(modifiers);
	mmio_write32(modifiers, before);
	return after & 1;
}

int gicv3_init(struct gicv3 *gic, uintptr_t dist, uintptr_t redist, uintptr_t size)
{
	uint32_t ctlr;

	gic->chip.ops = &gicv3_ops;
	gic->dist = dist;
	gic->redist = find_redistributor(redist, size);
	if (!gic->redist)
		return -1;

	ctlr = mmio_read32(dist + GICD_CTLR) & GICD_CTLR_DS;
	mmio_write32(dist + GICD_CTLR, ctlr | GICD_CTLR_ARE);
	mmio_write32(dist + GICD_CTLR, ctlr | GICD_CTLR_ARE | GICD_CTLR_GROUPS);
	mmio_write32(gic->redist + GICR_WAKER,
	             mmio_read32(gic->redist + GICR_WAKER) & ~(uint32_t)GICR_WAKER_SLEEP);
	for (int i = 0; i < PATIENCE; i++)
		if (!(mmio_read32(gic->redist + GICR_WAKER) & GICR_WAKER_ASLEEP))
			break;
	gic->secure = is_secure(gic);

	sysreg_write(ICC_SRE_EL1, sysreg_read(ICC_SRE_EL1) | 1);
	sysreg_barrier();
	sysreg_write(ICC_PMR_EL1, 0xff);
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	sysreg_barrier();
	return 0;
}
